"""EAIK's closed form on the UR5 asset: the reference for every branch of a pose."""

from __future__ import annotations

import numpy as np
import pytest

from kinverse.apps.benchmark.adapters.eaik import Eaik
from kinverse.apps.benchmark.peer import CannotSolveError
from kinverse.apps.benchmark.verify import Verifier
from tests.support.benchmark import robot_of, targets_of

pytest.importorskip("eaik", reason="EAIK is not installed: pip install 'kinverse[test]'")


def apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Greatest joint difference over whole turns [rad]."""
    return np.abs((a - b + np.pi) % (2 * np.pi) - np.pi).max(axis=-1)


def test_every_branch_reaches_the_pose_and_differs_from_the_others() -> None:
    robot = robot_of("ur5")
    eaik, verifier = Eaik(robot), Verifier(robot.urdf, robot.arm)
    counts = set()
    q = robot.arm.sample(100, seed=3)
    for row, target in zip(q, robot.arm.forward_kinematics(q), strict=True):
        branches = eaik.all_solutions(target)
        counts.add(len(branches))
        verification = verifier.verify(branches, np.broadcast_to(target, (len(branches), 4, 4)))
        assert verification.reached(1e-9, 1e-7).all()
        assert np.abs(branches).max() <= np.pi
        assert apart(branches, row).min() < 1e-6  # the joints that the pose was made of are among them
        differ = apart(branches[:, None], branches[None]) + np.pi * np.eye(len(branches))
        assert differ.min() > 1e-6
    assert counts <= {2, 4, 6, 8} and 8 in counts


def test_out_of_reach_there_is_no_branch() -> None:
    robot = robot_of("ur5")
    target = targets_of(robot, 1)[0]
    target[:3, 3] = [2.0, 0.0, 0.3]
    assert Eaik(robot).all_solutions(target).shape == (0, 6)
    assert np.isnan(Eaik(robot).solve_one(target)).all()


def test_seven_joints_are_refused_with_the_reason() -> None:
    with pytest.raises(CannotSolveError, match=r"^no closed form for 7 joints$"):
        Eaik(robot_of("panda"))
