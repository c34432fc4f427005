"""OptIK: an optimiser in Rust with random starts."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from kinverse.apps.benchmark.peer import CannotSolveError, Peer, Robot, Starts, require_same_chain


class Optik(Peer):
    """OptIK in "speed" mode, which returns the first solution within tolerance."""

    name = "optik"
    distribution = "optik-py"
    kind = "numerical"
    method = "Rust, speed mode, one thread, at most 0.1 s per target"

    def __init__(self, robot: Robot) -> None:
        import optik

        if set(robot.arm.joint_kinds) != {"revolute"}:  # otherwise OptIK ends the process
            raise CannotSolveError("needs revolute joints with limits")
        self._robot = optik.Robot.from_urdf_file(str(robot.urdf), *robot.arm.frames)
        require_same_chain(robot.arm, self._robot.fk)
        self._robot.set_parallelism(1)
        self._config = optik.SolverConfig(solution_mode="speed", max_time=0.1, tol_f=1e-12)
        self._starts = Starts(robot.arm)
        self._none = np.full(robot.arm.dof, np.nan)

    def solve_one(self, T_target: Float[np.ndarray, "4 4"]) -> Float[np.ndarray, " dof"]:
        """The first solution from our random start or OptIK's own starts."""
        found = self._robot.ik(self._config, T_target, self._starts.draw())
        return self._none if found is None else np.array(found[0])
