"""`Goal`: the part of a target to reach, and the tolerances."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypedDict, Unpack, get_args

import numpy as np
from jaxtyping import Float

from kinverse.arguments import as_items
from kinverse.errors import ConfigError, require_choice, require_known, require_positive
from kinverse.robot.arm import Arm
from kinverse.robot.encodings import Encoding

GoalKind = Literal["pose", "position", "planar", "axis"]
ToolAxis = Literal["x", "y", "z"]
Coordinate = Literal["x", "y", "z"]


class GoalOptions(TypedDict, total=False):
    """Keywords of every constructor of `Goal`; documented there."""

    free: tuple[Coordinate, ...]
    position_tolerance: float
    rotation_tolerance: float
    rotation_weight: float | None


@dataclass(frozen=True)
class Goal:
    """The part of a target that a solution must reach, and the tolerances.

    Make one with `Goal.pose()`, `Goal.position()`, `Goal.planar()` or `Goal.axis("z")`; each takes `free`, the two
    tolerances and `rotation_weight` as keywords.

    Attributes:
        kind: "pose": position and rotation; "position": x, y, z; "planar": x, y; "axis": position and the direction
            of one axis of the tool, whatever the turn about it.
        tool_axis: "x", "y" or "z" for the kind "axis", else None.
        free: position coordinates in base axes that may take any value, such as ("z",); default: none.
        position_tolerance: largest position error of a solution [m]; default: 1e-9.
        rotation_tolerance: largest rotation error of a solution [rad]; default: 1e-9.
        rotation_weight: weight of rotation error against position error [m/rad]; it decides which result is closest to
            a target that is not solved; default (None): a fifth of the summed link lengths.

    Raises:
        UnknownNameError: an unknown kind, axis or coordinate.
        ConfigError: nothing is left to reach, or a tolerance or weight is not > 0.

    Example:
        >>> goal = kv.Goal.axis("z", free=("z",), position_tolerance=1e-6)
        >>> kv.Solver("panda", goal).solve(targets)  # (n, 4, 4) poses
    """

    kind: GoalKind
    tool_axis: ToolAxis | None = None
    free: tuple[Coordinate, ...] = ()
    position_tolerance: float = 1e-9
    rotation_tolerance: float = 1e-9
    rotation_weight: float | None = None

    def __post_init__(self) -> None:
        require_choice("goal", self.kind, get_args(GoalKind))
        if self.kind == "axis":
            require_choice("tool axis", str(self.tool_axis), get_args(ToolAxis))
        elif self.tool_axis is not None:
            raise ConfigError(f"a goal of kind {self.kind!r} has no tool axis, got {self.tool_axis!r}")
        object.__setattr__(self, "free", as_items(self.free, "free"))
        require_known("free coordinate", self.free, "xyz"[: self.coordinates])
        if len(set(self.free)) == self.coordinates and not self.has_rotation:
            raise ConfigError(f"a {self.kind} goal with {', '.join(self.free)} free leaves nothing to reach")
        for name in ("position_tolerance", "rotation_tolerance", "rotation_weight"):
            if getattr(self, name) is not None:
                require_positive(name, getattr(self, name))

    @classmethod
    def pose(cls, **options: Unpack[GoalOptions]) -> Goal:
        """Position and rotation; targets are (..., 4, 4) poses T_base_target [m]."""
        return cls("pose", **options)

    @classmethod
    def position(cls, **options: Unpack[GoalOptions]) -> Goal:
        """The position alone; targets are (..., 3) [m]."""
        return cls("position", **options)

    @classmethod
    def planar(cls, **options: Unpack[GoalOptions]) -> Goal:
        """X and y alone; targets are (..., 2) [m]."""
        return cls("planar", **options)

    @classmethod
    def axis(cls, tool_axis: ToolAxis, **options: Unpack[GoalOptions]) -> Goal:
        """The position and the direction of one axis of the tool; targets are (..., 4, 4) poses T_base_target [m]."""
        return cls("axis", tool_axis, **options)

    @classmethod
    def default(cls, arm: Arm) -> Goal:
        """The default goal for an arm: x and y for a planar arm, else the pose."""
        return cls.planar() if arm.is_planar else cls.pose()

    @classmethod
    def encoded_by(cls, encoding: Encoding) -> Goal:
        """The goal for targets in an encoding: the pose if it has a rotation, else the position."""
        if encoding.has_rotation:
            return cls.pose()
        return cls.position() if encoding.position_columns == 3 else cls.planar()

    @cached_property
    def has_rotation(self) -> bool:
        """Whether the rotation, or one axis of it, must be reached."""
        return self.kind in ("pose", "axis")

    @cached_property
    def coordinates(self) -> int:
        """Number of position coordinates in a target: 2 or 3."""
        return 2 if self.kind == "planar" else 3

    @cached_property
    def target_shape(self) -> tuple[int, ...]:
        """Shape of one target: (2,), (3,) or (4, 4)."""
        return (4, 4) if self.has_rotation else (self.coordinates,)

    def targets(self, poses: Float[np.ndarray, "*batch 4 4"]) -> Float[np.ndarray, ...]:
        """The part of poses that the goal asks for.

        Args:
            poses: (..., 4, 4) homogeneous transforms [m].

        Returns:
            (..., 2), (..., 3) positions [m] or the poses themselves; a view.
        """
        return poses if self.has_rotation else poses[..., : self.coordinates, 3]
