"""Types of the arguments that verbs take, with their help, and how a verb prints its result.

The settings of `kinverse fit` and `kinverse solve` are the fields of a configuration, with its texts and defaults. They
are a TypedDict in which every key may be missing, so that a verb sees which settings were given: the others may depend
on the arm, and a flag that repeats a default must count there too. The configuration is imported when its verb is
parsed, because that takes time.
"""

from __future__ import annotations

import json
import types
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict, get_args, get_origin, get_type_hints

import tyro
from tyro.conf import FlagCreatePairsOff, OmitArgPrefixes, Positional

from kinverse.apps.cli.verbs import NONE
from kinverse.errors import ConfigError

if TYPE_CHECKING:
    from kinverse.robot.arm import Arm

OK, FAILED, WRONG_USE = 0, 1, 2


def default(behaviour: str, text: str | None = None) -> Any:
    """For an option that is None unless it is given: the behaviour without it, and the help."""
    return tyro.conf.arg(help_behavior_hint=f"(default: {behaviour})", help=text)


def argument(metavar: str, text: str | None = None) -> Any:
    """For an argument without a flag: the name that help and errors call it, and its help."""
    return tyro.conf.arg(metavar=metavar, help=text)


Flag = Annotated[FlagCreatePairsOff[bool], tyro.conf.arg(help_behavior_hint="")]
Json = Annotated[Flag, tyro.conf.arg(help="print one JSON object and nothing else")]
RunFolder = Annotated[Positional[Path], argument("RUN", "the run folder")]
Workers = Annotated[int | None, default("one for each core", "number of processes")]
GoalName = Literal["planar", "position", "pose"]
"""What a network is trained to reach: x and y, the position, or the pose."""
GoalOption = Annotated[GoalName | None, default("planar for a planar arm, else pose")]


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


ChainFlags = Annotated[OmitArgPrefixes[Chain], tyro.conf.arg(help="which part of a URDF file")]


def fit_flags() -> Any:
    """Every setting of `FitConfig`."""
    from kinverse.learning.training.config import GROUPS, PLACES, SEED_NETWORK, FitConfig, FitSettings

    texts = {kind: _texts(kind) for kind in (FitConfig, *GROUPS.values())}
    plain, for_poses = FitConfig().settings, {**SEED_NETWORK.settings, "rotation_weight": "by its size"}
    flags = {}
    for name, hint in get_type_hints(FitSettings).items():
        group, field = PLACES[name]
        usual, other = _words(plain[name]), _words(for_poses[name])
        shown = usual if usual == other else f"{usual}; for an arm's poses: {other}"
        flags[name] = _flag(hint, texts[GROUPS.get(group, FitConfig)][field], shown)
    return TypedDict("FitFlags", flags, total=False)  # type: ignore[operator]


def search_flags() -> Any:
    """Attempts and threads of `SolverConfig`."""
    from kinverse.ik.config import SolverConfig, SolverOptions

    texts, defaults = _texts(SolverConfig), vars(SolverConfig())
    hints = get_type_hints(SolverOptions)
    flags = {name: _flag(hint, texts[name], _words(defaults[name])) for name, hint in hints.items()}
    return TypedDict("SearchFlags", flags, total=False)  # type: ignore[operator]


FitFlags = OmitArgPrefixes[Annotated[dict[str, Any], tyro.conf.arg(constructor_factory=fit_flags)]]
SearchFlags = OmitArgPrefixes[Annotated[dict[str, Any], tyro.conf.arg(constructor_factory=search_flags)]]


def _flag(hint: Any, text: str, usual: str) -> Any:
    behaviour = f"(default: {usual})"
    return Annotated[hint, tyro.conf.arg(help=text, help_behavior_hint=behaviour, metavar=_metavar(hint))]


def _texts(kind: type) -> dict[str, str]:
    """The text below each field of a dataclass, on one line."""
    import docstring_parser

    described = docstring_parser.parse_from_object(kind).params
    return {field.arg_name: " ".join((field.description or "").split()) for field in described}


def _metavar(hint: Any) -> str | None:
    """What stands for the value of a setting with several values or none; None: as tyro writes it."""
    if get_origin(hint) not in (tuple, types.UnionType):
        return None
    kind = get_args(hint)[0]
    word = "{" + ",".join(get_args(kind)) + "}" if get_origin(kind) is Literal else kind.__name__.upper()
    return f"[{word} …]" if get_origin(hint) is tuple else f"{word}|{NONE}"


def _words(value: Any) -> str:
    return NONE if value is None else " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def encoding_for(arm: Arm, goal: GoalName | None) -> str | None:
    """The first encoding whose columns hold the targets of a goal; None for the arm's own goal and its usual rows."""
    from kinverse.ik.goal import Goal
    from kinverse.robot.encodings import ENCODINGS

    if goal is None or goal == Goal.default(arm).kind:
        return None
    return next(name for name, encoding in ENCODINGS.items() if Goal.encoded_by(encoding).kind == goal)


def print_json(content: object) -> int:
    """Print one JSON object on one line; gives the exit code of success."""
    from kinverse.files import to_plain

    print(json.dumps(to_plain(content), ensure_ascii=False))
    return OK


def print_result(text: str, content: object, as_json: bool) -> int:
    """Print what a verb did, as text or as one JSON object; gives the exit code of success."""
    if as_json:
        return print_json(content)
    print(text)
    return OK


def require_folder(path: Path) -> None:
    """Raises ConfigError where a file has the name of a folder to write."""
    if path.exists() and not path.is_dir():
        raise ConfigError(f"{path}: is a file; give a folder")


def require_workers(workers: int | None) -> None:
    """Raises ConfigError unless there is at least one."""
    if workers is not None and workers < 1:
        raise ConfigError(f"workers must be ≥ 1, got {workers}")


def short(path: Path) -> Path:
    """A path relative to the current folder, if it lies below it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
