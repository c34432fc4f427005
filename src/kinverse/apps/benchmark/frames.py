"""Another library's own model of a robot, laid over ours: its base and tool frames are often others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from kinverse.apps.benchmark.peer import CannotSolveError
from kinverse.geometry import transform, vector_from_rotation
from kinverse.robot.arm import Arm

SAME = 1e-6
"""[m] and of a rotation matrix: how far two models of one robot may differ."""


@dataclass(frozen=True)
class Placement:
    """Where a library's frames lie: T_base_tool = T_base_theirs · theirs · T_theirs_tool for every q.

    Attributes:
        T_theirs_base: our base in their base frame (4, 4) [m].
        T_tool_theirs: their tool in our tool frame (4, 4) [m].
    """

    T_theirs_base: Float[np.ndarray, "4 4"]
    T_tool_theirs: Float[np.ndarray, "4 4"]

    def theirs(self, T_targets: Float[np.ndarray, "*batch 4 4"]) -> Float[np.ndarray, "*batch 4 4"]:
        """Targets (..., 4, 4) as that library must be given them."""
        return self.T_theirs_base @ T_targets @ self.T_tool_theirs


def place(arm: Arm, theirs: Callable[[Float[np.ndarray, " dof"]], Float[np.ndarray, "4 4"]]) -> Placement:
    """Find a library's base and tool frames from its forward kinematics.

    The motion between two configurations, seen from the base, is A in our base frame and B in theirs, with A X = X B:
    hand-eye calibration, solved by the rotation vectors and then linearly (Park and Martin, 1994).

    Args:
        arm: the arm as it is to be solved.
        theirs: pose (4, 4) [m] of the library's tool in its base for joint positions (dof,).

    Raises:
        CannotSolveError: no two frames make both models agree; the library's robot is another one.
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
