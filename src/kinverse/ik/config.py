"""`SolverConfig`: how much work a solver does, checked when it is made."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import TypedDict, get_args

from kinverse.errors import ConfigError, require_positive
from kinverse.ik.goal import Coordinate, Goal, GoalKind, ToolAxis
from kinverse.robot.arm import Arm

MAX_COUNT = 10_000


class SolverOptions(TypedDict, total=False):
    """The fields of `SolverConfig` as keywords."""

    attempts: int
    threads: int | None
    # Until every caller gives a `Goal`.
    mask: str
    position_tolerance: float
    rotation_tolerance: float
    rotation_weight: float | None


@dataclass(frozen=True)
class SolverConfig:
    """How much work a solver does; what a solution must reach is the `Goal`'s.

    Raises:
        ConfigError: a number out of its range.
    """

    mask: str = "111111"
    """For poses, what counts of a target: x, y, z in base axes, then rotation about the tool's x, y and z axis. 111110:
    position and direction of the tool's z axis; 111000: position alone."""
    position_tolerance: float = 1e-9
    """A solution is no farther from its target [m]."""
    rotation_tolerance: float = 1e-9
    """Nor turned by more [rad]."""
    rotation_weight: float | None = None
    """Metres that one radian of rotation error counts as, which decides what is closest where a target cannot be
    reached exactly; None: a fifth of the summed link lengths."""
    attempts: int = 100
    """Descents from different seeds before a target is given up."""
    threads: int | None = None
    """For batches; None: one for each core. The bits of an answer do not depend on it."""

    def __post_init__(self) -> None:
        # A sequence of truth values is as good as a text.
        digits = self.mask if isinstance(self.mask, str) else "".join(str(int(entry)) for entry in self.mask)
        if len(digits) != 6 or not set(digits) <= set("01"):
            raise ConfigError(f"mask must be six of 0 and 1, such as 111110, got {self.mask!r}")
        object.__setattr__(self, "mask", digits)
        for name in ("position_tolerance", "rotation_tolerance", "rotation_weight"):
            if getattr(self, name) is not None:
                require_positive(name, getattr(self, name))
        for name in ("attempts", "threads"):
            number = getattr(self, name)
            if number is not None and (not isinstance(number, numbers.Integral) or not 1 <= int(number) <= MAX_COUNT):
                raise ConfigError(
                    f"{name} must be a whole number from 1 to {MAX_COUNT}, got {number!r}",
                    value=number, lower=1, upper=MAX_COUNT,
                )  # fmt: skip

    @property
    def counts(self) -> tuple[bool, ...]:
        """The mask as six truth values."""
        return tuple(digit == "1" for digit in self.mask)


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
