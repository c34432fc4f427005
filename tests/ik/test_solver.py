"""`Solver.solve` from outside: Pinocchio, geometry and the published rows decide what is right."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kinverse as kv
from kinverse.geometry import position_error, rotation_error
from kinverse.ik.solver import MAX_CHUNK
from kinverse.ik.targets import pack_targets
from kinverse.robot.catalog import ASSETS
from tests.support.random_arms import degenerate_chain
from tests.support.urdf_chains import CHAINS, pinocchio_chain


def check_with_pinocchio(path: Path, arm: kv.Arm, count: int = 60) -> None:
    targets, _ = pinocchio_chain(path, arm, arm.sample(count, 7))
    found = kv.Solver(arm, threads=1).solve(targets)
    assert found.converged.all()
    reached, _ = pinocchio_chain(path, arm, found.q)
    assert position_error(reached, targets).max() < 1e-8
    assert rotation_error(reached, targets).max() < 1e-7
    assert (found.q >= arm.lower).all() and (found.q <= arm.upper).all()


@pytest.mark.parametrize(("file", "base", "tool"), CHAINS, ids=lambda value: Path(str(value)).stem)
def test_real_robots(robots_folder: Path, file: str, base: str | None, tool: str | None) -> None:
    path = robots_folder / file
    check_with_pinocchio(path, kv.load_arm(path, base=base, tool=tool))


@pytest.mark.parametrize("name", ["panda", "ur5", "iiwa14"])
def test_catalog(name: str) -> None:
    check_with_pinocchio(ASSETS / f"{name}.urdf", kv.load_arm(name), 2000)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["pose", "position", "planar"]), st.booleans())
def test_any_chain_in_and_out_of_reach(seed: int, kind: str, far: bool) -> None:
    """No crash, no NaN, no limit violated; what has converged is confirmed by `Arm`."""
    arm, goal = degenerate_chain(seed), kv.Goal(kind)  # type: ignore[arg-type]
    rng = np.random.default_rng(seed)
    targets = goal.targets(arm.forward_kinematics(np.clip(arm.sample(24, rng), arm.lower, arm.upper)))
    if far:
        away = rng.normal(0.0, 3.0, (24, 3))
        if goal.has_rotation:
            targets[:, :3, 3] += away
        else:
            targets = targets + away[:, : targets.shape[1]]
    found = kv.Solver(arm, goal, threads=1).solve(targets)
    assert np.isfinite(found.q).all() and np.isfinite(found.position_error).all()
    assert (found.q >= arm.lower).all() and (found.q <= arm.upper).all()
    reached = goal.targets(arm.forward_kinematics(found.q))
    if goal.has_rotation:
        miss, angle = position_error(reached, targets), rotation_error(reached, targets)
    else:
        miss, angle = np.linalg.norm(reached - targets, axis=1), np.zeros(24)
    assert np.allclose(found.position_error, miss, atol=1e-9)
    assert np.allclose(found.rotation_error, angle, atol=1e-8)
    assert np.array_equal(found.converged, (found.position_error <= 1e-9) & (found.rotation_error <= 1e-9))


@pytest.mark.parametrize("goal", [kv.Goal.pose(), kv.Goal.position()], ids=["pose", "position"])
def test_what_is_in_reach_is_reached(goal: kv.Goal) -> None:
    converged = []
    for seed in range(60):
        arm = degenerate_chain(seed)
        q = np.clip(arm.sample(24, seed), arm.lower, arm.upper)
        solver = kv.Solver(arm, goal, threads=1)
        converged.append(solver.solve(goal.targets(arm.forward_kinematics(q))).converged)
    assert np.mean(converged) > 0.995


@pytest.mark.parametrize("name", ["panda", "nao-left", "planar3"])
def test_an_answer_does_not_depend_on_the_batch_or_the_threads(name: str) -> None:
    arm = kv.load_arm(name)
    targets = arm.forward_kinematics(arm.sample(2 * MAX_CHUNK + 100, 3))
    targets[::17, 0, 3] += 5.0
    targets = kv.Goal.default(arm).targets(targets)
    one, two = (kv.Solver(arm, threads=n).solve(targets) for n in (1, 2))
    for part in one.__dataclass_fields__:
        assert np.array_equal(getattr(one, part), getattr(two, part)), part
    solver = kv.Solver(arm)
    for row in (0, 1, 17, 500, MAX_CHUNK, 2 * MAX_CHUNK + 99):
        alone = solver.solve(targets[row])
        assert np.array_equal(alone.q, one.q[row]) and alone.iterations == one.iterations[row]
        assert alone.converged.shape == ()
    few = solver.solve(targets[40:43])
    assert np.array_equal(few.q, one.q[40:43]) and np.array_equal(few.attempts, one.attempts[40:43])


def test_batch_axes() -> None:
    solver = kv.Solver("panda")
    targets = solver.arm.forward_kinematics(solver.arm.sample(6, 0))
    grid = solver.solve(targets.reshape(2, 3, 4, 4))
    assert grid.q.shape == (2, 3, 7) and grid.converged.shape == (2, 3)
    assert np.array_equal(grid.q.reshape(6, 7), solver.solve(targets).q)
    for empty in ([], np.empty((0, 4, 4))):
        assert len(solver.solve(empty)) == 0 and solver.solve(empty).q.shape == (0, 7)


def test_planar_square_to_machine_precision() -> None:
    """Every point of the reachable square is reached; outside, the miss is the geometric distance."""
    solver = kv.Solver("planar3", kv.Goal.planar(position_tolerance=1e-12))
    axis = np.linspace(-2.12, 2.12, 101)
    points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    points = points[np.linalg.norm(points, axis=1) <= 3.0]
    found = solver.solve(points)
    assert found.converged.all()
    angles = np.cumsum(found.q, axis=1)
    tip = np.stack([np.cos(angles).sum(axis=1), np.sin(angles).sum(axis=1)], axis=1)
    assert np.linalg.norm(tip - points, axis=1).max() <= 1e-12
    angle = np.linspace(0, 2 * np.pi, 50)
    away = np.concatenate([r * np.stack([np.cos(angle), np.sin(angle)], axis=1) for r in (3.0001, 3.2, 5.0, 100.0)])
    missed = solver.solve(away)
    assert not missed.converged.any()
    assert np.abs(missed.position_error - (np.linalg.norm(away, axis=1) - 3.0)).max() < 1e-9


def test_planar_hole_and_limits() -> None:
    """A short second link leaves a hole in the middle; limits cut off more; both distances are known."""
    ring = kv.Solver(kv.planar_arm([1.0, 0.25]))
    inside = np.array([[0.0, 0.0], [0.3, 0.1], [-0.5, 0.5]])
    missed = ring.solve(inside)
    assert not missed.converged.any()
    assert np.abs(missed.position_error - (0.75 - np.linalg.norm(inside, axis=1))).max() < 1e-9
    bent = kv.Solver(kv.planar_arm([1.0], max_angle=1.0))
    found = bent.solve([[0.0, 1.0]])  # on the circle, but at 90 degrees: the closest is the limit
    assert found.q[0, 0] == 1.0
    assert found.position_error[0] == pytest.approx(2.0 * np.sin((np.pi / 2 - 1.0) / 2.0), abs=1e-12)


def test_start_keeps_the_answer_near() -> None:
    arm = kv.load_arm("ur5")
    solver = kv.Solver(arm)
    q = arm.sample(300, 5)
    near = np.clip(q + np.random.default_rng(0).normal(0, 0.02, q.shape), arm.lower, arm.upper)
    found = solver.solve(arm.forward_kinematics(q), start=near)
    assert found.converged.all()
    assert np.median(np.abs(found.q - q).max(axis=1)) < 1e-6
    assert np.abs(found.q - near).max(axis=1).mean() < 0.2
    one = solver.solve(arm.forward_kinematics(q[:3]), start=q[0])  # one start for all
    assert np.allclose(one.q[0], q[0], atol=1e-8)


@pytest.mark.parametrize("name", ["ur5", "panda"])
def test_nearest_to_a_posture(name: str) -> None:
    """The same posture is found again, and no other solver's answer is nearer."""
    arm = kv.load_arm(name)
    solver = kv.Solver(arm)
    q = arm.sample(60, 8)
    again = solver.solve(arm.forward_kinematics(q), nearest_to=q)
    assert np.abs(again.q - q).max() < 1e-6
    posture = arm.sample(1, 9)[0]
    found = solver.solve(arm.forward_kinematics(q), nearest_to=posture)
    assert found.converged.all()
    plain = solver.solve(arm.forward_kinematics(q), start=posture)
    distance, other = (np.linalg.norm(f.q - posture, axis=1) for f in (found, plain))
    assert (distance <= other + 1e-6).mean() > 0.95 and distance.mean() < 0.95 * other.mean()


