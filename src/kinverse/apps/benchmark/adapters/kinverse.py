"""kinverse's own solver behind the interface of the other libraries."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

from kinverse.apps.benchmark.peer import Peer, Robot


class Kinverse(Peer):
    """`kv.Solver` on one thread with its default settings."""

    name = "kinverse"
    distribution = "kinverse"
    kind = "numerical"
    method = "kv.Solver(arm, threads=1)"
    takes_batches = True

    def __init__(self, robot: Robot) -> None:
        from kinverse.ik.solver import Solver

        self._solver: Any = Solver(robot.arm, threads=1)

    def solve_one(self, T_target: Float[np.ndarray, "4 4"]) -> Float[np.ndarray, " dof"]:
        """The joint positions, returned even if the solver reports that it has not converged."""
        q: Float[np.ndarray, " dof"] = self._solver.solve(T_target).q
        return q

    def solve_all(self, T_targets: Float[np.ndarray, "n 4 4"]) -> Float[np.ndarray, "n dof"]:
        """The solver's batch call."""
        q: Float[np.ndarray, "n dof"] = self._solver.solve(T_targets).q
        return q
