"""An arm and what counts as reaching a target, brought into the form that the compiled kernels read."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool

from kinverse.errors import ConfigError
from kinverse.ik.config import SolverConfig
from kinverse.ik.kernels.records import Chain, Goal
from kinverse.robot.arm import Arm

TURN = 2.0 * np.pi
LENGTH_SHARE = 0.2
"""One radian counts as this share of the summed link lengths, about 0.3 m on common arms: there iterations are few."""


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
