"""What a search is given, in the form that the compiled kernels read: the chain, the goal and the rules."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool

from kinverse.errors import ConfigError
from kinverse.robot.arm import Arm
from kinverse.solve.config import SolverConfig

TURN = 2.0 * np.pi
LENGTH_SHARE = 0.2
"""One radian counts as this share of the summed link lengths, about 0.3 m on common arms: there iterations are few."""


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


class Goal(NamedTuple):
    """What counts as reaching a target.

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


class Rules(NamedTuple):
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

    def once(self) -> Rules:
        """The rules for a single attempt that is left where it ends."""
        return self._replace(attempts=1, closing=0)

    def only_verify(self) -> Rules:
        """The rules for joint positions that are there already."""
        return self._replace(attempts=1, iterations=0, closing=0)


def turns_freely(arm: Arm) -> Bool[np.ndarray, " dof"]:
    """Which joints reach every angle, so that a search never has to stop at their ends."""
    return ~arm.is_prismatic & (arm.upper - arm.lower >= TURN)


def chain_of(arm: Arm) -> Chain:
    """The arm as the kernels read it; a joint that turns freely gets a finite range to be wrapped into."""
    wraps = turns_freely(arm)
    lower, upper = arm.sampling_limits
    return Chain(
        arm.packed_offsets,
        arm.is_prismatic,
        np.where(wraps, lower, arm.lower),
        np.where(wraps, upper, arm.upper),
        wraps,
    )


def goal_of(arm: Arm, config: SolverConfig) -> Goal:
    """The goal for an arm's task and a solver's mask and tolerances.

    Raises:
        ConfigError: a mask that is not one of those that can be solved.
    """
    length = LENGTH_SHARE * float(np.linalg.norm(arm.T_offsets[:, :3, 3], axis=1).sum())
    rows, axis, counts = {"xy": 2, "xyz": 3, "pose": 6}[arm.task], -1, config.counts
    turns = counts[3:]
    if rows == 6 and not any(turns):
        rows = 3
    elif rows == 6 and sum(turns) == 2:
        axis = turns.index(False)
    elif rows == 6 and sum(turns) == 1:
        raise ConfigError(
            f"mask {config.mask}: of the three rotations all, none, or two can count (two: the direction of the tool "
            "axis that is left out)"
        )
    if not any(counts[: min(rows, 3)]) and rows < 6:
        raise ConfigError(f"mask {config.mask} leaves nothing to reach for task {arm.task!r}")
    return Goal(
        rows=rows,
        length=config.rotation_weight or length or 1.0,
        weights=np.array(counts[:3], np.float64),
        axis=axis,
        position_tolerance=float(config.position_tolerance),
        rotation_tolerance=float(config.rotation_tolerance),
    )