def test_goals() -> None:
    arm = kv.load_arm("ur5")
    q = arm.sample(200, 1)
    targets = arm.forward_kinematics(q)
    turn = np.eye(4)
    turn[:2, :2] = [[0.0, -1.0], [1.0, 0.0]]
    for turned in (targets, targets @ turn):  # a quarter turn about the tool's z changes nothing
        found = kv.Solver(arm, kv.Goal.axis("z")).solve(turned)
        assert found.converged.all()
        reached = arm.forward_kinematics(found.q)
        assert position_error(reached, turned).max() < 1e-8
        assert np.abs(reached[:, :3, 2] - turned[:, :3, 2]).max() < 1e-8
    for goal in (kv.Goal.position(), kv.Goal.planar(), kv.Goal.position(free=("x", "z"))):
        place = kv.Solver(arm, goal).solve(goal.targets(targets))
        assert place.converged.all() and (place.rotation_error == 0.0).all()
        counted = ["xyz".index(name) for name in "xyz"[: goal.coordinates] if name not in goal.free]
        assert np.abs((arm.forward_kinematics(place.q) - targets)[:, counted, 3]).max() < 1e-8
    wrist = kv.Solver(arm, kv.Goal.pose(free=("x", "y", "z"))).solve(targets)
    assert rotation_error(arm.forward_kinematics(wrist.q), targets).max() < 1e-8


