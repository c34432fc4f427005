"""Closed-form solvers written for one robot family: UR arms and Franka arms."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from kinverse.apps.benchmark.frames import place
from kinverse.apps.benchmark.peer import CannotSolveError, Limits, Peer, Robot, Starts

MAX_TRIES = 1000
TOLERANCE = 1e-6
"""Largest difference of a matrix entry [m for positions] for a branch to count as exact."""


class UrAnalytic(Peer):
    """ur_analytic_ik, with the manufacturer's dimensions of the UR5."""

    name = "ur_analytic_ik"
    distribution = "ur-analytic-ik"
    kind = "analytic"
    method = "closed form of the UR5; first branch inside the limits"

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
    """GeoFIK (Lopez-Custodio, Gong, Figueredo, 2025): Franka arms with a given angle of the last joint.

    Random angles of the last joint are tried until a branch lies inside the limits. At the edge of its closed form
    GeoFIK returns branches that are off by millimetres, so each branch is checked with GeoFIK's forward kinematics.
    """

    name = "geofikpy"
    distribution = "geofikpy"
    kind = "analytic"
    method = "closed form of the Panda for random last joint angles, until a branch is inside the limits"

    def __init__(self, robot: Robot) -> None:
        import geofikpy

        if robot.arm.dof != 7 or robot.arm.is_prismatic.any():
            raise CannotSolveError("solves Franka's arms only")
        self._placement = place(robot.arm, lambda q: np.asarray(geofikpy.franka_fk(q, "E")))
        self._solve, self._forward = geofikpy.franka_ik_q7, geofikpy.franka_fk
        self._limits = Limits(robot.arm)
        self._starts = Starts(robot.arm)

    def solve_one(self, T_target: Float[np.ndarray, "4 4"]) -> Float[np.ndarray, " dof"]:
        """The first exact branch inside the limits, over random angles of the last joint."""
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
