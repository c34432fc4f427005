"""Revolute joints with limits such as ±100 or ±1e16: whole turns are counted, never listed."""

from __future__ import annotations

import dataclasses
import tracemalloc

import numpy as np
import pytest

import kinverse as kv


def wide(limit: float) -> kv.Arm:
    """A six-joint arm whose limits are placeholders."""
    arm = kv.load_arm("ur5")
    return dataclasses.replace(arm, lower=np.full(6, -limit), upper=np.full(6, limit))


LIMITS = (10.0, 31.5, 100.0, 1e6, 1e16, 1.7976931348623157e308)


@pytest.mark.parametrize("limit", LIMITS)
def test_poses_are_solved_as_with_narrow_limits(limit: float) -> None:
    arm = wide(limit)
    poses = arm.forward_kinematics(kv.load_arm("ur5").sample(500, seed=3))
    found, narrow = (kv.Solver(one, network=None).solve(poses) for one in (arm, wide(13.0)))
    assert found.converged.all()
    np.testing.assert_array_equal(found.q, narrow.q)
    assert found.iterations.mean() < 30


@pytest.mark.parametrize("limit", LIMITS)
def test_branches_are_the_same_and_turns_are_counted(limit: float) -> None:
    pose = kv.load_arm("ur5").forward_kinematics([0.3, -1.2, 1.4, -0.5, 0.8, 0.7])
    branches = kv.Solver(wide(limit)).all_solutions(pose)
    np.testing.assert_allclose(branches.q, kv.Solver(wide(10.0)).all_solutions(pose).q, atol=1e-9)
    turns = np.floor((limit - branches.q) / (2 * np.pi)) - np.ceil((-limit - branches.q) / (2 * np.pi)) + 1
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(branches.equivalent, np.minimum(turns.prod(axis=1), 2.0**62))


def test_a_path_takes_no_more_memory_with_wider_limits() -> None:
    q = np.linspace([0.0, -1.0, 1.0, -0.5, 0.8, 0.0], [2.5, -2.0, 1.5, 0.5, -0.8, 2.0], 9)
    poses = kv.load_arm("ur5").forward_kinematics(q)
    kv.Solver(wide(10.0)).track(poses)  # compiles
    peaks, motions = [], []
    for limit in LIMITS:
        solver = kv.Solver(wide(limit))
        tracemalloc.start()
        motions.append(solver.track(poses).motion)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert max(peaks) < 1.1 * peaks[LIMITS.index(100.0)]  # up to there, the nearest eight turns are considered
    np.testing.assert_allclose(motions, motions[0], rtol=1e-6)
