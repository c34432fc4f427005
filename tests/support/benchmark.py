"""Robots with targets for the tests of the benchmark."""

from __future__ import annotations

import numpy as np

import kinverse as kv
from kinverse.apps.benchmark.peer import Robot
from kinverse.robot.catalog import ASSETS

ARMS = ("panda", "ur5", "iiwa14")
COUNT = 20


def robot_of(name: str) -> Robot:
    return Robot(ASSETS / f"{name}.urdf", kv.load_arm(name))


def targets_of(robot: Robot, count: int = COUNT, seed: int = 0) -> np.ndarray:
    """Poses that the arm reaches inside its limits."""
    return robot.arm.forward_kinematics(robot.arm.sample(count, seed))
