"""How far a learner is: a plain JSON file in the workspace."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kinverse.apps.course.lesson import HINTS, Lesson, lessons
from kinverse.errors import DataError
from kinverse.files import read_json, to_json, write_atomic

FORMAT = "kinverse-course/1"


@dataclass
class LessonProgress:
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
    quiz: dict[str, str] = field(default_factory=dict)


@dataclass
class Progress:
    """All lessons together.

    Attributes:
        current: slug of the lesson that is open.
        lessons: slug → what was done.
    """

    current: str
    lessons: dict[str, LessonProgress] = field(default_factory=dict)

    def of(self, lesson: Lesson) -> LessonProgress:
        """What was done in a lesson, to read and to change."""
        return self.lessons.setdefault(lesson.slug, LessonProgress())

    def state(self, lesson: Lesson) -> str:
        """passed, tried, or new."""
        done = self.lessons.get(lesson.slug, LessonProgress())
        return "passed" if done.passed else "tried" if done.attempts else "new"

    def answers(self, lesson: Lesson) -> list[tuple[str | None, bool]]:
        """For every question the letter that was chosen, and whether it is right."""
        quiz = self.lessons.get(lesson.slug, LessonProgress()).quiz
        found = []
        for i, question in enumerate(lesson.questions):
            letter = quiz.get(str(i + 1))
            chosen = question.letters.find(letter) if letter else -1
            found.append((letter, chosen >= 0 and question.options[chosen].right))
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

    def to_dict(self) -> dict[str, Any]:
        """The progress as JSON-ready data."""
        return {
            "format": FORMAT,
            "current": self.current,
            "lessons": {slug: vars(done) for slug, done in sorted(self.lessons.items())},
        }


def read_progress(path: Path) -> Progress:
    """Read a progress file.

    Raises:
        DataError: it is no JSON, or not one of ours; it is left as it is.
    """
    data = read_json(path, dict[str, Any], DataError)
    try:
        if data["format"] != FORMAT or not isinstance(data["current"], str):
            raise ValueError(f"format {data['format']!r}, expected {FORMAT!r}")
        return Progress(data["current"], {slug: _done(entry) for slug, entry in data["lessons"].items()})
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise DataError(
            f"{path}: not the progress of a course ({type(problem).__name__} {problem}); move it away to start anew"
        ) from None


def _done(entry: dict[str, Any]) -> LessonProgress:
    done = LessonProgress(**entry)
    quiz = {str(number): str(letter) for number, letter in done.quiz.items()}
    for name in ("attempts", "hints"):
        if isinstance(getattr(done, name), bool) or not isinstance(getattr(done, name), int):
            raise TypeError(f"{name} must be a whole number")
    if not (done.passed is None or isinstance(done.passed, str)) or not isinstance(done.solution, bool):
        raise TypeError("passed must be a time or null, solution true or false")
    return LessonProgress(max(0, done.attempts), done.passed, min(max(0, done.hints), HINTS), done.solution, quiz)


def write_progress(progress: Progress, path: Path) -> None:
    """Write the file in one step."""
    write_atomic(path, to_json(progress.to_dict()))
