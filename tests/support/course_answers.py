"""The bank of answers: wrong ones, each with the check that must reject it, and right ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kinverse.apps.course.lesson import Lesson, lessons

BANK = Path(__file__).parents[1] / "data" / "course_answers"


@dataclass(frozen=True)
class WrongAnswer:
    """An answer that a check must reject.

    Attributes:
        lesson: the lesson it answers.
        path: its file.
        check: name of the check that must be the first to fail.
        message: part of the check's message.
    """

    lesson: Lesson
    path: Path
    check: str
    message: str


def wrong_answers() -> list[WrongAnswer]:
    """The wrong answers to all lessons; the first line of a file is `# check: part of the message`."""
    found = []
    for lesson in lessons():
        for path in sorted((BANK / lesson.folder.name / "wrong").glob("*.py")):
            first = path.read_text(encoding="utf-8").partition("\n")[0]
            check, _, message = first.removeprefix("# ").partition(": ")
            found.append(WrongAnswer(lesson, path, check, message))
    return found


def right_answers() -> list[tuple[Lesson, Path]]:
    """The right answers to all lessons."""
    return [
        (lesson, path) for lesson in lessons() for path in sorted((BANK / lesson.folder.name / "right").glob("*.py"))
    ]
