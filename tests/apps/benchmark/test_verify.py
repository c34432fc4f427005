"""Verification: exact for correct solutions, and no wrong one passes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import kinverse as kv
from kinverse.apps.benchmark.verify import POSITION_TOLERANCE, ROTATION_TOLERANCE, Verifier
from tests.support.benchmark import ARMS, robot_of, targets_of

ELBOW = """<robot name="r"><link name="a"/><link name="b"/><link name="c"/><link name="d"/><link name="finger"/>
<joint name="j1" type="continuous"><parent link="a"/><child link="b"/><origin xyz="0 0 0.3" rpy="0.2 0 0"/>
<axis xyz="0 1 0"/></joint>
<joint name="finger_joint" type="continuous"><parent link="b"/><child link="finger"/><axis xyz="1 0 0"/></joint>
<joint name="j2" type="prismatic"><parent link="b"/><child link="c"/><origin xyz="0.1 0 0"/><axis xyz="0 0 1"/>
<limit lower="-0.1" upper="0.2" effort="1" velocity="1"/></joint>
<joint name="j3" type="continuous"><parent link="c"/><child link="d"/><origin xyz="0 0 0.2"/><axis xyz="1 0 0"/></joint>
</robot>"""


@pytest.mark.parametrize("name", ARMS)
def test_what_was_sampled_is_reached(name: str) -> None:
    robot = robot_of(name)
    q = robot.arm.sample(50, seed=1)
    verification = Verifier(robot.urdf, robot.arm).verify(q, robot.arm.forward_kinematics(q))
    assert verification.reached(1e-12, 1e-9).all()


@pytest.mark.parametrize("base", ["a", "b"])
def test_a_chain_among_other_joints(tmp_path: Path, base: str) -> None:
    path = tmp_path / "elbow.urdf"
    path.write_text(ELBOW)
    arm = kv.load_arm(path, base=base, tool="d")
    q = arm.sample(30, seed=2) * np.where(arm.is_prismatic, 1.0, 4.0)  # several turns of a continuous joint
    assert Verifier(path, arm).verify(q, arm.forward_kinematics(q)).reached(1e-12, 1e-9).all()


def test_no_answer_is_a_failure() -> None:
    robot = robot_of("ur5")
    targets = targets_of(robot)
    q = robot.arm.sample(len(targets))
    q[3] = np.nan
    q[5, 2] = np.nan
    q[7, 0] = np.inf
    verification = Verifier(robot.urdf, robot.arm).verify(q, targets)
    for failed in (~verification.reached(), ~verification.inside, np.isinf(verification.position_error)):
        assert np.flatnonzero(failed).tolist() == [3, 5, 7]
    assert np.array_equal(np.isinf(verification.rotation_error), np.isinf(verification.position_error))


def test_wrong_answers_are_failures_by_position_and_by_rotation() -> None:
    robot = robot_of("panda")
    verifier = Verifier(robot.urdf, robot.arm)
    q = robot.arm.sample(20)
    targets = robot.arm.forward_kinematics(q)
    targets[0, 0, 3] += 1.01 * POSITION_TOLERANCE
    targets[1, 0, 3] += 0.99 * POSITION_TOLERANCE
    for row, angle in ((2, 1.01 * ROTATION_TOLERANCE), (3, 0.99 * ROTATION_TOLERANCE)):
        turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1.0]])
        targets[row, :3, :3] = targets[row, :3, :3] @ turn
    verification = verifier.verify(q, targets)
    assert np.flatnonzero(~verification.reached()).tolist() == [0, 2]
    assert verification.position_error[0] == pytest.approx(1.01 * POSITION_TOLERANCE)
    assert verification.rotation_error[2] == pytest.approx(1.01 * ROTATION_TOLERANCE)


def test_an_answer_outside_the_limits_is_a_failure() -> None:
    robot = robot_of("iiwa14")
    q = robot.arm.sample(20)
    turned = q.copy()
    turned[4, 6] += 2 * np.pi  # the same pose, another turn of the last joint
    verification = Verifier(robot.urdf, robot.arm).verify(turned, robot.arm.forward_kinematics(q))
    assert verification.position_error.max() < 1e-12
    assert np.flatnonzero(~verification.reached()).tolist() == [4]
