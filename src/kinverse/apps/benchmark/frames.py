"""Alignment of another library's robot model with ours, since its base and tool frames often differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from kinverse.apps.benchmark.peer import CannotSolveError
from kinverse.geometry import transform, vector_from_rotation
from kinverse.robot.arm import Arm

SAME = 1e-6
"""Largest difference of a matrix entry [m for positions] between two models of one robot."""


@dataclass(frozen=True)
class Placement:
    """The frames of a library relative to ours: T_base_tool = T_base_theirs · theirs · T_theirs_tool for every q.

    Attributes:
        T_theirs_base: (4, 4) our base in their base frame [m].
        T_tool_theirs: (4, 4) their tool in our tool frame [m].
    """

    T_theirs_base: Float[np.ndarray, "4 4"]
    T_tool_theirs: Float[np.ndarray, "4 4"]

    def theirs(self, T_targets: Float[np.ndarray, "*batch 4 4"]) -> Float[np.ndarray, "*batch 4 4"]:
        """Convert targets (..., 4, 4) to the library's frames."""
        return self.T_theirs_base @ T_targets @ self.T_tool_theirs


def place(arm: Arm, theirs: Callable[[Float[np.ndarray, " dof"]], Float[np.ndarray, "4 4"]]) -> Placement:
    """Find a library's base and tool frames from its forward kinematics.

    The motion between two configurations is A in our base frame and B in theirs, with A X = X B. This is hand-eye
    calibration: the rotation follows from the rotation vectors, then the translation by linear least squares (Park and
    Martin, 1994).

    Args:
        arm: our model of the arm.
        theirs: the library's forward kinematics, (dof,) → pose (4, 4) [m] of its tool in its base frame.

    Raises:
        CannotSolveError: the models differ for every choice of frames, so the library has a different robot.
    """
    q = arm.sample(12, seed=1)
    ours, others = arm.forward_kinematics(q), np.array([theirs(row) for row in q])
    A, B = ours[1:] @ np.linalg.inv(ours[0]), others[1:] @ np.linalg.inv(others[0])
    a, b = vector_from_rotation(A[:, :3, :3]), vector_from_rotation(B[:, :3, :3])
    U, _, Vt = np.linalg.svd(a.T @ b)
    R = U @ np.diag([1.0, 1.0, np.linalg.det(U @ Vt)]) @ Vt
    left = (A[:, :3, :3] - np.eye(3)).reshape(-1, 3)
    right = (B[:, :3, 3] @ R.T - A[:, :3, 3]).ravel()
    T_base_theirs = transform(R, np.linalg.lstsq(left, right)[0])
    T_tool_theirs = np.linalg.inv(ours[0]) @ T_base_theirs @ others[0]
    if not np.abs(T_base_theirs @ others - ours @ T_tool_theirs).max() < SAME:
        raise CannotSolveError("its robot has other dimensions than this one")
    return Placement(np.linalg.inv(T_base_theirs), T_tool_theirs)
