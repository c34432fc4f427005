"""`Lesson`: what a lesson consists of, and how lessons are found.

A lesson is a package `lessons/lessonNN_some_slug`, with number NN and slug "some-slug". It is found as soon as it has a
`lesson.toml`, so write that file last. The package holds

`__init__.py`
    a docstring.
`lesson.md`
    the text: a heading `# Title`, 40 to 90 lines of at most 80 columns, in plain words, and one line or paragraph
    `![what the figure shows, in words](figure)` at the place of the figure.
`lesson.toml`
    `task` (the exercise in one sentence), `hints` (three, from a first idea to nearly the answer), `figure`
    ("module:name" of the function that draws it), and at least three `[[questions]]` with `text` and at least two
    `[[questions.options]]` with `text` and `feedback`; the correct one has `correct = true`. A question with a claim
    that can be measured has `experiment = "name"`, a function of the lesson's `experiments.py` that takes no arguments,
    needs at most some seconds and returns a `kinverse.tables.Table`.
`exercise.py`
    the file that the learner fills in: one to three functions with docstrings that raise NotImplementedError.
`solution.py`
    the same file, filled in; a comment below its functions may explain it.
`checks.py`
    functions `check_something(learner, rng)`, run in their order. The first line of the docstring is the check's title.
    A check calls the learner's functions on fresh inputs drawn from `rng` (a numpy Generator with a new seed each time)
    and reports what it observed and what it expected with `expect(condition, message)`, see
    `kinverse.apps.course.checking`. It compares with tolerances, never prints the answer, and takes at most some
    tenths of a second.

The bank of answers is test data, in `tests/data/course_answers/lessonNN_some_slug/`. `wrong/*.py` holds at least eight
answers. The first line of each, `# check_name: part of the message`, names the check that must reject it (the first
that fails) and its message. `right/*.py` holds at least two answers that differ from `solution.py` in their method. The
tests find all of these files by listing.
"""

from __future__ import annotations

import ast
import functools
import importlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kinverse.errors import ConfigError, DataError, UnknownNameError
from kinverse.files import from_plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kinverse.tables import Table

FOLDER = Path(__file__).parent / "lessons"
PACKAGE = "kinverse.apps.course.lessons"
CHECK_PREFIX = "check_"
HINTS = 3
FIGURE_DPI = 110
_NAME = re.compile(r"lesson(\d\d)_([a-z0-9_]+)")
_FIGURE = re.compile(r"!\[([^\]]*)\]\(figure\)")


@dataclass(frozen=True)
class Option:
    """One answer to choose.

    Attributes:
        text: the answer.
        feedback: the reason why it is correct or wrong; shown after it was chosen.
        correct: whether it is the correct one.
    """

    text: str
    feedback: str
    correct: bool = False


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

    def __post_init__(self) -> None:
        if sum(option.correct for option in self.options) != 1:
            raise ValueError(f"question {self.text[:40]!r} needs exactly one correct option")

    @property
    def letters(self) -> str:
        """The letters of the options."""
        return "abcdefgh"[: len(self.options)]

    def option(self, letter: str) -> Option:
        """The option with this letter.

        Raises:
            UnknownNameError: there is no such option.
        """
        if len(letter) != 1 or letter not in self.letters:
            raise UnknownNameError("answer", letter, self.letters)
        return self.options[self.letters.index(letter)]


@dataclass(frozen=True)
class LessonFigure:
    """The figure of a lesson.

    Attributes:
        function: "module:name" of the function that draws it.
        text: what the figure shows, for readers who cannot see it.
    """

    function: str
    text: str


@dataclass(frozen=True)
class _LessonFile:
    """The content of `lesson.toml`."""

    task: str
    hints: tuple[str, ...]
    figure: str
    questions: tuple[Question, ...]

    def __post_init__(self) -> None:
        if len(self.hints) != HINTS:
            raise ValueError(f"expected {HINTS} hints, got {len(self.hints)}")


