"""Grading is deterministic, and no submission stops it."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import pytest

from kinverse.apps.course.grade import MISSING, Graded, by_check, by_student, grade, grades_csv, grades_page, printable
from kinverse.apps.course.lesson import find_lesson
from kinverse.errors import ConfigError
from tests.support.course_answers import BANK

LESSONS = (find_lesson(1), find_lesson(3))
FIRST, SECOND = LESSONS
HOSTILE = {
    "binary": bytes(range(256)) * 10,
    "endless": b"while True: pass",
    "exits": b"import os; os._exit(3)",
    "empty": b"",
    "formula": b'raise ValueError("=cmd()")',
    "page": b'raise ValueError("<script>alert(1)</script>")',
    "crashes": b"import ctypes; ctypes.string_at(0)",
    "floods": b"print('x' * 10**7)",
}


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class: correct, wrong, broken and hostile submissions."""
    folder = tmp_path_factory.mktemp("class")
    for name in ("ann", "zoë"):
        (folder / name).mkdir()
        for lesson in LESSONS:
            (folder / name / lesson.file_name).write_text(lesson.solution)
    (folder / "bob" / "kinverse-course").mkdir(parents=True)
    wrong = (BANK / SECOND.folder.name / "wrong/fitted_on_all_rows.py").read_bytes()
    (folder / "bob" / "kinverse-course" / SECOND.file_name).write_bytes(wrong)
    for name, source in HOSTILE.items():
        (folder / name).mkdir()
        (folder / name / SECOND.file_name).write_bytes(source)
    (folder / "nothing").mkdir()
    (folder / "=1+1").mkdir()
    (folder / "links").mkdir()
    (folder / "links" / SECOND.file_name).symlink_to(folder / "ann" / SECOND.file_name)
    (folder / "links" / FIRST.file_name).symlink_to("/dev/zero")
    (folder / "huge").mkdir()
    with (folder / "huge" / SECOND.file_name).open("wb") as file:
        file.truncate(1 << 30)
    os.mkfifo(folder / "huge" / FIRST.file_name)
    (folder / "a folder" / SECOND.file_name).mkdir(parents=True)
    (folder / "two\nlines").mkdir()
    (folder / os.fsdecode(b"\xff\xfe")).mkdir()
    (folder / "loop").symlink_to(folder)
    (folder / ".hidden").mkdir()
    (folder / "a file.txt").write_text("no student")
    return folder


@pytest.fixture(scope="module")
def graded(handed_in: Path) -> list[Graded]:
    return grade(handed_in, chosen=LESSONS, workers=1, seconds=1.0)


def message_of(graded: list[Graded], student: str, lesson=SECOND) -> str:
    (item,) = [item for item in graded if item.student == student and item.lesson is lesson]
    assert item.report is not None and item.report.first_failed is not None
    return item.report.first_failed.message


def test_correct_submissions_pass(graded: list[Graded]) -> None:
    passed = {(i.student, i.lesson.number) for i in graded if i.report is not None and i.report.passed}
    assert passed == {("ann", 1), ("ann", 3), ("zoë", 1), ("zoë", 3)}
    assert "were validation or test rows part of the fit?" in message_of(graded, "bob")
    students = list(dict.fromkeys(item.student for item in graded))
    assert len(students) == 3 + len(HOSTILE) + 7 and len(graded) == 2 * len(students)
    assert "two\\nlines" in students and "\\xff\\xfe" in students and "loop" not in students


@pytest.mark.parametrize(
    ("student", "message"),
    [
        ("links", "the file is a link: hand in the file itself"),
        ("huge", "the file is larger than 1 MB"),
        ("a folder", "not a regular file"),
        ("binary", "the file is not Python"),
        ("endless", "still runs after 1 s"),
        ("exits", "ends the whole process (exit code 3)"),
        ("empty", "there is no fit_minmax"),
        ("crashes", "crashes the interpreter"),
        ("floods", "there is no fit_minmax"),
    ],
)
def test_a_bad_file_fails_its_own_exercise_with_a_message(graded: list[Graded], student: str, message: str) -> None:
    assert message in message_of(graded, student)
    assert all(
        i.report is None or i.student in ("links", "huge") for i in graded if i.lesson is FIRST and i.student == student
    )


def test_links_and_pipes_are_not_opened(graded: list[Graded]) -> None:
    assert message_of(graded, "links", FIRST) == "the file is a link: hand in the file itself"
    assert message_of(graded, "huge", FIRST) == "not a regular file"


def test_the_csv_has_every_check_of_every_student(graded: list[Graded]) -> None:
    rows = list(csv.DictReader(io.StringIO(grades_csv(graded))))
    assert list(rows[0]) == ["student", "exercise", "check", "result", "message"]
    ann = [row for row in rows if row["student"] == "ann"]
    assert len(ann) == sum(1 + len(lesson.checks) for lesson in LESSONS)
    assert {row["result"] for row in ann} == {"passed"}
    assert [row["result"] for row in rows if row["student"] == "nothing"] == [MISSING, MISSING]
    assert "'=1+1" in [row["student"] for row in rows]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_grades_do_not_depend_on_the_number_of_workers(graded: list[Graded], handed_in: Path) -> None:
    again = grade(handed_in, chosen=LESSONS, workers=2, seconds=1.0)
    assert grades_csv(again) == grades_csv(graded)
    assert grades_page(again) == grades_page(graded)


def test_the_page_is_complete_and_escaped(graded: list[Graded]) -> None:
    page = grades_page(graded)
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert "18 students" in page and "zoë" in page and "not handed in" in page
    table = by_student(graded)
    assert [row for row in table.rows if row[0] == "ann"] == [("ann", "2/2", "6/6", "6/6")]
    counts = {(row[0], row[1]): row[3:] for row in by_check(graded).rows}
    assert counts[f"{SECOND.number} {SECOND.slug}", "training_range"][0] == 3


def test_submissions_are_not_changed(handed_in: Path, graded: list[Graded]) -> None:
    assert (handed_in / "ann" / SECOND.file_name).read_text() == SECOND.solution
    assert sorted(path.name for path in (handed_in / "ann").iterdir()) == [lesson.file_name for lesson in LESSONS]


def test_a_missing_or_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        grade(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match="holds no folders"):
        grade(tmp_path)


def test_folder_names_become_printable() -> None:
    assert printable("a\tb\x1b[31m\u202ex") == "a\\tb\\x1b[31m\\u202ex"
    assert len(printable("x" * 300)) == 120
