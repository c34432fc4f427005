"""Grades for a folder of submissions, as a CSV file and as a page.

The folder holds one folder for each student, with exercise files and anything else.
"""

from __future__ import annotations

import csv
import io
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kinverse import __version__
from kinverse.apps.course.lesson import Lesson, lessons
from kinverse.apps.course.results import SECONDS, CheckReport, CheckResult, Submission, rejected
from kinverse.apps.course.runner import Runner
from kinverse.apps.course.workspace import MAX_BYTES
from kinverse.errors import ConfigError
from kinverse.tables import Cell, Table

MISSING = "not handed in"
COLUMNS = ("student", "exercise", "check", "result", "message")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Graded:
    """One student's result for one exercise.

    Attributes:
        student: name of the folder, printable.
        lesson: the exercise.
        report: results of the checks; None: not handed in.
    """

    student: str
    lesson: Lesson
    report: CheckReport | None

    @property
    def results(self) -> tuple[CheckResult, ...]:
        """The results of the checks; empty if nothing was handed in."""
        return () if self.report is None else self.report.results


@dataclass(frozen=True)
class _Found:
    """A file to grade, or the reason why it cannot be graded."""

    student: str
    lesson: Lesson
    source: bytes | None
    problem: str = ""


def grade(
    folder: Path,
    *,
    chosen: tuple[Lesson, ...] | None = None,
    workers: int | None = None,
    seed: int = 0,
    seconds: float = SECONDS,
    watch: Callable[[str, float], None] = lambda doing, share: None,
) -> list[Graded]:
    """Grade every student's folder below `folder`.

    Links are not followed. A file that is broken, huge or hostile fails its own exercise only. The same files and the
    same seed give the same results.

    Args:
        folder: holds a folder per student, which holds the exercise files or a `kinverse-course` folder with them.
        chosen: the exercises; default: all.
        workers: number of worker processes; default: one per core.
        seed: seed of the random inputs, the same for everyone.
        seconds: computing time for each exercise [s].
        watch: called with the student's name and the share of the work that is done, 0 … 1.

    Returns:
        All exercises of every student, sorted by student, then in the course's order.

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
    with Runner(workers or os.cpu_count() or 1) as runner:
        found = (_find(Path(entry.path), printable(entry.name), lesson) for entry, lesson in work)
        for item, report in _check(runner, found, seed, seconds):
            graded.append(Graded(item.student, item.lesson, report))
            watch(item.student, len(graded) / len(work))
    return graded


def _check(
    runner: Runner, found: Iterator[_Found], seed: int, seconds: float
) -> Iterator[tuple[_Found, CheckReport | None]]:
    """The reports in the order of the files; some dozens of files are in memory at a time."""
    while batch := [item for _, item in zip(range(64), found, strict=False)]:
        files = [item for item in batch if item.source is not None]
        reports = runner.check_all(
            Submission(item.lesson.slug, item.source or b"", item.lesson.file_name, seed, seconds) for item in files
        )
        for item in batch:
            if item.source is not None:
                yield item, next(reports)
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
            return _Found(name, lesson, None, "not a regular file")
        try:
            # Without waiting and without following links, even if something else has replaced the file by now.
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
            with os.fdopen(descriptor, "rb") as file:
                source = file.read(MAX_BYTES + 1)
        except OSError as problem:
            return _Found(name, lesson, None, f"the file cannot be read ({problem.strerror})")
        if len(source) > MAX_BYTES:
            return _Found(name, lesson, None, "the file is larger than 1 MB")
        return _Found(name, lesson, source)
    return _Found(name, lesson, None)


def printable(name: str) -> str:
    """Any file name as printable text on one line."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)[:120]


def grades_csv(graded: Sequence[Graded]) -> str:
    """CSV with one line for each student, exercise and check.

    A cell that a spreadsheet would read as a formula gets an apostrophe in front.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for item in graded:
        if item.report is None:
            writer.writerow(map(_cell, (item.student, item.lesson.slug, "", MISSING, "")))
        for result in item.results:
            row = (item.student, item.lesson.slug, result.name, result.status, result.message)
            writer.writerow(map(_cell, row))
    return out.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def grades_page(graded: Sequence[Graded]) -> str:
    """HTML with the exercises that each student passed, the counts of each check, and every message.

    Equal results give equal text.
    """
    from kinverse.apps.report.page import Page, render

    students = list(dict.fromkeys(item.student for item in graded))
    reports = [item.report for item in graded if item.report is not None]
    passed = sum(report.passed for report in reports)
    page = Page(
        title="Grades",
        subtitle=f"{len(students)} students, {len(reports)} exercises handed in, {passed} passed",
        tables=(by_student(graded), by_check(graded), messages(graded)),
        footer=f"kinverse {__version__}, kinverse course grade",
    )
    return render(page)


def by_student(graded: Sequence[Graded]) -> Table:
    """A row for each student: how many checks of each exercise passed."""
    exercises = list(dict.fromkeys(item.lesson for item in graded))
    rows: dict[str, list[Cell]] = {}
    for item in graded:
        row = rows.setdefault(item.student, [])
        done = "–" if item.report is None else [result.status for result in item.results].count("passed")
        row.append(f"{done}/{len(item.lesson.checks) + 1}")
    totals = Counter(item.student for item in graded if item.report is not None and item.report.passed)
    columns = ("student", "passed", *(str(lesson.number) for lesson in exercises))
    note = (
        "Passed: exercises with all checks passed. Numbered columns: passed checks of the exercise; –: not handed in."
    )
    body = [(student, f"{totals[student]}/{len(exercises)}", *cells) for student, cells in rows.items()]
    return Table("Students and exercises", columns, body, note)


def by_check(graded: Sequence[Graded]) -> Table:
    """A row for each check: how many students passed it, failed it, or did not reach it."""
    counts: dict[tuple[str, str, str], Counter[str]] = {}
    for item in graded:
        for result in item.results:
            key = (_exercise(item), result.name, result.title)
            counts.setdefault(key, Counter())[result.status] += 1
    order = {slug: i for i, slug in enumerate(dict.fromkeys(map(_exercise, graded)))}
    rows: list[Sequence[Cell]] = [
        (*key, count["passed"], count["failed"], count["not run"])
        for key, count in sorted(counts.items(), key=lambda entry: order[entry[0][0]])
    ]
    return Table("Checks", ("exercise", "check", "what it tests", "passed", "failed", "not run"), rows)


def messages(graded: Sequence[Graded]) -> Table:
    """A row for each failed exercise: the message of the first check that failed."""
    rows: list[Sequence[Cell]] = []
    for item in graded:
        failed = None if item.report is None else item.report.first_failed
        if failed is not None:
            rows.append((item.student, _exercise(item), failed.name, failed.message))
    return Table("Feedback", ("student", "exercise", "check", "message"), rows)


def _exercise(item: Graded) -> str:
    return f"{item.lesson.number} {item.lesson.slug}"
