"""The Robotics Toolbox for Python (Corke, Haviland) with its Levenberg–Marquardt solver in C++."""

from __future__ import annotations

import atexit
import os
from functools import cache
from typing import Any

import numpy as np
from jaxtyping import Float

from kinverse.apps.benchmark.peer import Peer, Robot, require_same_chain

MAX_STEPS, MAX_STARTS = 20, 100


class Toolbox(Peer):
    """`ik_LM`, its fastest solver, with Chan's damping and a factor of 0.1; it draws its own starts."""

    name = "roboticstoolbox"
    distribution = "roboticstoolbox-python"
    kind = "numerical"
    method = f"ik_LM in C++ (chan, k = 0.1), up to {MAX_STARTS} random starts, joint limits"

    def __init__(self, robot: Robot) -> None:
        from roboticstoolbox.models.URDF.URDFRobot import URDFRobot

        _exit_in_silence()
        base, tool = robot.arm.frames
        self._chain: Any = URDFRobot(str(robot.urdf)).ets(start=base, end=tool)
        require_same_chain(robot.arm, self._chain.eval)
        self._none = np.full(robot.arm.dof, np.nan)

    def solve_one(self, T_target: Float[np.ndarray, "4 4"]) -> Float[np.ndarray, " dof"]:
        """The solution, if the solver reports success."""
        found = self._chain.ik_LM(
            T_target,
            ilimit=MAX_STEPS,
            slimit=MAX_STARTS,
            tol=1e-13,  # half the square of the error
            joint_limits=True,
            k=0.1,
            method="chan",
        )
        return np.asarray(found.q) if found.success else self._none


@cache
def _exit_in_silence() -> None:
    """Silence stderr at exit, where the bindings report memory leaks if torch is loaded."""
    atexit.register(lambda: os.dup2(os.open(os.devnull, os.O_WRONLY), 2))
