"""Stored samples: seeds spread over the joint space. A search starts with those whose tool is nearest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from kinverse.ik.kernels.inputs import Objective
from kinverse.ik.kernels.lanes import WIDTH
from kinverse.ik.kernels.ranking import FEATURES
from kinverse.robot.arm import Arm

STORED = 256
"""Samples stored by a solver. Each costs 160 bytes, and 1 ns per search (Panda)."""


@dataclass(frozen=True, eq=False)
class SeedTable:
    """Joint positions and their tool poses.

    Attributes:
        q: (s, dof) joint positions inside the limits [rad or m].
        features: (13 · s / WIDTH, WIDTH) their poses as `nearest_samples` reads them.
        weights: (12,) weight of each number of a packed pose.
    """

    q: Float[np.ndarray, "s dof"]
    features: Float[np.ndarray, "rows lanes"]
    weights: Float[np.ndarray, " 12"]

    @classmethod
    def of(cls, arm: Arm, goal: Objective, count: int = STORED) -> SeedTable:
        """A table of `count` samples, rounded up to a whole number of lanes."""
        count = -(-count // WIDTH) * WIDTH
        q = spread(arm, count)
        weights = feature_weights(goal)
        poses = pack(arm.forward_kinematics(q)) * weights
        rows = np.vstack([0.5 * (poses**2).sum(axis=1), poses.T])  # (13, s)
        features = rows.reshape(FEATURES, count // WIDTH, WIDTH).swapaxes(0, 1).reshape(-1, WIDTH)
        return cls(q, np.ascontiguousarray(features), weights)


def spread(arm: Arm, count: int, skip: int = 0) -> Float[np.ndarray, "count dof"]:
    """Joint positions spread evenly over the limits: the additive recurrence with the generalised golden ratio.

    Source: M. Roberts, "The unreasonable effectiveness of quasirandom sequences" (2018); for one joint it is the golden
    ratio's sequence.

    Args:
        arm: the arm; joints without limits use `Arm.sampling_limits`.
        count: number of samples.
        skip: number of terms to skip at the start of the sequence.
    """
    golden = 2.0
    for _ in range(60):
        golden = (1.0 + golden) ** (1.0 / (arm.dof + 1.0))
    steps = golden ** -np.arange(1.0, arm.dof + 1.0)
    share = (0.5 + np.arange(skip + 1, skip + count + 1)[:, None] * steps) % 1.0
    lower, upper = arm.sampling_limits
    return np.clip(lower + share * (upper - lower), lower, upper)


def pack(poses: Float[np.ndarray, "n 4 4"]) -> Float[np.ndarray, "n 12"]:
    """Poses as the kernels read them: the position, then the x, y and z axis."""
    return np.concatenate([poses[:, :3, 3], poses[:, :3, 0], poses[:, :3, 1], poses[:, :3, 2]], axis=1)


def feature_weights(goal: Objective) -> Float[np.ndarray, " 12"]:
    """Weights with which the squared distance of two packed poses is the objective, for small angles.

    Three axes of a frame move by 2 angle² together, one axis by angle².
    """
    weights = np.zeros(12)
    weights[: min(goal.rows, 3)] = goal.weights[: min(goal.rows, 3)]
    if goal.rows == 6 and goal.axis < 0:
        weights[3:] = goal.length / np.sqrt(2.0)
    elif goal.rows == 6:
        weights[3 + 3 * goal.axis : 6 + 3 * goal.axis] = goal.length
    return weights
