"""Verification of solutions by Pinocchio's forward kinematics from the same URDF, independent of the solvers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float

from kinverse.errors import MissingExtraError
from kinverse.geometry import position_error, rotation_error
from kinverse.robot.arm import Arm

POSITION_TOLERANCE, ROTATION_TOLERANCE = 1e-4, 1e-3
"""Largest error of a solved target [m], [rad]."""
STRICT = 1e-6
"""Largest error of a target solved with high accuracy [m and rad], counted separately."""
LIMIT_TOLERANCE = 1e-6
"""A joint may exceed its limit by the rounding error of single precision [rad or m]."""


@dataclass(frozen=True)
class Verification:
    """Errors of n solutions, by Pinocchio.

    Attributes:
        position_error: (n,) distance from the target [m]; inf without a solution.
        rotation_error: (n,) angle to the target [rad]; inf without a solution.
        inside: (n,) whether every joint lies inside its limits.
    """

    position_error: Float[np.ndarray, " n"]
    rotation_error: Float[np.ndarray, " n"]
    inside: Bool[np.ndarray, " n"]

    def reached(
        self, position: float = POSITION_TOLERANCE, rotation: float = ROTATION_TOLERANCE
    ) -> Bool[np.ndarray, " n"]:
        """(n,) whether each solution lies inside the limits with errors below `position` [m] and `rotation` [rad]."""
        return self.inside & (self.position_error < position) & (self.rotation_error < rotation)


class Verifier:
    """Pinocchio's model of one chain of a URDF file."""

    def __init__(self, urdf: Path, arm: Arm) -> None:
        """Read the file.

        Args:
            urdf: URDF file of the robot, which may have more joints than the chain.
            arm: provides the names of the joints and frames of the chain; its kinematics are not used.

        Raises:
            MissingExtraError: Pinocchio is not installed.
        """
        try:
            import pinocchio as pin
        except ModuleNotFoundError:
            raise MissingExtraError("bench", "pin") from None
        self._pin = pin
        self._model = pin.buildModelFromUrdf(str(urdf))
        self._data = self._model.createData()
        self._base, self._tool = (self._model.getFrameId(frame) for frame in arm.frames)
        joints = [self._model.joints[self._model.getJointId(name)] for name in arm.joint_names]
        self._columns = np.array([joint.idx_q for joint in joints])
        self._on_circle = np.array([joint.nq == 2 for joint in joints])  # a continuous joint has a cosine and a sine
        low, high = self._model.lowerPositionLimit[self._columns], self._model.upperPositionLimit[self._columns]
        self._lower, self._upper = np.where(self._on_circle, -np.inf, low), np.where(self._on_circle, np.inf, high)

    def forward_kinematics(self, q: Float[np.ndarray, "n dof"]) -> Float[np.ndarray, "n 4 4"]:
        """T_base_tool (n, 4, 4) [m] for joint positions (n, dof) [rad or m]; other joints stay at rest."""
        rest = self._pin.neutral(self._model)
        poses = np.empty((len(q), 4, 4))
        circle = self._columns[self._on_circle]
        for row, pose in zip(q, poses, strict=True):
            rest[self._columns] = np.where(self._on_circle, np.cos(row), row)
            rest[circle + 1] = np.sin(row[self._on_circle])
            self._pin.framesForwardKinematics(self._model, self._data, rest)
            pose[:] = self._data.oMf[self._base].actInv(self._data.oMf[self._tool]).homogeneous
        return poses

    def verify(self, q: Float[np.ndarray, "n dof"], T_targets: Float[np.ndarray, "n 4 4"]) -> Verification:
        """Compare solutions (n, dof) with targets (n, 4, 4); a row with NaN or inf counts as no solution."""
        given = np.isfinite(q).all(axis=1)
        poses = self.forward_kinematics(np.where(given[:, None], q, 0.0))
        inside = np.all((q >= self._lower - LIMIT_TOLERANCE) & (q <= self._upper + LIMIT_TOLERANCE), axis=1)
        return Verification(
            np.where(given, position_error(poses, T_targets), np.inf),
            np.where(given, rotation_error(poses, T_targets), np.inf),
            given & inside,
        )
