"""ssik: closed forms and elimination methods for arms with six or seven revolute joints."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from jaxtyping import Float

from kinverse.apps.benchmark.frames import place
from kinverse.apps.benchmark.peer import CannotSolveError, Peer, Robot


class Ssik(Peer):
    """ssik's generic solver for any URDF, without an artifact built for the arm."""

    name = "ssik"
    distribution = "ssik"
    kind = "analytic"
    method = "from_urdf; first solution inside the limits"

    def __init__(self, robot: Robot) -> None:
        import ssik

        if robot.arm.dof not in (6, 7) or robot.arm.is_prismatic.any():
            raise CannotSolveError("needs 6 or 7 revolute joints")
        base, tool = robot.arm.frames
        self._arm: Any = ssik.Manipulator.from_urdf(robot.urdf, base=base, ee=tool)
        self._none = np.full(robot.arm.dof, np.nan)
        with warnings.catch_warnings():  # the first call warns that an artifact would be faster
            warnings.simplefilter("ignore")
            self.solve_one(robot.arm.forward_kinematics(robot.arm.sample(1, seed=2)[0]))

    def solve_one(self, T_target: Float[np.ndarray, "4 4"]) -> Float[np.ndarray, " dof"]:
        """The first solution inside the limits."""
        found = self._arm.solve(T_target, max_solutions=1, enumerate_windings=False)
        return np.asarray(found[0].q) if found else self._none


class SsikPrebuilt(Peer):
    """The artifacts that ssik ships for commercial robots, called in their own base and tool frames."""

    name = "ssik-prebuilt"
    distribution = "ssik"
    kind = "analytic"
    method = "shipped artifact of the arm; first solution inside the limits"

    def __init__(self, robot: Robot) -> None:
        import ssik

        name = {"panda": "franka_panda_ik"}.get(robot.arm.name, f"{robot.arm.name}_ik")
        try:
            self._arm: Any = ssik.Manipulator.from_prebuilt(name)
        except ValueError:
            raise CannotSolveError(f"ships no artifact called {name}") from None
        if self._arm.dof != robot.arm.dof:
            raise CannotSolveError("its robot has other dimensions than this one")
        self._placement = place(robot.arm, self._arm.fk)
        self._none = np.full(robot.arm.dof, np.nan)

    def solve_one(self, T_target: Float[np.ndarray, "4 4"]) -> Float[np.ndarray, " dof"]:
        """The first solution inside the limits of the artifact."""
        found = self._arm.solve(self._placement.theirs(T_target), max_solutions=1, enumerate_windings=False)
        return np.asarray(found[0].q) if found else self._none
