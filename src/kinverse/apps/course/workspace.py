"""The learner's folder: exercise files, figures and a progress file. Files of the learner are never overwritten."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kinverse.apps.course.lesson import FIGURE_DPI, HINTS, Lesson, find_lesson, lessons
from kinverse.apps.course.results import SECONDS, CheckReport, Submission
from kinverse.apps.course.runner import Runner
from kinverse.errors import ConfigError, DataError, UnknownNameError
from kinverse.files import free_path, read_json, to_json, write_atomic

DEFAULT = Path("kinverse-course")
PROGRESS = "progress.json"
FORMAT = "kinverse-course/1"
MAX_BYTES = 1 << 20
"""Largest exercise file [bytes]."""
MAX_SECONDS = 3600.0
SECONDS_BETWEEN_LOOKS = 0.3
"""Time between two looks of `watch` at the file."""


class LessonProgress(msgspec.Struct, forbid_unknown_fields=True):
    """How far the learner is in one lesson.

    Attributes:
        attempts: number of checks.
        passed: time at which all checks passed first (ISO 8601, UTC); None: not yet.
        hints: number of hints shown.
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
    """How far the learner is in all lessons: the content of the progress file.

    A field that this version does not know is an error, because saving the file would lose it.

    Attributes:
        current: slug of the open lesson.
        lessons: slug → progress in the lesson.
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
        """The progress in a lesson, to read and to change."""
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

    def record_check(self, lesson: Lesson, passed: bool) -> None:
        """Record a check of a lesson."""
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
        DataError: it is no progress file, or it is damaged; the file is not changed.
    """
    try:
        return read_json(path, Progress, DataError)
    except DataError as problem:
        raise DataError(f"{problem}; move the file away to start again") from None


@dataclass(frozen=True)
class Workspace:
    """A learner's folder.

    Attributes:
        folder: path of the folder.
        progress: how far the learner is; `save` writes it.
    """

    folder: Path
    progress: Progress

    @classmethod
    def open(cls, folder: Path | None, *, make: bool = False) -> Workspace:
        """Open a workspace, or make one.

        Args:
            folder: path; default: the current folder if it is a workspace, else `kinverse-course` in it.
            make: make the workspace if there is none.

        Raises:
            ConfigError: there is no workspace and none may be made, or a file has its name.
            DataError: the progress file is damaged.
        """
        folder = folder or (Path() if _is_workspace(Path(PROGRESS)) else DEFAULT)
        path = folder / PROGRESS
        if path.exists():
            progress = read_progress(path)
            try:
                find_lesson(progress.current)
            except UnknownNameError:  # a lesson of another version
                progress.current = (progress.first_open() or lessons()[-1]).slug
            return cls(folder, progress)
        if not make:
            raise ConfigError(f"{folder}: no course was started here; kinverse course starts one")
        if folder.exists() and not folder.is_dir():
            raise ConfigError(f"{folder}: is a file; name another folder with --folder")
        folder.mkdir(parents=True, exist_ok=True)
        workspace = cls(folder, Progress.new(lessons()[0].slug))
        workspace.save()
        return workspace

    def save(self) -> None:
        """Write the progress."""
        write_atomic(self.folder / PROGRESS, to_json(self.progress))

    @property
    def current(self) -> Lesson:
        """The open lesson."""
        return find_lesson(self.progress.current)

    def lesson(self, name: str | None) -> Lesson:
        """The lesson of this name, or the open one.

        Raises:
            UnknownNameError: there is no such lesson.
        """
        return self.current if name is None else find_lesson(name)

    def file(self, lesson: Lesson) -> Path:
        """Path of the learner's file for a lesson."""
        return self.folder / lesson.file_name

    def start(self, lesson: Lesson) -> Path:
        """Open a lesson, and write its exercise file if there is none."""
        self.progress.current = lesson.slug
        path = self.file(lesson)
        if not path.exists() and not path.is_symlink():
            write_atomic(path, lesson.exercise)
        self.save()
        return path

    def save_figure(self, lesson: Lesson) -> Path | None:
        """Save a lesson's figure unless it is there already; None if matplotlib is not installed."""
        path = self.folder / "figures" / f"{Path(lesson.file_name).stem}.png"
        if path.exists():
            return path
        try:
            figure = lesson.draw_figure()
        except ModuleNotFoundError:
            return None
        path.parent.mkdir(exist_ok=True)
        figure.savefig(path, dpi=FIGURE_DPI)
        return path

    def reset(self, lesson: Lesson) -> Path | None:
        """Restore an exercise file to its initial content; the old file is kept under another name.

        Returns:
            Path of the old file; None: there was none.
        """
        path, kept = self.file(lesson), None
        if path.exists() or path.is_symlink():
            kept = free_path(path.with_name(f"{path.stem}.before-reset.py"))
            path.rename(kept)
        write_atomic(path, lesson.exercise)
        return kept

    def read(self, lesson: Lesson) -> bytes:
        """The learner's file.

        Raises:
            ConfigError: there is none, or it is not an exercise file.
        """
        path = self.file(lesson)
        if not path.exists():
            raise ConfigError(f"{path}: no such file; kinverse course start {lesson.number} writes the exercise")
        return read_exercise(path)

    def check(self, runner: Runner, lesson: Lesson, seed: int, seconds: float = SECONDS) -> CheckReport:
        """Check the learner's file of a lesson, and record the result in the progress.

        Args:
            runner: runs the checks.
            lesson: the lesson.
            seed: seed of the random inputs.
            seconds: computing time for the learner's code [s].

        Raises:
            ConfigError: there is no such file, or the time is out of range.
        """
        if not 0.0 < seconds <= MAX_SECONDS:
            raise ConfigError(f"seconds must be > 0 and at most {MAX_SECONDS:g}, got {seconds:g}")
        report = runner.check(Submission(lesson.slug, self.read(lesson), lesson.file_name, seed, seconds))
        self.progress.record_check(lesson, report.passed)
        self.save()
        return report

    def watch(
        self, lesson: Lesson, rounds: int | None = None, sleep: Callable[[float], None] = time.sleep
    ) -> Iterator[CheckReport]:
        """Check the file now, and again whenever it is saved, with one worker, which loads the libraries once.

        Args:
            lesson: the lesson.
            rounds: number of checks; None: without end.
            sleep: waits between two looks at the file [s].
        """
        path = self.file(lesson)
        seen: tuple[int, int] | None = None
        with Runner() as runner:
            while rounds is None or rounds > 0:
                try:
                    stat = path.stat()
                    now = (stat.st_mtime_ns, stat.st_size)
                except FileNotFoundError:  # an editor is replacing it
                    now = seen or (0, 0)
                if now == seen:
                    sleep(SECONDS_BETWEEN_LOOKS)
                    continue
                seen = now
                yield self.check(runner, lesson, secrets.randbits(31))
                rounds = None if rounds is None else rounds - 1


def read_exercise(path: Path) -> bytes:
    """The content of an exercise file.

    Raises:
        ConfigError: it is not an ordinary file, or too large.
    """
    if not path.is_file():
        raise ConfigError(f"{path}: not a file")
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{path}: larger than 1 MB")
    return content


def _is_workspace(path: Path) -> bool:
    try:
        return path.is_file() and FORMAT in path.read_text(encoding="utf-8")[:MAX_BYTES]
    except (OSError, UnicodeDecodeError):
        return False
