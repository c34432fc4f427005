"""What a search is given, as the compiled kernels read it: the chain, the goal and the rules."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Chain(NamedTuple):
    """An arm as the kernels read it.

    Attributes:
        offsets: (dof + 1, 12) constant transforms, `Arm.packed_offsets`.
        prismatic: (dof,) bool.
        lower: (dof,) where the search ends, −inf for a joint that may turn or slide for ever.
        upper: (dof,)
        wraps: (dof,) bool: a joint that turns a whole turn or more goes on at the other end of its range.
    """

    offsets: np.ndarray
    prismatic: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    wraps: np.ndarray


class Objective(NamedTuple):
    """A `kinverse.ik.goal.Goal` for an arm, as the kernels read it.

    Attributes:
        rows: 2 (x, y), 3 (position) or 6 (position and rotation).
        length: metres that one radian of rotation counts as.
        weights: (3,) 1 or 0 for x, y, z: a coordinate with 0 is free.
        axis: −1: the whole rotation counts; 0, 1, 2: only the direction of the tool's x, y or z axis.
        position_tolerance: [m].
        rotation_tolerance: [rad].
    """

    rows: int
    length: float
    weights: np.ndarray
    axis: int
    position_tolerance: float
    rotation_tolerance: float


class StoppingRules(NamedTuple):
    """When an attempt ends, and how many there are.

    Attributes:
        attempts: descents from different seeds before a target is given up.
        iterations: in one attempt, at most.
        slow: an iteration is slow if more than this share of the squared error is left after it …
        patience: … and as many of them in a row end the attempt.
        damping: the damping at a seed, as a share of the squared error there.
        closing: iterations, at most, by which the closest attempt at a target that was not reached is followed to where
            nothing moves any more.
    """

    attempts: int
    iterations: int
    slow: float
    patience: int
    damping: float
    closing: int

    def closing_in(self) -> StoppingRules:
        """The rules for following the closest attempt at a target that was not reached.

        It may be unreachable. Then a residual remains, progress is linear, and a longer patience is worth it.
        """
        return StoppingRules(1, self.closing, 1.0 - 1e-12, 12, self.damping, 0)

    def once(self) -> StoppingRules:
        """The rules for a single attempt that is left where it ends."""
        return self._replace(attempts=1, closing=0)

    def only_verify(self) -> StoppingRules:
        """The rules for joint positions that are there already."""
        return self._replace(attempts=1, iterations=0, closing=0)
