"""Targets that are not reached: the closest joint positions are a minimum, and "unreachable" is a proof."""

from __future__ import annotations

import numpy as np
import pytest

import kinverse as kv
from tests.support.closest import gain, hostile_targets

ARMS = ("panda", "ur5", "iiwa14", "nao-left", "planar:1,0.8,0.5")
GOALS = {"pose": kv.Goal.pose(), "position": kv.Goal.position(), "axis": kv.Goal.axis("z")}


@pytest.mark.parametrize("kind", GOALS)
@pytest.mark.parametrize("name", ARMS[:4])
def test_no_local_optimiser_comes_closer(name: str, kind: str) -> None:
    weight = 0.3
    goal = {
        "pose": kv.Goal.pose(rotation_weight=weight),
        "position": kv.Goal.position(),
        "axis": kv.Goal.axis("z", rotation_weight=weight),
    }[kind]
    solver = kv.Solver(name, goal, threads=1)
    arm, T = solver.arm, hostile_targets(solver.arm, 40)
    found = solver.solve(goal.targets(T))
    missed = np.flatnonzero(~found.converged)
    assert len(missed) > 5
    for row in missed[:12]:
        assert gain(arm, goal, weight, T[row], found.q[row]) <= 1e-7


@pytest.mark.parametrize("name", ARMS)
def test_what_can_be_reached_is_never_proven_unreachable(name: str) -> None:
    arm = kv.load_arm(name)
    corners = np.where(np.random.default_rng(0).random((2000, arm.dof)) < 0.5, *arm.sampling_limits)
    for goal in (kv.Goal.default(arm), kv.Goal.position(), kv.Goal.position(free=("z",)), kv.Goal.axis("x")):
        solver = kv.Solver(arm, goal, attempts=1, network=None)
        for q in (arm.sample(2000, seed=1), corners, np.zeros((1, arm.dof))):
            found = solver.solve(goal.targets(arm.forward_kinematics(q)))
            assert not found.unreachable.any()
            assert set(found.status) <= {"solved", "not_solved"}


def test_sliding_joints_take_part_in_the_proof() -> None:
    slide = np.eye(4)
    turn = kv.planar_arm([0.5, 0.4])
    arm = kv.Arm(
        name="slide",
        joint_names=("s", "a", "b"),
        joint_kinds=("prismatic", "revolute", "revolute"),
        T_offsets=np.array([slide, *turn.T_offsets]),
        lower=np.array([-0.2, -3.0, -3.0]),
        upper=np.array([0.3, 3.0, 3.0]),
    )
    found = kv.Solver(arm, kv.Goal.position()).solve(arm.forward_kinematics(arm.sample(500, seed=2))[:, :3, 3])
    assert not found.unreachable.any()
    far = kv.Solver(arm, kv.Goal.position()).solve([[0.0, 0.0, 3.0], [1.0, 1.0, 0.0]])
    assert far.status.tolist() == ["unreachable", "unreachable"]


@pytest.mark.parametrize("name", ARMS)
def test_targets_far_away_are_proven_unreachable(name: str) -> None:
    solver = kv.Solver(name)
    T = solver.arm.forward_kinematics(solver.arm.sample(300, seed=4))
    T[:, :3, 3] += 5.0 * np.random.default_rng(1).choice([-1.0, 1.0], (300, 3)) * [1.0, 1.0, 0.0]
    found = solver.solve(solver.goal.targets(T))
    assert found.unreachable.all() and set(found.status) == {"unreachable"}


def test_the_hole_of_a_planar_arm_is_proven() -> None:
    found = kv.Solver(kv.planar_arm([1.0, 0.4])).solve([[0.59, 0.0], [0.61, 0.0], [0.0, 1.41], [0.0, 1.39]])
    assert found.status.tolist() == ["unreachable", "solved", "unreachable", "solved"]


def test_one_target_has_one_status() -> None:
    solver = kv.Solver("planar3")
    assert str(solver.solve([1.0, 1.0]).status) == "solved"
    assert solver.solve([[9.0, 0.0]]).status.tolist() == ["unreachable"]
    limited = kv.Solver(kv.planar_arm([1.0, 1.0], max_angle=0.1))
    assert str(limited.solve([-1.5, 0.0]).status) == "not_solved"  # inside the shell; only the limits forbid it
