"""EAIK: closed-form solutions in C++ by subproblem decomposition (Ostermeier, Külz, Althoff, RA-L 2025)."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

from kinverse.apps.benchmark.peer import CannotSolveError, Limits, Peer, Robot


class Eaik(Peer):
    """All branches of an arm with up to six revolute joints whose axes allow a closed form.

    EAIK's URDF reader omits the tool frame. The class `HomogeneousRobot` is used instead: it takes the frames of all
    joints at zero and the tool frame, in the base frame.
    """

    name = "eaik"
    distribution = "eaik"
    kind = "analytic"
    method = "closed form; first branch inside the limits"
    takes_batches = True

    def __init__(self, robot: Robot) -> None:
        from eaik.IK_Homogeneous import HomogeneousRobot

        arm = robot.arm
        if arm.is_prismatic.any():
            raise CannotSolveError("no prismatic joints")
        if arm.dof > 6:
            raise CannotSolveError(f"no closed form for {arm.dof} joints")
        self._robot = HomogeneousRobot(arm.link_poses(np.zeros(arm.dof)))
        if not self._robot.hasKnownDecomposition():
            raise CannotSolveError(f"no closed form for this geometry ({self._robot.getKinematicFamily()})")
        self._dof = arm.dof
        self._limits = Limits(arm)

    def solve_one(self, T_target: Float[np.ndarray, "4 4"]) -> Float[np.ndarray, " dof"]:
        """The first branch inside the limits."""
        return self._first(self._robot.IK(T_target))

    def solve_all(self, T_targets: Float[np.ndarray, "n 4 4"]) -> Float[np.ndarray, "n dof"]:
        """One batch call on one thread; the first branch inside the limits for each target."""
        found = self._robot.IK_batched(T_targets, num_worker_threads=1)
        return np.array([self._first(one) for one in found])

    def all_solutions(self, T_target: Float[np.ndarray, "4 4"]) -> Float[np.ndarray, "k dof"]:
        """Every branch (k, dof) [rad] that reaches the pose exactly, angles in [−π, π]; limits are not applied."""
        return _exact(self._robot.IK(T_target)).reshape(-1, self._dof)

    def _first(self, found: Any) -> Float[np.ndarray, " dof"]:
        if self._limits.hold_every_angle and found.num_solutions():
            first = found.is_LS.argmin()  # EAIK marks approximate (least-squares) solutions
            return self._limits.none if found.is_LS[first] else found.Q[first]
        return self._limits.first_inside(_exact(found))


def _exact(found: Any) -> Float[np.ndarray, "k dof"]:
    """The branches (k, dof) without the approximate ones."""
    branches = np.asarray(found.Q)
    return branches[~np.asarray(found.is_LS)] if len(branches) else branches
