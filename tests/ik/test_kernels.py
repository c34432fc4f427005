"""The lanes and the step that is made of them, against NumPy, `Arm` and finite differences."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import kinverse as kv
from kinverse.geometry import position_error, rotation_error
from kinverse.ik.kernels.lanes import (
    WIDTH,
    any_lane,
    floor,
    lane_bits,
    load,
    maximum,
    minimum,
    select,
    splat,
    sqrt,
    store,
)
from kinverse.ik.kernels.ranking import nearest_samples
from kinverse.ik.kernels.residual import Rows, evaluate, lay_out, sincos
from kinverse.ik.kernels.verify import nearest_turn, verify
from kinverse.ik.search import chain_of, objective_of
from kinverse.ik.seeds import SeedTable, pack, spread
from tests.support.random_arms import degenerate_chain


@numba.njit(error_model="numpy")
def _arithmetic(work):  # type: ignore[no-untyped-def]
    x, y = load(work, 0), load(work, 1)
    store(work, 2, x + y * 2.0)
    store(work, 3, (1.0 - x) / y)
    store(work, 4, select((x < y) & ~(x < 0.0) | (y >= 2.0), -x, 3.0))
    store(work, 5, minimum(maximum(x, -0.5), y))
    store(work, 6, floor(x) + sqrt(splat(4.0)))
    return any_lane(x > 1e9), lane_bits(x < y)


def test_lanes_do_what_numpy_does() -> None:
    rng = np.random.default_rng(0)
    work = np.zeros((7, WIDTH))
    work[:2] = rng.normal(0.0, 2.0, (2, WIDTH))
    x, y = work[:2].copy()
    some, bits = _arithmetic(work)
    assert np.allclose(work[2], x + 2.0 * y, rtol=1e-15)
    assert np.array_equal(work[3], (1.0 - x) / y)
    assert np.array_equal(work[4], np.where(((x < y) & ~(x < 0.0)) | (y >= 2.0), -x, 3.0))
    assert np.array_equal(work[5], np.minimum(np.maximum(x, -0.5), y))
    assert np.array_equal(work[6], np.floor(x) + 2.0)
    assert not some
    assert bits == sum(1 << lane for lane in range(WIDTH) if x[lane] < y[lane])


@numba.njit(error_model="numpy")
def _sincos(work):  # type: ignore[no-untyped-def]
    sine, cosine = sincos(load(work, 0))
    store(work, 1, sine)
    store(work, 2, cosine)


def test_sine_and_cosine_in_every_quadrant() -> None:
    quarters = np.arange(-9, 10) * np.pi / 4
    around = (quarters[:, None] + [-1e-9, 0.0, 1e-9, 0.3]).ravel()
    angles = np.concatenate([around, np.random.default_rng(0).uniform(-1e5, 1e5, 4020)])
    for group in angles[: len(angles) // WIDTH * WIDTH].reshape(-1, WIDTH):
        work = np.zeros((3, WIDTH))
        work[0] = group
        _sincos(work)
        assert np.abs(work[1] - np.sin(group)).max() < 5e-16
        assert np.abs(work[2] - np.cos(group)).max() < 5e-16


@numba.njit(error_model="numpy")
def _evaluate(work, chain, goal, rows):  # type: ignore[no-untyped-def]
    position, rotation, _ = evaluate(work, rows, chain, goal, rows.jacobian, rows.residual)
    store(work, rows.cost, position)
    store(work, rows.slow, rotation)


@numba.njit
def _lay_out(dof, rows):  # type: ignore[no-untyped-def]
    return lay_out(dof, rows)


GOALS = [
    kv.Goal.pose(), kv.Goal.pose(free=("z",)), kv.Goal.pose(free=("x", "y", "z")), kv.Goal.axis("z"),
    kv.Goal.axis("x", free=("y",)), kv.Goal.position(), kv.Goal.position(free=("z",)), kv.Goal.planar(),
]  # fmt: skip


@given(st.integers(0, 2**32 - 1), st.sampled_from(GOALS))
def test_residual_and_jacobian(seed: int, what: kv.Goal) -> None:
    """The residual is what `Arm` and geometry say, and the Jacobian its derivative by finite differences at the target,
    where the geometric Jacobian is exact."""
    arm = degenerate_chain(seed, max_joints=9)
    goal, chain = objective_of(arm, what), chain_of(arm)
    rows = Rows(*_lay_out(arm.dof, goal.rows))
    q = np.clip(arm.sample(WIDTH, seed), arm.lower, arm.upper)
    other = np.clip(arm.sample(WIDTH, seed + 1), arm.lower, arm.upper)

    def run(target_q: np.ndarray) -> np.ndarray:
        work = np.zeros((rows.end, WIDTH))
        work[rows.trial : rows.trial + arm.dof] = q.T
        work[rows.target : rows.target + 12] = pack(arm.forward_kinematics(target_q)).T
        _evaluate(work, chain, goal, rows)
        return work

    work, T, T_target = run(other), arm.forward_kinematics(q), arm.forward_kinematics(other)
    count = min(goal.rows, 3)
    miss = (T_target - T)[:, :count, 3] * goal.weights[:count]
    assert np.allclose(work[rows.residual : rows.residual + count].T, miss, atol=1e-12)
    assert np.allclose(work[rows.cost], (miss**2).sum(axis=1), atol=1e-12)
    if goal.rows == 6:
        if goal.axis < 0:
            angle = rotation_error(T, T_target)
        else:
            angle = np.arccos(np.clip((T[:, :3, goal.axis] * T_target[:, :3, goal.axis]).sum(axis=1), -1, 1))
        assert np.allclose(np.sqrt(work[rows.slow]), 2.0 * np.sin(angle / 2.0), atol=1e-6)
    at_target = run(q)
    for joint in range(arm.dof):
        h = np.zeros(arm.dof)
        h[joint] = 1e-6
        ahead, behind = run(q + h), run(q - h)
        slope = (ahead - behind)[rows.residual : rows.residual + goal.rows] / 2e-6
        column = at_target[rows.jacobian + 6 * joint : rows.jacobian + 6 * joint + goal.rows]
        assert np.abs(slope - column).max() < 1e-6


def test_verification_measures_what_geometry_measures() -> None:
    arm = kv.load_arm("panda")
    goal = objective_of(arm, kv.Goal.pose(position_tolerance=1e-6, rotation_tolerance=1e-6))
    chain = chain_of(arm)
    q, other = arm.sample(200, 0), arm.sample(200, 1)
    other[:50] = q[:50] + 1e-7
    converged, errors = np.zeros(200, bool), np.zeros((2, 200))
    limits = np.array([arm.lower, arm.upper])
    _verify(chain, limits, goal, pack(arm.forward_kinematics(other)), np.zeros((1, 7)), q.copy(), converged, errors)
    assert np.allclose(errors[0], position_error(arm.forward_kinematics(q), arm.forward_kinematics(other)), atol=1e-14)
    assert np.allclose(errors[1], rotation_error(arm.forward_kinematics(q), arm.forward_kinematics(other)), atol=1e-14)
    assert converged[:50].all() and not converged[50:].any()
    outside = q.copy()
    outside[:, 3] = arm.upper[3] + 1e-3  # what lies outside the limits has not converged, however close the tool is
    _verify(
        chain, limits, goal, pack(arm.forward_kinematics(outside)), np.zeros((1, 7)), outside.copy(), converged, errors
    )
    assert errors.max() < 1e-6 and not converged.any()


@numba.njit
def _verify(chain, limits, goal, targets, references, q, converged, errors):  # type: ignore[no-untyped-def]
    verify(chain, limits, goal, targets, references, q, converged, errors)


@numba.njit
def _nearest_turn(q, reference, lower, upper):  # type: ignore[no-untyped-def]
    return nearest_turn(q, reference, lower, upper)


@given(st.floats(-30, 30), st.floats(-30, 30), st.floats(-20, 20), st.floats(6.3, 30))
@example(0.0, -4.0, 1e-97, 7.0)  # a whole turn ends a hair below the lower limit
def test_nearest_turn(q: float, reference: float, lower: float, width: float) -> None:
    turned = _nearest_turn(q, reference, lower, lower + width)
    assert lower <= turned <= lower + width
    assert abs(np.sin(turned - q)) < 1e-9 and np.cos(turned - q) > 0.9
    others = turned + 2 * np.pi * np.arange(-12, 13)
    allowed = others[(others >= lower + 1e-9) & (others <= lower + width - 1e-9)]  # at a limit, rounding decides
    assert abs(turned - reference) <= np.abs(allowed - reference).min() + 1e-9


@numba.njit
def _nearest_samples(features, weights, target, work, numbers):  # type: ignore[no-untyped-def]
    nearest_samples(features, weights, target, work, numbers)


@pytest.mark.parametrize(
    ("name", "what"), [("panda", kv.Goal.pose()), ("ur5", kv.Goal.axis("y")), ("planar3", kv.Goal.planar())]
)
def test_nearest_samples_are_the_nearest_of_their_lanes(name: str, what: kv.Goal) -> None:
    arm = kv.load_arm(name)
    table = SeedTable.of(arm, objective_of(arm, what))
    stored = pack(arm.forward_kinematics(table.q)) * table.weights
    for target in pack(arm.forward_kinematics(arm.sample(20, 1))):
        numbers = np.zeros(WIDTH, np.int64)
        _nearest_samples(table.features, table.weights, target, np.zeros((2, WIDTH)), numbers)
        distance = np.linalg.norm(stored - target * table.weights, axis=1)
        best = {int(distance[lane::WIDTH].argmin()) * WIDTH + lane for lane in range(WIDTH)}
        assert set(numbers.tolist()) == best
        assert (np.diff(distance[numbers]) >= -1e-12).all()


def test_spread_fills_the_limits() -> None:
    arm = kv.load_arm("panda")
    q = spread(arm, 1000)
    assert arm.within_limits(q).all()
    share = (q - arm.lower) / (arm.upper - arm.lower)
    counts = [np.histogram(column, 10, (0, 1))[0] for column in share.T]
    assert np.abs(np.array(counts) - 100).max() <= 4  # random draws scatter by 10
    assert np.array_equal(spread(arm, 10, skip=5), spread(arm, 15)[5:])
