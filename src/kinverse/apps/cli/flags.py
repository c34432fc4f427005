"""Flags that are the fields of a configuration: those of `kinverse fit`, and how much work `kinverse solve` does.

They are a TypedDict in which every key may be missing, so that a verb sees which settings were given: what the others
are may depend on the arm, and a flag that repeats a default must count there too. Texts and defaults are those of the
configuration, which is imported when its verb is parsed: it takes time.
"""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, TypedDict, get_args, get_origin, get_type_hints

import tyro
from tyro.conf import OmitArgPrefixes

from kinverse.apps.cli.parsing import NONE


def fit_flags() -> Any:
    """Every setting of `FitConfig`."""
    from kinverse.learning.training.config import GROUPS, PLACES, SEED_NETWORK, FitConfig, FitSettings

    texts = {kind: _texts(kind) for kind in (FitConfig, *GROUPS.values())}
    plain, for_poses = FitConfig().settings, {**SEED_NETWORK.settings, "rotation_weight": "by its size"}
    flags = {}
    for name, hint in get_type_hints(FitSettings).items():
        group, field = PLACES[name]
        default, other = _words(plain[name]), _words(for_poses[name])
        shown = default if default == other else f"{default}; for an arm's poses: {other}"
        flags[name] = _flag(hint, texts[GROUPS.get(group, FitConfig)][field], shown)
    return TypedDict("FitFlags", flags, total=False)  # type: ignore[operator]


def search_flags() -> Any:
    """Attempts and threads of `SolverConfig`."""
    from kinverse.ik.config import SolverConfig

    texts, hints, defaults = _texts(SolverConfig), get_type_hints(SolverConfig), vars(SolverConfig())
    flags = {name: _flag(hints[name], texts[name], _words(defaults[name])) for name in ("attempts", "threads")}
    return TypedDict("SearchFlags", flags, total=False)  # type: ignore[operator]


FitFlags = OmitArgPrefixes[Annotated[dict[str, Any], tyro.conf.arg(constructor_factory=fit_flags)]]
SearchFlags = OmitArgPrefixes[Annotated[dict[str, Any], tyro.conf.arg(constructor_factory=search_flags)]]


def _flag(hint: Any, text: str, default: str) -> Any:
    behaviour = f"(default: {default})"
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
