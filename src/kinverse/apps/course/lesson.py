"""What a lesson is made of, and how lessons are found: by listing the folder `lessons`, without a table of them.

A lesson is a package `lessons/lessonNN_some_slug`, number NN and slug "some-slug". It is there as soon as it has a
`lesson.toml`, so write that last. It holds

`__init__.py`
    a docstring.
`lesson.md`
    the text: a heading `# Title`, 40 to 90 lines of at most 80 columns, in plain words, and one line or paragraph
    `![what the figure shows, in words](figure)` where the figure belongs.
`lesson.toml`
    `task` (one sentence: what the exercise asks), `hints` (three, from a push to nearly the answer), the table
    `[figure]` with `function = "kinverse.apps.course.lesson_figures.basics:name"` and maybe `arguments = { … }`, and
    three or more `[[question]]` with `text`, two or more `[[question.option]]` with `text`, `feedback` and for the one
    that is right `right = true`. A question whose claim can be measured has `experiment = "name"`, a function of the
    lesson's `experiments.py` that takes no arguments, needs some seconds at most and returns a `kinverse.tables.Table`.
`exercise.py`
    what the learner fills in: one to three functions with docstrings that raise NotImplementedError.
`solution.py`
    the same file, filled in; below its functions a comment may say what to see in it.
`checks.py`
    functions `check_something(learner, rng)`, tried in their order. The first line of the docstring is the check's
    title. A check calls the learner's functions on fresh inputs drawn from `rng` (a numpy Generator whose seed changes)
    and says what it saw against what was expected by `expect(condition, message)`, see
    `kinverse.apps.course.checking`. It compares with tolerances, never prints the answer, and
    takes some tenths of a second at most.

The bank of answers lies with the tests, in `tests/data/course_answers/lessonNN_some_slug/`: `wrong/*.py`, at least
eight, each with a first line `# check_name: part of the message` that names the check that must reject it (the first to
fail) and what this says; and `right/*.py`, at least two that go another way than `solution.py`. The tests find all of
this by themselves.
"""

from __future__ import annotations

import ast
import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kinverse.errors import DataError, UnknownNameError

FOLDER = Path(__file__).parent / "lessons"
PACKAGE = "kinverse.apps.course.lessons"
CHECK_PREFIX = "check_"
HINTS = 3
_NAME = re.compile(r"lesson(\d\d)_([a-z0-9_]+)")
_FIGURE = re.compile(r"!\[([^\]]*)\]\(figure\)")


@dataclass(frozen=True)
class Option:
    """One answer to choose.

    Attributes:
        text: the answer.
        feedback: why it is right or wrong; shown after it was chosen.
        right: whether it is the right one.
    """

    text: str
    feedback: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """A question with answers to choose from.

    Attributes:
        text: the question.
        options: the answers, lettered a, b, c …
        experiment: name of the function that measures the claim, or None.
    """

    text: str
    options: tuple[Option, ...]
    experiment: str | None = None

    @property
    def letters(self) -> str:
        """The letters of the options."""
        return "abcdefgh"[: len(self.options)]


@dataclass(frozen=True)
class LessonFigure:
    """The figure of a lesson.

    Attributes:
        function: "module:name" of the function that draws it.
        arguments: its arguments.
        text: what the figure shows, for who cannot see it.
    """

    function: str
    arguments: Mapping[str, Any]
    text: str


@dataclass(frozen=True, eq=False)
class Lesson:
    """A lesson, as its folder says.

    Attributes:
        number: its place in the course, from 1.
        slug: its name, as typed.
        folder: where its files lie.
        title: heading of its text.
        text: the text in Markdown.
        task: what the exercise asks, in one sentence.
        hints: three, each saying more.
        figure: the figure of the text.
        questions: the quiz.
        checks: name → title of the checks of the exercise, in their order.
    """

    number: int
    slug: str
    folder: Path = field(repr=False)
    title: str
    text: str = field(repr=False)
    task: str = field(repr=False)
    hints: tuple[str, ...] = field(repr=False)
    figure: LessonFigure = field(repr=False)
    questions: tuple[Question, ...] = field(repr=False)
    checks: Mapping[str, str] = field(repr=False)

    @property
    def package(self) -> str:
        """Name of the package with its checks and experiments."""
        return f"{PACKAGE}.{self.folder.name}"

    @property
    def file_name(self) -> str:
        """What the learner's file is called."""
        return f"{self.number:02d}_{self.slug.replace('-', '_')}.py"

    @property
    def exercise(self) -> str:
        """The file to fill in."""
        return (self.folder / "exercise.py").read_text(encoding="utf-8")

    @property
    def solution(self) -> str:
        """The reference solution."""
        return (self.folder / "solution.py").read_text(encoding="utf-8")


