"""Grading a folder of submissions: a folder for each student, in it the exercise files, whatever else may be there."""

from __future__ import annotations

import csv
import io
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kinverse.apps.course.court import Court
from kinverse.apps.course.lesson import Lesson, lessons
from kinverse.apps.course.verdict import SECONDS, CheckResult, Submission, Verdict, rejected
from kinverse.apps.course.workspace import LARGEST
from kinverse.errors import ConfigError

MISSING = "not handed in"
COLUMNS = ("student", "exercise", "check", "result", "message")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Graded:
    """What one student handed in for one exercise, and what the checks say.

    Attributes:
        student: name of the folder, printable.
        lesson: the exercise.
        verdict: of the checks; None: not handed in.
    """

    student: str
    lesson: Lesson
    verdict: Verdict | None

    @property
    def results(self) -> tuple[CheckResult, ...]:
        """Of the checks; empty where nothing was handed in."""
        return () if self.verdict is None else self.verdict.results


@dataclass(frozen=True)
class _Found:
    """A file to grade, or why it cannot be."""

    student: str
    lesson: Lesson
    source: bytes | None
    problem: str = ""


def grade(
    folder: Path,
    *,
    chosen: tuple[Lesson, ...] | None = None,
    judges: int | None = None,
    seed: int = 0,
    seconds: float = SECONDS,
    watch: Callable[[str, float], None] = lambda doing, share: None,
) -> list[Graded]:
    """Grade every student's folder below `folder`.

    Links are not followed, and a file that is broken, huge or hostile costs its own exercise only. The same files and
    the same seed give the same results.

    Args:
        folder: a folder for each student, which holds the exercise files or a `kinverse-course` folder with them.
        chosen: the exercises; None: all.
        judges: processes; None: one for each core.
        seed: of the inputs, the same for everyone.
        seconds: that each exercise may compute.
        watch: called with what is being done, and the share that is done.

    Returns:
        For every student, by name, every exercise in the course's order.

    Raises:
        ConfigError: there is no such folder, or no student in it.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder; it should hold a folder for each student")
    students = sorted(_folders(folder), key=lambda entry: os.fsencode(entry.name))
    if not students:
        raise ConfigError(f"{folder}: holds no folders; it should hold one for each student")
    exercises = lessons() if chosen is None else chosen
    work = [(entry, lesson) for entry in students for lesson in exercises]
    graded: list[Graded] = []
    with Court(judges or os.cpu_count() or 1) as court:
        found = (_find(Path(entry.path), printable(entry.name), lesson) for entry, lesson in work)
        for item, verdict in _judged(court, found, seed, seconds):
            graded.append(Graded(item.student, item.lesson, verdict))
            watch(item.student, len(graded) / len(work))
    return graded


def _judged(
    court: Court, found: Iterator[_Found], seed: int, seconds: float
) -> Iterator[tuple[_Found, Verdict | None]]:
    """The verdicts in the order of what was found; some dozens of files are in memory at a time."""
    while batch := [item for _, item in zip(range(64), found, strict=False)]:
        files = [item for item in batch if item.source is not None]
        verdicts = court.check_all(
            Submission(item.lesson.slug, item.source or b"", item.lesson.file_name, seed, seconds) for item in files
        )
        for item in batch:
            if item.source is not None:
                yield item, next(verdicts)
            elif item.problem:
                yield item, rejected(item.lesson.slug, dict(item.lesson.checks), item.problem, seed)
            else:
                yield item, None


def _folders(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return [entry for entry in entries if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")]


def _find(student: Path, name: str, lesson: Lesson) -> _Found:
    """A student's file for an exercise, read without following links."""
    for place in (student, student / "kinverse-course"):
        if place.is_symlink():
            continue
        path = place / lesson.file_name
        try:
            kind = path.lstat().st_mode
        except (OSError, ValueError):
            continue
        if stat.S_ISLNK(kind):
            return _Found(name, lesson, None, "the file is a link: hand in the file itself")
        if not stat.S_ISREG(kind):
            return _Found(name, lesson, None, "there is something of that name which is no file")
        try:
            # Without waiting and without following links, whatever has taken the file's place since.
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
            with os.fdopen(descriptor, "rb") as file:
                source = file.read(LARGEST + 1)
        except OSError as problem:
            return _Found(name, lesson, None, f"the file cannot be read ({problem.strerror})")
        if len(source) > LARGEST:
            return _Found(name, lesson, None, "the file is larger than 1 MB, which no exercise is")
        return _Found(name, lesson, source)
    return _Found(name, lesson, None)


def printable(name: str) -> str:
    """A file name that may hold anything as text on one line."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)[:120]


def grades_csv(graded: list[Graded]) -> str:
    """One line for each student, exercise and check.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for item in graded:
        if item.verdict is None:
            writer.writerow(map(_cell, (item.student, item.lesson.slug, "", MISSING, "")))
        for result in item.results:
            row = (item.student, item.lesson.slug, result.name, result.status, result.message)
            writer.writerow(map(_cell, row))
    return out.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
