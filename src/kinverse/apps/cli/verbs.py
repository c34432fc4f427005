"""The verbs: how a function becomes one, how the words of a command line find it, and the overviews in `--help`.

A file of verbs registers its functions with `@verb`. The help text of a verb is the docstring of its function: up to
three lines before `Args:`, of which the first sentence stands in the overview.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kinverse.errors import ConfigError, UnknownNameError

ABOUT = "Learn the inverse kinematics of a robot arm, then solve it exactly."
GROUPS = {
    "start": ("demo", "arms", "view"),
    "learn": ("data", "fit", "evaluate", "report", "diagnose"),
    "solve": ("solve", "bench"),
    "study": ("study", "course"),
}
"""The overview: verbs by what one wants to do, in the order in which they are met."""
FAMILIES = {"data": "Make, import and check data sets.", "course": "A course: lessons with exercises and quizzes."}
"""Verbs of two words, such as `data make`, by their first word."""
RENAMED = {"learn": "course"}
"""Old words that still work for one version."""
WIDTH = 80


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
    def header(self) -> str:
        """What stands above the flags: description and example."""
        return f"{textwrap.fill(self.about, WIDTH)}\n\nexample: {self.example}\n"


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
    """Whether there is such a verb or family; its file may be gone together with its application."""
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
    usage = f"usage: kinverse {family} VERB …    kinverse {family} VERB --help"
    rows = [(word, member.summary) for word, member in members(family).items()]
    return "\n".join(
        [FAMILIES[family], "", f"example: {next(iter(members(family).values())).example}", "", usage, "", *_lines(rows)]
    )


def _lines(rows: Iterable[tuple[str, str]]) -> list[str]:
    return [
        textwrap.fill(text, WIDTH, initial_indent=f"  {word:10}", subsequent_indent=" " * 12) for word, text in rows
    ]
