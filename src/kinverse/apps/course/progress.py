"""How far a learner is: a plain JSON file in the workspace."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kinverse.apps.course.lesson import HINTS, Lesson, lessons
from kinverse.errors import DataError
from kinverse.files import read_json, to_json, write_atomic

FORMAT = "kinverse-course/1"


class LessonProgress(msgspec.Struct, forbid_unknown_fields=True):
    """What was done in one lesson.

    Attributes:
        attempts: how often it was checked.
        passed: when all checks passed for the first time (ISO 8601, UTC); None: not yet.
        hints: how many were shown.
        solution: whether the reference solution was shown before the checks had passed.
        quiz: number of a question, from "1" → the letter last chosen.
    """

    attempts: int = 0
    passed: str | None = None
    hints: int = 0
    solution: bool = False
    quiz: dict[str, str] = {}  # msgspec copies it

    def __post_init__(self) -> None:
        self.attempts, self.hints = max(0, self.attempts), min(max(0, self.hints), HINTS)


class Progress(msgspec.Struct, forbid_unknown_fields=True):
    """All lessons together, and what the progress file holds.

    A field that this version does not know is an error, because saving the file would lose it.

    Attributes:
        current: slug of the open lesson.
        lessons: slug → what was done.
        format: name and version of the file's format.
    """

    current: str
    lessons: dict[str, LessonProgress]
    format: str

    @classmethod
    def new(cls, current: str) -> Progress:
        """The progress of a learner who has done nothing yet."""
        return cls(current, {}, FORMAT)

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise ValueError(f"format {self.format!r}, expected {FORMAT!r}")

    def of(self, lesson: Lesson) -> LessonProgress:
        """What was done in a lesson, to read and to change."""
        return self.lessons.setdefault(lesson.slug, LessonProgress())

    def state(self, lesson: Lesson) -> str:
        """passed, tried, or new."""
        done = self.lessons.get(lesson.slug, LessonProgress())
        return "passed" if done.passed else "tried" if done.attempts else "new"

    def answers(self, lesson: Lesson) -> list[tuple[str | None, bool]]:
        """For every question the chosen letter, and whether it is correct."""
        quiz = self.lessons.get(lesson.slug, LessonProgress()).quiz
        found = []
        for i, question in enumerate(lesson.questions):
            letter = quiz.get(str(i + 1))
            chosen = question.letters.find(letter) if letter else -1
            found.append((letter, chosen >= 0 and question.options[chosen].correct))
        return found

    def checked(self, lesson: Lesson, passed: bool) -> None:
        """Note that a lesson was checked."""
        done = self.of(lesson)
        done.attempts += 1
        if passed and done.passed is None:
            done.passed = datetime.now(UTC).isoformat(timespec="seconds")

    def first_open(self) -> Lesson | None:
        """The first lesson that has not passed; None: all have."""
        return next((lesson for lesson in lessons() if self.state(lesson) != "passed"), None)


def read_progress(path: Path) -> Progress:
    """Read a progress file.

    Raises:
        DataError: it is not a progress file, or damaged; it is left as it is.
    """
    try:
        return read_json(path, Progress, DataError)
    except DataError as problem:
        raise DataError(f"{problem}; move the file away to start again") from None


def write_progress(progress: Progress, path: Path) -> None:
    """Write the file in one step."""
    write_atomic(path, to_json(progress))
