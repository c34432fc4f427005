"""From the arguments of one verb to a call of its function, by tyro; what does not fit becomes one line.

tyro draws a box on stderr for arguments that do not fit. Its hook for parse errors gives the same as data, before
anything is printed. The hook is not yet public: pyproject.toml holds tyro to one minor version.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import re
import textwrap
import types
from collections.abc import Callable
from typing import Any, NoReturn, get_args, get_origin

import tyro
from tyro import _errors as tyro_errors
from tyro.conf import DisallowNone
from tyro.constructors import ConstructorRegistry, PrimitiveConstructorSpec, PrimitiveTypeInfo

from kinverse.apps.cli.verbs import WIDTH, Verb
from kinverse.errors import ConfigError, UnknownNameError

KINDS = {int: "a whole number", float: "a number"}
NONE = "none"
registry = ConstructorRegistry()


def call(verb: Verb, arguments: list[str]) -> int:
    """Run a verb with its arguments; gives its exit code.

    Raises:
        ConfigError: the arguments do not fit; one line that ends with the command for help.
    """

    def refuse(event: tyro_errors.ParseErrorEvent) -> NoReturn:
        raise ConfigError(f"{_problem(event, verb)}; see kinverse {verb.name} --help")

    with tyro_errors.on_parse_error(refuse):
        return _tyro(verb, arguments)


def help_of(verb: Verb) -> str:
    """`kinverse VERB --help`: description, example, then arguments and flags."""
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown), contextlib.suppress(SystemExit):
        _tyro(verb, ["--help"])
    usage, *flags = [line.rstrip() for line in shown.getvalue().splitlines()]
    usage = textwrap.fill(usage, WIDTH, subsequent_indent=" " * len("usage: "))
    return "\n".join([verb.header, usage, *flags])


def _tyro(verb: Verb, arguments: list[str]) -> int:
    run: Callable[..., int] = verb.run
    prog = f"kinverse {verb.name}"
    return tyro.cli(run, prog=prog, description="", args=arguments, config=(DisallowNone,), registry=registry)


def _problem(event: tyro_errors.ParseErrorEvent, verb: Verb) -> str:
    """What is wrong with the arguments."""
    problem = "the arguments do not fit"  # for kinds of events that a later tyro may add
    match event:
        case tyro_errors.MissingArgs():
            problem = f"{verb.name} needs {', '.join(_name(missing.arg) for missing in event.missing_arguments)}"
        case tyro_errors.BadValue():
            problem = f"{_name(event.argument)} needs a value"
        case tyro_errors.InvalidChoice():
            problem = str(UnknownNameError(f"value of {_name(event.argument)}", event.value, event.choices))
        case tyro_errors.UnrecognizedArgs():
            flag = next((token for token in event.tokens if token.startswith("-")), None)
            if flag is None:
                problem = f"{verb.name} takes no further argument, got {event.tokens[0]!r}"
            else:
                close = difflib.get_close_matches(flag, _flags(verb), n=1)
                problem = f"unknown option {flag!r}" + (f" (did you mean {close[0]!r}?)" if close else "")
        case tyro_errors.InstantiationFailure():
            problem = event.message if event.argument is None else f"{_name(event.argument)} {event.message}"
    return problem


def _name(argument: Any) -> str:
    return str(argument.lowered.metavar if argument.is_positional() else argument.lowered.name_or_flags[-1])


def _flags(verb: Verb) -> list[str]:
    """The options of a verb, as its help lists them."""
    return re.findall(r"--[a-z][a-z-]*", help_of(verb))


@registry.primitive_rule
def _number(info: PrimitiveTypeInfo) -> PrimitiveConstructorSpec[Any] | None:
    """Numbers, several numbers, and numbers that may be none, with messages for people."""
    is_many, is_optional = get_origin(info.type) is tuple, get_origin(info.type) is types.UnionType
    kind: Any = get_args(info.type)[0] if is_many or is_optional else info.type
    if kind not in KINDS:
        return None

    def read(word: str) -> Any:
        if is_optional and word.lower() == NONE:
            return None
        try:
            return kind(word)
        except ValueError:
            raise ValueError(f"must be {KINDS[kind]}{' or none' * is_optional}, got {word!r}") from None

    return PrimitiveConstructorSpec(
        nargs="*" if is_many else 1,
        metavar=kind.__name__.upper(),
        instance_from_str=lambda words: tuple(map(read, words)) if is_many else read(words[0]),
        is_instance=lambda value: True,
        str_from_instance=lambda value: list(map(str, value)) if is_many else [str(value)],
    )
