"""An arm and what counts as reaching a target, brought into the form that the compiled kernels read."""

from __future__ import annotations

from typing import get_args

import numpy as np
from jaxtyping import Bool

from kinverse.errors import ConfigError
from kinverse.ik.config import SolverConfig
from kinverse.ik.goal import Coordinate, Goal, GoalKind, ToolAxis
from kinverse.ik.kernels.records import Chain, Objective
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


def objective_of(arm: Arm, goal: Goal) -> Objective:
    """A goal for an arm as the kernels read it."""
    length = LENGTH_SHARE * float(np.linalg.norm(arm.T_offsets[:, :3, 3], axis=1).sum())
    return Objective(
        rows=6 if goal.has_rotation else goal.coordinates,
        length=goal.rotation_weight or length or 1.0,
        weights=np.array([name not in goal.free for name in "xyz"], np.float64),
        axis=-1 if goal.tool_axis is None else "xyz".index(goal.tool_axis),
        position_tolerance=float(goal.position_tolerance),
        rotation_tolerance=float(goal.rotation_tolerance),
    )


def goal_of(arm: Arm, config: SolverConfig) -> Goal:
    """The goal that an arm's task and a mask ask for; until every caller gives a `Goal`.

    Raises:
        ConfigError: a mask that is not one of those that can be solved.
    """
    counts = config.counts
    turns = counts[3:]
    kind: GoalKind = "planar" if arm.task == "xy" else "position" if arm.task == "xyz" or not any(turns) else "pose"
    axis: ToolAxis | None = None
    if kind == "pose" and sum(turns) == 2:
        kind, axis = "axis", get_args(ToolAxis)[turns.index(False)]
    elif kind == "pose" and sum(turns) == 1:
        raise ConfigError(
            f"mask {config.mask}: of the three rotations all, none, or two can count (two: the direction of the tool "
            "axis that is left out)"
        )
    names = get_args(Coordinate)[: 2 if kind == "planar" else 3]
    free = tuple(name for name, counted in zip(names, counts[:3], strict=False) if not counted)
    if len(free) == len(names) and kind in ("position", "planar"):
        raise ConfigError(f"mask {config.mask} leaves nothing to reach for task {arm.task!r}")
    return Goal(kind, axis, free, config.position_tolerance, config.rotation_tolerance, config.rotation_weight)
