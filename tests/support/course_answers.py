"""The bank of answers: wrong ones, each with the check that must reject it, and right ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kinverse.apps.course.lesson import Lesson, lessons

BANK = Path(__file__).parents[2] / "data" / "course_answers"


@dataclass(frozen=True)
class WrongAnswer:
    """An answer that a check must reject.

    Attributes:
        lesson: it belongs to.
        path: of the file.
        check: that must be the first to fail.
        said: part of its message.
    """

    lesson: Lesson
    path: Path
    check: str
    said: str


def wrong_answers() -> list[WrongAnswer]:
    """Of all lessons; the first line of a file says `# check: part of the message`."""
    found = []
    for lesson in lessons():
        for path in sorted((BANK / lesson.folder.name / "wrong").glob("*.py")):
            first = path.read_text(encoding="utf-8").partition("\n")[0]
            check, _, said = first.removeprefix("# ").partition(": ")
            found.append(WrongAnswer(lesson, path, check, said))
    return found


def right_answers() -> list[tuple[Lesson, Path]]:
    """Of all lessons."""
    return [
        (lesson, path) for lesson in lessons() for path in sorted((BANK / lesson.folder.name / "right").glob("*.py"))
    ]