def test_nearly_orthonormal_rotations_are_re_orthonormalised() -> None:
    solver = kv.Solver("panda")
    exact = solver.arm.forward_kinematics(solver.arm.sample(20, 0))
    printed = np.round(exact, 4)
    assert np.abs(printed - exact)[:, :3, :3].max() > 1e-5
    found = solver.solve(printed)
    assert found.converged.all()
    reached = solver.arm.forward_kinematics(found.q)
    assert rotation_error(reached, exact).max() < 2e-4
    packed, faults, _ = pack_targets(solver.goal, printed)
    axes = packed[:, 3:].reshape(-1, 3, 3)
    assert faults is None and np.abs(axes @ np.swapaxes(axes, 1, 2) - np.eye(3)).max() < 1e-12
    u, _, vt = np.linalg.svd(printed[:, :3, :3])
    assert np.abs(reached[:, :3, :3] - u @ vt).max() < 1e-8  # the nearest rotation, by another road


def test_solving_never_imports_torch(tmp_path: Path) -> None:
    script = (
        "import sys, kinverse as kv; s = kv.Solver('panda'); T = s.arm.forward_kinematics(s.arm.sample(3)); "
        "assert s.solve(T).converged.all(); s.all_solutions(T[0]); s.track(T); print('torch' in sys.modules, "
        "'scipy.optimize' in sys.modules, 'matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"] * 3


def test_repr_says_what_is_what() -> None:
    solver = kv.Solver("planar3", network=None)
    assert repr(solver) == "Solver('planar3', 3 joints, planar goal, seeds from stored samples, to 1e-09 m)"
    found = solver.solve([[1.0, 1.0], [9.0, 0.0]])
    assert repr(found) == "Solutions(1 of 2 converged, errors up to 6 m, q (2, 3))"
    assert found._repr_html_().count("<tr>") == 3 and ">no<" in found._repr_html_()
    panda = kv.Solver("panda")
    T = panda.arm.forward_kinematics(panda.arm.sample(1, 0))
    T[:, :3, 3] *= 10.0
    assert repr(panda.solve(T)).endswith(" rad, q (1, 7))")
    assert repr(panda.arm) == "Arm('panda', 7 joints, panda_link0 → panda_link8)"
    assert panda.arm._repr_html_().count("panda_joint") == 7
    assert repr(found[:1]) == "Solutions(1 of 1 converged, q (1, 3))"