@functools.cache
def lessons() -> tuple[Lesson, ...]:
    """All lessons, in their order.

    Raises:
        DataError: a lesson is not made as this module says.
    """
    names = sorted(path.parent.name for path in FOLDER.glob("*/lesson.toml") if _NAME.fullmatch(path.parent.name))
    return tuple(read_lesson(FOLDER / name) for name in names)


def find_lesson(name: str | int) -> Lesson:
    """The lesson of this number, slug, beginning of a slug, or file name.

    Raises:
        UnknownNameError: there is none, or more than one.
    """
    word = Path(str(name)).name.removesuffix(".py").replace("_", "-").lower()
    digits = re.fullmatch(r"(\d+)(?:-.*)?", word)
    if digits:
        found = [lesson for lesson in lessons() if lesson.number == int(digits.group(1))]
    else:
        found = [lesson for lesson in lessons() if lesson.slug == word]
        found = found or [lesson for lesson in lessons() if word and lesson.slug.startswith(word)]
    if len(found) != 1:
        raise UnknownNameError("lesson", name, [f"{lesson.number} {lesson.slug}" for lesson in lessons()])
    return found[0]


def read_lesson(folder: Path) -> Lesson:
    """Read a lesson's folder.

    Raises:
        DataError: a file is missing, or something in it is not as the module's docstring says.
    """
    name = _NAME.fullmatch(folder.name)
    if name is None:
        raise DataError(f"{folder}: a lesson's folder is called lessonNN_slug")
    try:
        text = (folder / "lesson.md").read_text(encoding="utf-8")
        data = tomllib.loads((folder / "lesson.toml").read_text(encoding="utf-8"))
        checks = _titles((folder / "checks.py").read_text(encoding="utf-8"))
        heading, pictures = re.match(r"# (.+)\n", text), _FIGURE.findall(text)
        if heading is None or len(pictures) != 1:
            raise ValueError("lesson.md needs a heading in its first line, and one ![words](figure)")
        if len(data["hints"]) != HINTS or not checks:
            raise ValueError(f"{HINTS} hints and at least one check expected")
        figure = data["figure"]
        return Lesson(
            number=int(name.group(1)),
            slug=name.group(2).replace("_", "-"),
            folder=folder,
            title=heading.group(1),
            text=text,
            task=" ".join(data["task"].split()),
            hints=tuple(" ".join(hint.split()) for hint in data["hints"]),
            figure=LessonFigure(figure["function"], figure.get("arguments", {}), " ".join(pictures[0].split())),
            questions=tuple(_question(entry) for entry in data["question"]),
            checks=checks,
        )
    except (OSError, KeyError, TypeError, ValueError, SyntaxError) as problem:
        raise DataError(f"lesson {folder.name}: {type(problem).__name__} {problem}") from None


def figure_split(text: str) -> Sequence[str]:
    """The text before the figure and behind it."""
    before, _, after = _FIGURE.split(text, maxsplit=1)
    return before, after


def _question(entry: Mapping[str, Any]) -> Question:
    options = tuple(
        Option(" ".join(o["text"].split()), " ".join(o["feedback"].split()), o.get("right", False))
        for o in entry["option"]
    )
    if sum(option.right for option in options) != 1:
        raise ValueError(f"question {entry['text'][:40]!r} needs exactly one right option")
    return Question(" ".join(entry["text"].split()), options, entry.get("experiment"))


def _titles(source: str) -> dict[str, str]:
    """Names and titles of the checks, without importing what they import."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith(CHECK_PREFIX):
            title = (ast.get_docstring(node) or "").partition("\n")[0]
            if not title:
                raise ValueError(f"{node.name} has no docstring, which is its title")
            found[node.name.removeprefix(CHECK_PREFIX)] = title
    return found
