"""The compiled kernels against the plain product, finite differences and torch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import kinverse as kv
from kinverse.robot import torch_kinematics as differentiable
from kinverse.robot.kernels import LANES
from tests.support.random_arms import chains, random_chain

seeds = st.integers(0, 2**32 - 1)


def plain_jacobian(arm: kv.Arm, q: np.ndarray) -> np.ndarray:
    """Central differences of the plain product; the angular rows from the skew part of dR · Rᵀ."""
    step = 1e-6
    columns = []
    R = arm.link_poses(q)[-1, :3, :3]
    for joint in range(arm.dof):
        ahead, behind = q.copy(), q.copy()
        ahead[joint] += step
        behind[joint] -= step
        dT = (arm.link_poses(ahead)[-1] - arm.link_poses(behind)[-1]) / (2 * step)
        W = dT[:3, :3] @ R.T
        columns.append([*dT[:3, 3], W[2, 1], W[0, 2], W[1, 0]])
    return np.array(columns).T


@given(chains, seeds, st.sampled_from([1, 2, LANES - 1, LANES, LANES + 1, 2 * LANES + 1]))
def test_poses_are_the_plain_product(arm: kv.Arm, seed: int, n: int) -> None:
    q = arm.sample(n, seed) * 3.0
    T = arm.forward_kinematics(q)
    np.testing.assert_allclose(T, arm.link_poses(q)[:, -1], rtol=0, atol=1e-13)
    np.testing.assert_array_equal(T[:, 3], np.tile([0.0, 0.0, 0.0, 1.0], (n, 1)))


@given(chains, seeds, st.sampled_from([1e3, 1e5, 0.99e6, 1e7, 1e15]))
def test_huge_angles(arm: kv.Arm, seed: int, size: float) -> None:
    q = arm.sample(LANES + 6, seed)
    q[3, ~arm.is_prismatic] += size
    q[-1, ~arm.is_prismatic] -= size
    np.testing.assert_allclose(arm.forward_kinematics(q), arm.link_poses(q)[:, -1], rtol=0, atol=1e-13)


def test_sine_and_cosine_to_two_units_in_the_last_place() -> None:
    arm = kv.planar_arm((1.0,))
    quarters = np.arange(-4000, 4001)[:, None] * (np.pi / 2)  # where the quadrant changes and where a result is near 0
    random = np.random.default_rng(0).uniform(-1e6, 1e6, size=(100_000, 1))
    q = np.concatenate([quarters, np.nextafter(quarters, 0), np.nextafter(quarters, np.inf), random, [[1e6], [-1e6]]])
    T = arm.forward_kinematics(q)
    np.testing.assert_allclose(T[:, 0, 0], np.cos(q[:, 0]), rtol=4.5e-16, atol=0)
    np.testing.assert_allclose(T[:, 1, 0], np.sin(q[:, 0]), rtol=4.5e-16, atol=0)
    assert arm.forward_kinematics([0.0]).tolist() == [[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]


@given(chains, seeds)
def test_jacobians_are_the_finite_differences(arm: kv.Arm, seed: int) -> None:
    q = arm.sample(LANES + 1, seed)
    J = arm.jacobian(q)
    for row in (0, LANES):  # both blocks
        np.testing.assert_allclose(J[row], plain_jacobian(arm, q[row]), atol=2e-8)


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")  # torch.func's own use
@given(chains, seeds)
def test_jacobians_are_those_of_torch(arm: kv.Arm, seed: int) -> None:
    q = arm.sample(3, seed)
    J = arm.jacobian(q)
    for row in range(3):
        dT = torch.func.jacfwd(lambda x: differentiable.forward_kinematics(arm, x))(
            torch.tensor(q[row])
        ).numpy()  # (4, 4, dof)
        W = np.einsum("ikd,jk->ijd", dT[:3, :3], arm.forward_kinematics(q[row])[:3, :3])
        expected = np.stack([*dT[:3, 3], W[2, 1], W[0, 2], W[1, 0]])
        np.testing.assert_allclose(J[row], expected, atol=1e-13)
    np.testing.assert_allclose(differentiable.jacobian(arm, torch.tensor(q)).numpy(), J, atol=1e-13)


def test_the_same_bits_every_time_and_wherever_a_row_stands() -> None:
    arm = random_chain(11, 7)
    q = arm.sample(3 * LANES + 5, seed=2)
    poses, jacobians = arm.forward_kinematics(q), arm.jacobian(q)
    for _ in range(3):
        assert arm.forward_kinematics(q).tobytes() == poses.tobytes()
        assert arm.jacobian(q).tobytes() == jacobians.tobytes()
    for row in (0, LANES - 1, LANES, len(q) - 1):
        assert arm.forward_kinematics(q[row]).tobytes() == poses[row].tobytes()
        assert arm.jacobian(q[row]).tobytes() == jacobians[row].tobytes()


def test_inputs_are_left_alone() -> None:
    arm = random_chain(3, 5)
    q = arm.sample(70, seed=0)
    before = q.copy()
    arm.forward_kinematics(q)
    arm.jacobian(q)
    np.testing.assert_array_equal(q, before)


def test_compilation_is_announced_once_and_only_without_a_cache(tmp_path: Path) -> None:
    code = "import kinverse as kv; a = kv.load_arm('planar3'); [a.forward_kinematics(a.sample(1, 0)) for _ in range(3)]"
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}

    def run() -> str:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout == ""
        return done.stderr

    first = run()
    assert first == "kinverse: compiling forward_batch (once per machine, a few seconds) …\n"
    assert run() == ""
