"""The flags of `kinverse fit`: one for each setting of `FitConfig`, which stay empty unless they are given.

What a flag leaves open depends on what is learned from, so a flag that repeats a default must not be lost.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import tyro
from tyro.constructors import PrimitiveConstructorSpec

from kinverse.learning.training.config import GROUPS, PLACES, SEED_NETWORK, FitConfig

_NOT = "no_"
NONE = "none"
"""What takes a limit away, where a setting may have none."""


@dataclass(frozen=True)
class Given:
    """Settings from the command line; None and False: not given."""

    def over(self, config: FitConfig) -> FitConfig:
        """`config` with the settings that were given in place of its own.

        Raises:
            ConfigError: the settings contradict each other.
        """
        given: dict[str, Any] = {}
        for name, value in vars(self).items():
            if value is True:
                given[name.removeprefix(_NOT)] = not name.startswith(_NOT)
            elif value is not None and value is not False:
                given[name] = None if value == NONE and name in _MAY_BE_NONE else value
        return config.replace(**given)


_HOLDERS = {"": FitConfig, **GROUPS}
_HINTS = {name: get_type_hints(_HOLDERS[group])[key] for name, (group, key) in PLACES.items()}
_MAY_BE_NONE = [name for name, hint in _HINTS.items() if get_origin(hint) in (Union, types.UnionType)]


def _flags() -> type[Given]:
    texts = {name: field_texts(_HOLDERS[group])[key] for name, (group, key) in PLACES.items()}
    plain = FitConfig().settings
    proposers = {**SEED_NETWORK.settings, "rotation_weight": "by its size"}
    fields: list[tuple[str, Any, Any]] = []
    for name, hint in _HINTS.items():
        values = [plain[name], proposers[name]]
        if hint is bool:  # a flag for each direction that changes something
            directions = [("", "", False), (_NOT, "Not: ", True)]
            fields += [
                (f"{prefix}{name}", _described(bool, f"{words}{texts[name]}", values), False)
                for prefix, words, changed in directions
                if changed in values
            ]
        else:
            fields.append((name, _described(Annotated[Any, _reader(hint)], texts[name], values), None))
    return dataclasses.make_dataclass("Flags", fields, bases=(Given,), frozen=True)


def _reader(hint: Any) -> PrimitiveConstructorSpec[Any]:
    """How the words behind a flag become a setting of that type; the setting may also be left out."""
    may_be_none, is_many = get_origin(hint) in (Union, types.UnionType), get_origin(hint) is tuple
    kind = get_args(hint)[0] if may_be_none or is_many else hint
    choices = get_args(kind) if get_origin(kind) is Literal else None
    word = "{" + ",".join(choices) + "}" if choices else kind.__name__.upper()

    def read(words: list[str]) -> Any:
        if may_be_none and words[0].lower() == NONE:
            return NONE
        values = tuple(word if choices else kind(word) for word in words)
        return values if is_many else values[0]

    return PrimitiveConstructorSpec(
        nargs="*" if is_many else 1,
        metavar=f"[{word} …]" if is_many else f"{word}|{NONE}" if may_be_none else word,
        instance_from_str=read,
        is_instance=lambda value: True,
        str_from_instance=lambda value: _words(value).split(),
        choices=choices,
    )


def _described(kind: Any, text: str, values: list[Any]) -> Any:
    """A flag's type with its help: what it sets, and what it is when left out."""
    plain, proposer = map(_words, values)
    left_out = f"(default: {plain})" if plain == proposer else f"(default: {plain}; for an arm's poses: {proposer})"
    return Annotated[kind, tyro.conf.arg(help=text, help_behavior_hint=left_out)]


def _words(value: Any) -> str:
    return NONE if value is None else " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def field_texts(cls: type) -> dict[str, str]:
    """The text below each field of a dataclass, on one line."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(body, ast.ClassDef)
    texts = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            texts[field.target.id] = " ".join(ast.literal_eval(text.value).split())
    return texts


if TYPE_CHECKING:
    Settings = Given
else:
    Settings = _flags()
