"""The page of a graded class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kinverse import __version__
from kinverse.apps.course.grade import Graded
from kinverse.apps.report.page import Page, render
from kinverse.tables import Cell, Table


def grades_page(graded: Sequence[Graded]) -> str:
    """HTML with the exercises that each student passed, the counts of each check, and every message.

    Equal results give equal text.
    """
    students = list(dict.fromkeys(item.student for item in graded))
    handed = [item for item in graded if item.report is not None]
    passed = sum(item.report is not None and item.report.passed for item in graded)
    page = Page(
        title="Grades",
        subtitle=f"{len(students)} students, {len(handed)} exercises handed in, {passed} passed",
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
            key = (_name(item), result.name, result.title)
            counts.setdefault(key, Counter())[result.status] += 1
    order = {slug: i for i, slug in enumerate(dict.fromkeys(map(_name, graded)))}
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
            rows.append((item.student, _name(item), failed.name, failed.message))
    return Table("Feedback", ("student", "exercise", "check", "message"), rows)


def _name(item: Graded) -> str:
    return f"{item.lesson.number} {item.lesson.slug}"
