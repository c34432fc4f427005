"""TRAC-IK (Beeson and Ames, 2015): Newton steps with restarts and an optimiser, in two parallel threads."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from kinverse.apps.benchmark.peer import Peer, Robot, Starts, require_same_chain
from kinverse.geometry import quaternion_from_rotation

SECONDS = 0.05


class Tracik(Peer):
    """TRAC-IK through pytracik in "Speed" mode, which returns the first solution within tolerance."""

    name = "trac-ik"
    distribution = "pytracik"
    kind = "numerical"
    method = f"C++, Speed mode, eps = 1e-5, at most {SECONDS} s per target"

    def __init__(self, robot: Robot) -> None:
        import pytracik

        base, tool = robot.arm.frames
        text = robot.urdf.read_text(encoding="utf-8")
        self._solver = pytracik.TRAC_IK(base, tool, text, SECONDS, 1e-5, pytracik.Speed)
        require_same_chain(robot.arm, lambda q: pytracik.fk(self._solver, q))
        self._solve = pytracik.ik
        self._starts = Starts(robot.arm)
        self._none = np.full(robot.arm.dof, np.nan)

    def solve_one(self, T_target: Float[np.ndarray, "4 4"]) -> Float[np.ndarray, " dof"]:
        """The first solution from our random start or TRAC-IK's own starts."""
        rotation = quaternion_from_rotation(T_target[:3, :3])
        found = self._solve(self._solver, self._starts.draw(), *T_target[:3, 3], *rotation)
        return found[1:] if found[0] > 0 else self._none
