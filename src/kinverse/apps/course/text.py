"""Lessons, check reports and quizzes as plain text of at most 80 columns: no colour, nothing that needs a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kinverse.apps.course.lesson import Lesson, Option, Question, figure_split, find_lesson

if TYPE_CHECKING:
    from kinverse.apps.course.results import CheckReport
    from kinverse.apps.course.workspace import Progress

WIDTH = 78
MAX_LINES = 20
_WORDS = {"passed": "passed ", "failed": "FAILED ", "not run": "not run"}


def wrapped(text: str, first: str = "", rest: str | None = None) -> str:
    """A paragraph in lines of at most `WIDTH` columns, with `first` before the first line and `rest` before others."""
    rest = " " * len(first) if rest is None else rest
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=True, break_on_hyphens=False
    )


def lesson_text(lesson: Lesson, drawn: str = "") -> str:
    """The text of a lesson.

    Args:
        lesson: the lesson.
        drawn: path of its figure; empty: it was not drawn.
    """
    before, after = figure_split(lesson.text)
    place = f" ({drawn})" if drawn else ""
    heading, _, body = before.partition("\n")
    parts = [
        f"Lesson {lesson.number}: {heading.removeprefix('# ')}",
        body.strip(),
        wrapped(lesson.figure.text, f"Figure{place}: ", "  "),
        after.strip(),
    ]
    return "\n\n".join(part for part in parts if part)


def report_text(report: CheckReport) -> str:
    """One line for each check, then the message of the first that failed, then what the code printed."""
    lesson = find_lesson(report.lesson)
    lines = [f"{lesson.file_name}: {count(report)}"]
    lines += [wrapped(result.title, f"  {_WORDS[result.status]}  ", " " * 11) for result in report.results]
    failed = report.first_failed
    if failed is not None:
        lines += ["", wrapped(f"{failed.name}: {failed.message}.".replace("..", "."))]
    if report.output.strip():
        printed = [line[: WIDTH - 4] for line in report.output.splitlines()]
        cut = [f"… ({len(printed) - MAX_LINES} more lines)"] if len(printed) > MAX_LINES else []
        lines += ["", "Your code printed:", *(f"    {line}" for line in [*printed[:MAX_LINES], *cut])]
    return "\n".join(lines)


def count(report: CheckReport) -> str:
    """How many checks passed, in words."""
    passed = sum(result.status == "passed" for result in report.results)
    return f"{'all' if report.passed else f'{passed} of'} {len(report.results)} checks passed"


def question_text(question: Question, number: int) -> str:
    """A question with its lettered options."""
    lines = [wrapped(question.text, f"{number}. ")]
    options = zip(question.letters, question.options, strict=True)
    return "\n".join([*lines, *(wrapped(option.text, f"   {letter}) ") for letter, option in options)])


def feedback_text(letter: str, option: Option) -> str:
    """The feedback on an answer."""
    return wrapped(f"{letter}) {'correct' if option.correct else 'not correct'}: {option.feedback}")


def list_text(lessons: Sequence[Lesson], progress: Progress) -> str:
    """One line for each lesson, with its state."""
    lines = []
    for lesson in lessons:
        answered = sum(correct for _, correct in progress.answers(lesson))
        quiz = f"quiz {answered}/{len(lesson.questions)}"
        here = ">" if lesson.slug == progress.current else " "
        lines.append(f"{here} {lesson.number:2d}  {lesson.slug:32s} {progress.state(lesson):10s} {quiz}")
    return "\n".join(lines)
