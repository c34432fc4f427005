"""Types of arguments that several verbs share, and what all of them print."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro
from tyro.conf import FlagCreatePairsOff, OmitArgPrefixes, Positional

from kinverse.errors import ConfigError

if TYPE_CHECKING:
    from kinverse.robot.arm import Arm

OK, FAILED, WRONG_USE = 0, 1, 2


def default(text: str) -> Any:
    """For an option that is None unless it is given: what then happens, for the help."""
    return tyro.conf.arg(help_behavior_hint=f"(default: {text})")


def argument(metavar: str) -> Any:
    """For an argument without a flag: the name that help and errors call it."""
    return tyro.conf.arg(metavar=metavar)


Flag = Annotated[FlagCreatePairsOff[bool], tyro.conf.arg(help_behavior_hint="")]
Json = Annotated[
    FlagCreatePairsOff[bool], tyro.conf.arg(help="print one JSON object and nothing else", help_behavior_hint="")
]
ArmName = Annotated[Positional[str], argument("ARM")]
RunFolder = Annotated[Positional[Path], argument("RUN")]


GoalName = Literal["planar", "position", "pose"]
"""What a network is trained to reach: x and y, the position, or the pose."""


@dataclass(frozen=True)
class Chain:
    """Which chain of a URDF file."""

    base: Annotated[str | None, default("the root")] = None
    """URDF link where the chain starts"""
    tool: Annotated[str | None, default("the only leaf")] = None
    """URDF link where the chain ends"""

    def load(self, name: str) -> Arm:
        """The arm of that name or URDF path."""
        from kinverse.robot.catalog import load_arm

        return load_arm(name, base=self.base, tool=self.tool)

    def load_if_named(self, name: str | None) -> Arm | None:
        """The arm, or None where none is named; then there is no chain to choose either."""
        if name is None and self != Chain():
            raise ConfigError("base and tool choose a chain of an arm: name it with --arm")
        return None if name is None else self.load(name)


ChainFlags = OmitArgPrefixes[Chain]


def encoding_for(arm: Arm, goal: GoalName | None) -> str | None:
    """The encoding whose columns hold the targets of a goal; None for the arm's own goal and its usual rows."""
    from kinverse.ik.goal import Goal

    if goal is None or goal == Goal.default(arm).kind:
        return None
    return {"planar": "xy", "position": "xyz", "pose": "pose"}[goal]


def print_json(content: object) -> int:
    """Print one JSON object on one line; gives the exit code of success."""
    from kinverse.files import to_plain

    print(json.dumps(to_plain(content), ensure_ascii=False))
    return OK


def short(path: Path) -> Path:
    """A path relative to the current folder, if it lies below it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