@dataclass(frozen=True, eq=False)
class Lesson:
    """A lesson, as read from its folder.

    Attributes:
        number: its place in the course, from 1.
        slug: its name on the command line.
        folder: folder of its files.
        title: heading of its text.
        text: the text in Markdown.
        task: the exercise in one sentence.
        hints: three hints, each more explicit than the one before.
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
        """Name of the learner's file."""
        return f"{self.number:02d}_{self.slug.replace('-', '_')}.py"

    @property
    def exercise(self) -> str:
        """The file to fill in."""
        return (self.folder / "exercise.py").read_text(encoding="utf-8")

    @property
    def solution(self) -> str:
        """The reference solution."""
        return (self.folder / "solution.py").read_text(encoding="utf-8")

    def draw_figure(self) -> Figure:
        """Draw the figure.

        Raises:
            DataError: the lesson names a function that does not exist.
        """
        module, _, name = self.figure.function.partition(":")
        try:
            draw = getattr(importlib.import_module(module), name)
        except (AttributeError, ValueError):
            raise DataError(f"lesson {self.number}: unknown figure {self.figure.function!r}") from None
        figure: Figure = draw()
        return figure

    def question(self, number: int) -> Question:
        """The question with this number, from 1.

        Raises:
            ConfigError: there is no such question.
        """
        if not 1 <= number <= len(self.questions):
            raise ConfigError(f"lesson {self.number} has questions 1 to {len(self.questions)}, got {number}")
        return self.questions[number - 1]

    def run_experiment(self, number: int) -> Table:
        """Run the experiment of a question, which takes at most some seconds.

        Raises:
            ConfigError: there is no such question, or it has no experiment.
        """
        name = self.question(number).experiment
        if name is None:
            measured = [str(i + 1) for i, question in enumerate(self.questions) if question.experiment]
            raise ConfigError(
                f"question {number} of lesson {self.number} has no experiment; questions that have one: "
                f"{', '.join(measured) or 'none'}"
            )
        table: Table = getattr(importlib.import_module(f"{self.package}.experiments"), name)()
        return table


@functools.cache
def lessons() -> tuple[Lesson, ...]:
    """All lessons, in their order.

    Raises:
        DataError: the files of a lesson are not as this module's docstring describes.
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
        DataError: a file is missing, or is not as this module's docstring describes.
    """
    name = _NAME.fullmatch(folder.name)
    if name is None:
        raise DataError(f"{folder}: the name of a lesson's folder must be lessonNN_slug")
    try:
        text = (folder / "lesson.md").read_text(encoding="utf-8")
        data = tomllib.loads((folder / "lesson.toml").read_text(encoding="utf-8"))
        checks = _titles((folder / "checks.py").read_text(encoding="utf-8"))
        heading, pictures = re.match(r"# (.+)\n", text), _FIGURE.findall(text)
        if heading is None or len(pictures) != 1:
            raise ValueError("lesson.md needs a heading in its first line, and one ![words](figure)")
        if not checks:
            raise ValueError("checks.py needs at least one check")
    except (OSError, ValueError, SyntaxError) as problem:
        raise DataError(f"lesson {folder.name}: {type(problem).__name__} {problem}") from None
    content = from_plain(data, _LessonFile, f"lesson {folder.name}", DataError)
    return Lesson(
        number=int(name.group(1)),
        slug=name.group(2).replace("_", "-"),
        folder=folder,
        title=heading.group(1),
        text=text,
        task=content.task,
        hints=content.hints,
        figure=LessonFigure(content.figure, " ".join(pictures[0].split())),
        questions=content.questions,
        checks=checks,
    )


def figure_split(text: str) -> Sequence[str]:
    """The text before the figure and after it."""
    before, _, after = _FIGURE.split(text, maxsplit=1)
    return before, after


def _titles(source: str) -> dict[str, str]:
    """Names and titles of the checks, without importing what they import."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith(CHECK_PREFIX):
            title = (ast.get_docstring(node) or "").partition("\n")[0]
            if not title:
                raise ValueError(f"{node.name} has no docstring, which is the source of its title")
            found[node.name.removeprefix(CHECK_PREFIX)] = title
    return found
