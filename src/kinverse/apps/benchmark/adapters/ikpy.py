"""IKPy: least squares by SciPy for a chain in Python."""

from __future__ import annotations

import warnings

import numpy as np
from jaxtyping import Float

from kinverse.apps.benchmark.peer import Peer, Robot, Starts, require_same_chain

MAX_STARTS = 20
TOLERANCE = 1e-5
"""Largest difference of a matrix entry [m for positions] for a start to count as successful."""


class Ikpy(Peer):
    """Least squares for position and orientation inside the limits; the restarts are ours, as ikpy has none."""

    name = "ikpy"
    distribution = "ikpy"
    kind = "numerical"
    method = f"least squares by SciPy, up to {MAX_STARTS} random starts"

    def __init__(self, robot: Robot) -> None:
        from ikpy.chain import Chain

        arm = robot.arm

        def chain(mask: list[bool] | None) -> Chain:
            with warnings.catch_warnings():  # ikpy warns about unmasked fixed links before the mask is known
                warnings.simplefilter("ignore")
                return Chain.from_urdf_file(str(robot.urdf), base_elements=[arm.frames[0]], active_links_mask=mask)

        moves = [link.name in arm.joint_names for link in chain(None).links]
        self._chain = chain(moves)
        self._columns = np.flatnonzero(moves)
        require_same_chain(arm, lambda q: self._chain.forward_kinematics(self._row(q)))
        self._starts = Starts(arm)
        self._none = np.full(arm.dof, np.nan)

    def solve_one(self, T_target: Float[np.ndarray, "4 4"]) -> Float[np.ndarray, " dof"]:
        """The result of the first successful start."""
        for _ in range(MAX_STARTS):
            row = self._row(self._starts.draw())
            found = self._chain.inverse_kinematics_frame(T_target, initial_position=row, orientation_mode="all")
            if np.abs(self._chain.forward_kinematics(found) - T_target).max() < TOLERANCE:
                return np.asarray(found)[self._columns]
        return self._none

    def _row(self, q: Float[np.ndarray, " dof"]) -> Float[np.ndarray, " links"]:
        """One value per link of the chain; fixed links have 0."""
        row = np.zeros(len(self._chain.links))
        row[self._columns] = q
        return row
