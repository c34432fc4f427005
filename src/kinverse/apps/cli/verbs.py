"""The verbs: how a function becomes one, how the words of a command line find and call it, and the texts of `--help`.

A file of verbs registers its functions with `@verb`. The help text of a verb is the docstring of its function: up to
three lines before `Args:`, of which the first sentence stands in the overview.

tyro parses the arguments. It draws a box on stderr for arguments that do not fit. Its hook for parse errors gives the
same as data, before anything is printed. The hook is not yet public: pyproject.toml holds tyro to one minor version.
"""

from __future__ import annotations

import contextlib
import difflib
import inspect
import io
import re
import textwrap
import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NoReturn, get_args, get_origin

import tyro
from tyro import _errors as tyro_errors
from tyro.conf import DisallowNone
from tyro.constructors import ConstructorRegistry, PrimitiveConstructorSpec, PrimitiveTypeInfo

from kinverse.errors import ConfigError, UnknownNameError

ABOUT = "Learn the inverse kinematics of a robot arm, then solve it exactly."
GROUPS = {
    "start": ("demo", "arms", "view"),
    "learn": ("data", "fit", "evaluate", "report", "diagnose"),
    "solve": ("solve", "bench"),
    "study": ("study", "course"),
}
"""The overview: verbs by purpose, in the order in which a newcomer needs them."""
FAMILIES = {"data": "Make, import and check data sets.", "course": "A course: lessons with exercises and quizzes."}
"""Verbs of two words, such as `data make`, by their first word."""
RENAMED = {"learn": "course"}
"""Old names that work for one more version."""
WIDTH = 80
NUMBERS = {int: "a whole number", float: "a number"}
NONE = "none"
registry = ConstructorRegistry()


@dataclass(frozen=True)
class Verb:
    """One verb.

    Attributes:
        name: its words, such as "fit" or "data make".
        run: does the work and gives the exit code; its parameters are the arguments and flags.
        example: a command line that runs as it stands.
        is_default: whether its family alone, such as `kinverse course`, means this verb.
    """

    name: str
    run: Callable[..., int]
    example: str
    is_default: bool = False

    @property
    def about(self) -> str:
        """What the verb does: the docstring before its list of arguments, on one line."""
        return " ".join(inspect.cleandoc(self.run.__doc__ or "").partition("\n\nArgs:")[0].split())

    @property
    def summary(self) -> str:
        """The first sentence of `about`."""
        return self.about.partition(". ")[0].rstrip(".") + "."

    @property
    def help(self) -> str:
        """`kinverse VERB --help`: description, example, then arguments and flags."""
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown), contextlib.suppress(SystemExit):
            self._parse_and_run(["--help"])
        usage, *flags = [line.rstrip() for line in shown.getvalue().splitlines()]
        usage = textwrap.fill(usage, WIDTH, subsequent_indent=" " * len("usage: "))
        return "\n".join([textwrap.fill(self.about, WIDTH), "", f"example: {self.example}", "", usage, *flags])

    def call(self, arguments: list[str]) -> int:
        """Run the verb with its arguments; gives its exit code.

        Raises:
            ConfigError: the arguments do not fit; one line that ends with the command for help.
        """

        def refuse(event: tyro_errors.ParseErrorEvent) -> NoReturn:
            raise ConfigError(f"{_problem(event, self)}; see kinverse {self.name} --help")

        with tyro_errors.on_parse_error(refuse):
            return self._parse_and_run(arguments)

    def _parse_and_run(self, arguments: list[str]) -> int:
        run, prog = self.run, f"kinverse {self.name}"
        return tyro.cli(run, prog=prog, description="", args=arguments, config=(DisallowNone,), registry=registry)


VERBS: dict[str, Verb] = {}


