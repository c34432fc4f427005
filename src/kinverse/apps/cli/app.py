"""Where verbs register, and what they share: types of arguments, exit codes, printing."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro
from tyro.conf import OmitArgPrefixes, Positional
from tyro.extras import SubcommandApp

from kinverse.errors import ConfigError

if TYPE_CHECKING:
    from kinverse.robot.arm import Arm

OK, FAILED, WRONG_USE = 0, 1, 2
LEARN_LIBRARIES = ("torch", "sklearn", "scipy", "pandas", "pyarrow", "matplotlib", "jinja2", "filelock")
Task = Literal["xy", "xyz", "pose"]
Json = Annotated[bool, tyro.conf.arg(help="Print one JSON object for machines, and nothing else.")]
# Positional arguments by the names that help and errors call them.
ArmName = Annotated[Positional[str], tyro.conf.arg(metavar="ARM")]
RunFolder = Annotated[Positional[Path], tyro.conf.arg(metavar="RUN")]


VERBS = ["data"]


@dataclass(frozen=True)
class Chain:
    """Which chain of a URDF file, and what a target is."""

    base: str | None = None
    """URDF link where the chain starts; left out: the root."""
    tip: str | None = None
    """URDF link where it ends; left out: the only leaf."""
    task: Task | None = None
    """What a target is; left out: the arm's own."""

    def load(self, name: str) -> Arm:
        """The arm of that name or URDF path."""
        from kinverse.robot.catalog import load_arm

        return load_arm(name, base=self.base, tip=self.tip, task=self.task)

    def load_if_named(self, name: str | None) -> Arm | None:
        """The arm, or None where none is named; then there is no chain to choose either."""
        if name is None and self != Chain():
            raise ConfigError("base, tip and task choose a chain of an arm: name it with --arm")
        return None if name is None else self.load(name)


ChainFlags = OmitArgPrefixes[Chain]

app = SubcommandApp()
data_app = SubcommandApp()


def verb(group: SubcommandApp, name: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Register a function as a verb.

    The parser gets a twin that only remembers its arguments, so that parsing and acting are two steps, and what is
    caught from the parser is the parser's alone.
    """

    def register(function: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(function)
        def remember(*args: Any, **kwargs: Any) -> Callable[[], int]:
            return functools.partial(function, *args, **kwargs)

        group.command(name=name)(remember)
        VERBS.append(name)
        return function

    return register


def print_json(content: dict[str, Any]) -> int:
    """Print one JSON object; gives the exit code of success."""
    print(json.dumps(content, ensure_ascii=False, default=str))
    return OK


def short(path: Path) -> Path:
    """A path as it is written from here, if it lies below the current folder."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
