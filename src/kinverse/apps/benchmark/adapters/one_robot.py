"""Closed forms that somebody wrote for one robot: the UR arms, the Franka arms."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from kinverse.apps.benchmark.frames import place
from kinverse.apps.benchmark.peer import CannotSolveError, Limits, Peer, Robot, Starts

MAX_TRIES = 1000
TOLERANCE = 1e-6
"""[m] and of a rotation matrix."""


class UrAnalytic(Peer):
    """ur_analytic_ik, whose UR5 has the maker's dimensions."""

    name = "ur_analytic_ik"
    distribution = "ur-analytic-ik"
    kind = "analytic"
    method = "closed form of the UR5; the first branch inside the limits"

    def __init__(self, robot: Robot) -> None:
        import ur_analytic_ik

        if robot.arm.dof != 6 or robot.arm.is_prismatic.any():
            raise CannotSolveError("solves Universal Robots' arms only")
        model = ur_analytic_ik.ur5
        self._placement = place(robot.arm, lambda q: np.asarray(model.forward_kinematics(*q)))
        self._solve = model.inverse_kinematics
        self._limits = Limits(robot.arm)

    def solve_one(self, T_target: Float[np.ndarray, "4 4"]) -> Float[np.ndarray, " dof"]:
        """The first branch inside the limits."""
        branches = self._solve(self._placement.theirs(T_target))
        if not branches:
            return self._limits.none
        if self._limits.hold_every_angle:
            return np.asarray(branches[0]).ravel()
        return self._limits.first_inside(np.array(branches).reshape(-1, 6))


class GeoFik(Peer):
    """GeoFIK (Lopez-Custodio, Gong, Figueredo, 2025): the Franka arms, with the last joint's angle given.

    Which angles of the last joint have a branch inside the limits is not known beforehand, so they are tried. At
    the edge of its closed form it gives branches that miss by millimetres; so its forward kinematics check each.
    """

    name = "geofikpy"
    distribution = "geofikpy"
    kind = "analytic"
    method = "closed form of the Panda for a given last joint, which is drawn until a branch is inside the limits"

    def __init__(self, robot: Robot) -> None:
        import geofikpy

        if robot.arm.dof != 7 or robot.arm.is_prismatic.any():
            raise CannotSolveError("solves Franka's arms only")
        self._placement = place(robot.arm, lambda q: np.asarray(geofikpy.franka_fk(q, "E")))
        self._solve, self._forward = geofikpy.franka_ik_q7, geofikpy.franka_fk
        self._limits = Limits(robot.arm)
        self._starts = Starts(robot.arm)

    def solve_one(self, T_target: Float[np.ndarray, "4 4"]) -> Float[np.ndarray, " dof"]:
        """The first branch inside the limits of the first last-joint angle that has one."""
        theirs = self._placement.theirs(T_target)
        position, rotation = theirs[:3, 3], theirs[:3, :3].ravel()
        for _ in range(MAX_TRIES):
            branches, count = self._solve(position, rotation, self._starts.draw()[6])
            found = [branch for branch in branches[:count] if not any(map(math.isnan, branch))]
            if found:
                q = self._limits.first_inside(np.array(found))
                if not math.isnan(q[0]) and np.abs(self._forward(q, "E") - theirs).max() < TOLERANCE:
                    return q
        return self._limits.none