def verb(name: str, example: str, is_default: bool = False) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Register a function as a verb."""

    def register(function: Callable[..., int]) -> Callable[..., int]:
        VERBS[name] = Verb(name, function, example, is_default)
        return function

    return register


def find_verb(arguments: list[str]) -> tuple[Verb, list[str]]:
    """The verb that the first words name, and the arguments that are left for it.

    Raises:
        UnknownNameError: there is no such verb; the message names the nearest.
        ConfigError: no verb is named.
    """
    words = [word for group in GROUPS.values() for word in group if is_known(word)]
    if not arguments or arguments[0].startswith("-"):
        raise ConfigError(f"name a verb: {', '.join(words)}; see kinverse --help")
    first, *rest = arguments
    if first in VERBS:
        return VERBS[first], rest
    if not is_known(first):
        raise UnknownNameError("verb", first, words)
    family = members(first)
    if rest and not rest[0].startswith("-"):
        if rest[0] not in family:
            raise UnknownNameError(f"verb of kinverse {first}", rest[0], family)
        return family[rest[0]], rest[1:]
    for member in family.values():
        if member.is_default:
            return member, rest
    raise ConfigError(f"name a verb of kinverse {first}: {', '.join(family)}; see kinverse {first} --help")


def members(family: str) -> dict[str, Verb]:
    """The verbs of a family by their second word."""
    return {name.partition(" ")[2]: verb for name, verb in VERBS.items() if name.partition(" ")[0] == family}


def is_known(word: str) -> bool:
    """Whether there is such a verb or family; its application may have been deleted."""
    return word in VERBS or bool(members(word))


def overview() -> str:
    """`kinverse --help`: all verbs in their groups."""
    lines = [ABOUT, "", "usage: kinverse VERB …    kinverse VERB --help    kinverse --version"]
    for group, words in GROUPS.items():
        rows = [(word, VERBS[word].summary if word in VERBS else FAMILIES[word]) for word in words if is_known(word)]
        lines += ["", group, *_lines(rows)]
    return "\n".join(lines)


def family_overview(family: str) -> str:
    """`kinverse data --help`: the verbs of one family."""
    verbs = members(family)
    example = f"example: {next(iter(verbs.values())).example}"
    usage = f"usage: kinverse {family} VERB …    kinverse {family} VERB --help"
    rows = _lines((word, member.summary) for word, member in verbs.items())
    return "\n".join([FAMILIES[family], "", example, "", usage, "", *rows])


def _lines(rows: Iterable[tuple[str, str]]) -> list[str]:
    return [
        textwrap.fill(text, WIDTH, initial_indent=f"  {word:10}", subsequent_indent=" " * 12) for word, text in rows
    ]


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
                close = difflib.get_close_matches(flag, re.findall(r"--[a-z][a-z-]*", verb.help), n=1)
                problem = f"unknown option {flag!r}" + (f" (did you mean {close[0]!r}?)" if close else "")
        case tyro_errors.InstantiationFailure():
            problem = event.message if event.argument is None else f"{_name(event.argument)} {event.message}"
    return problem


def _name(argument: Any) -> str:
    return str(argument.lowered.metavar if argument.is_positional() else argument.lowered.name_or_flags[-1])


@registry.primitive_rule
def _number(info: PrimitiveTypeInfo) -> PrimitiveConstructorSpec[Any] | None:
    """Numbers, several numbers, and numbers that may be none, with messages for people."""
    is_many, is_optional = get_origin(info.type) is tuple, get_origin(info.type) is types.UnionType
    kind: Any = get_args(info.type)[0] if is_many or is_optional else info.type
    if kind not in NUMBERS:
        return None

    def read(word: str) -> Any:
        if is_optional and word.lower() == NONE:
            return None
        try:
            return kind(word)
        except ValueError:
            raise ValueError(f"must be {NUMBERS[kind]}{' or none' * is_optional}, got {word!r}") from None

    return PrimitiveConstructorSpec(
        nargs="*" if is_many else 1,
        metavar=kind.__name__.upper(),
        instance_from_str=lambda words: tuple(map(read, words)) if is_many else read(words[0]),
        is_instance=lambda value: True,
        str_from_instance=lambda value: list(map(str, value)) if is_many else [str(value)],
    )
