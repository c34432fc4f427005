"""kinverse course: every verb, without a terminal, in 80 columns."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from kinverse.apps.cli import main
from kinverse.apps.course.lesson import find_lesson, lessons

LESSON = find_lesson(3)
Course = Callable[..., SimpleNamespace]


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Course:
    """`kinverse course …` in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: object) -> SimpleNamespace:
        capsys.readouterr()
        code = main(["course", *map(str, arguments)])
        said = capsys.readouterr()
        return SimpleNamespace(code=code, out=said.out, err=said.err)

    return run


def test_the_verb_alone_starts_and_resumes(course: Course, tmp_path: Path) -> None:
    shown = course()
    assert shown.code == 0, shown.err
    assert f"Lesson 1: {lessons()[0].title}" in shown.out
    assert "Exercise: kinverse-course/01_workflow.py" in shown.out
    assert (tmp_path / "kinverse-course/figures/01_workflow.png").stat().st_size > 1000
    assert "Lesson 3: Scaling" in course("start", "scaling").out
    assert "Lesson 3: Scaling" in course().out
    assert "Lesson 1:" in course("next").out


def test_a_lesson_from_the_start_to_the_solution(course: Course, tmp_path: Path) -> None:
    course("start", 3)
    path = tmp_path / "kinverse-course" / LESSON.file_name
    failed = course("check")
    assert failed.code == 1
    assert "FAILED" in failed.out and "fit_minmax is not filled in yet" in failed.out
    assert "A hint: kinverse course hint 3" in failed.out
    hints = [course("hint").out for _ in range(4)]
    assert [hint[:13] for hint in hints] == [f"Hint {i} of 3: "[:13] for i in (1, 2, 3, 3)]
    refused = course("solution")
    assert refused.code == 2 and "--anyway shows its solution" in refused.err
    path.write_text(LESSON.solution)
    passed = course("check", "--seed", 5)
    assert passed.code == 0 and "all 6 checks passed" in passed.out
    assert course("solution", 3).out == LESSON.solution
    assert f"1 of {len(lessons())} lessons passed" in course("progress").out
    assert ">  3  scaling-without-leaks            passed" in course("list").out
    again = course("reset")
    assert "before-reset.py" in again.out and path.read_text() == LESSON.exercise
    assert (path.parent / "03_scaling_without_leaks.before-reset.py").read_text() == LESSON.solution


def test_a_solution_shown_before_passing_is_noted(course: Course, tmp_path: Path) -> None:
    course("start", 3)
    assert course("solution", "--anyway").out == LESSON.solution
    progress = json.loads((tmp_path / "kinverse-course/progress.json").read_text())
    assert progress["lessons"][LESSON.slug]["solution"] is True


def test_a_quiz_without_a_terminal(course: Course, tmp_path: Path) -> None:
    course("start", 3)
    asked = course("quiz").out
    assert "1. Which rows may decide" in asked and "   b) The training rows." in asked
    assert "answer with: kinverse course quiz 3 --question 1 --answer a" in asked
    wrong = course("quiz", 3, "--answer", "A")
    assert wrong.code == 0 and wrong.out.startswith("a) not correct: That is the leak")
    assert course("quiz", 3, "--answer", "b").out.startswith("b) correct: ")
    answered = json.loads(course("quiz", "--answer", "b", "--json").out)
    assert (answered["lesson"], answered["question"]) == ("scaling-without-leaks", 2)
    answers = json.loads(course("quiz", "--json").out)["questions"]
    assert [item["correct"] for item in answers] == [True, True, None]
    assert "largest change of a column's range [%]" in course("quiz", "--question", 1, "--experiment").out
    assert "2/3" in course("list").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "99"), "unknown lesson '99': available: 1 workflow"),
        (("check", "--seconds", "0"), "seconds must be > 0 and at most 3600, got 0"),
        (("check", "1"), "01_workflow.py: no such file; kinverse course start 1 writes the exercise"),
        (("quiz", "--answer", "z"), "unknown answer 'z'"),
        (("quiz", "--question", "9"), "lesson 3 has questions 1 to 3, got 9"),
        (("quiz", "--question", "3", "--experiment"), "question 3 of lesson 3 has no experiment; questions that have"),
        (("quiz", "--answer", "a", "--experiment"), "exclude each other: give one of them"),
        (("grade", "nowhere"), "nowhere: no such folder"),
        (("grade", ".", "--workers", "0"), "workers must be ≥ 1, got 0"),
        (("grade", ".", "--out", "file"), "file: is a file; give a folder"),
        (("grade", ".", "--lessons", "none"), "unknown lesson 'none'"),
        (("start", "--folder", "file"), "file: is a file; name another folder with --folder"),
        (("chek",), "did you mean 'check'"),
        (("check", "--sed", "1"), "see kinverse course check --help"),
        (("notebook", "none"), "unknown lesson 'none'"),
    ],
)
def test_usage_errors_are_one_line(arguments: tuple[str, ...], said: str, course: Course, tmp_path: Path) -> None:
    course("start", 3)
    (tmp_path / "file").write_text("mine")
    shown = course(*arguments)
    assert shown.code == 2 and shown.out == ""
    assert said in shown.err and shown.err.count("\n") == 1
    assert (tmp_path / "file").read_text() == "mine"


def test_verbs_before_the_start(course: Course, tmp_path: Path) -> None:
    assert course("check").err == (
        "kinverse: kinverse-course: no course was started here; kinverse course starts one\n"
    )
    assert LESSON.slug in course("list").out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [("start", "3"), ("next",), ("list",), ("check",), ("hint",), ("solution", "--anyway"), ("reset",), ("progress",),
     ("quiz",), ("quiz", "--answer", "a"), ("quiz", "--question", "1", "--experiment"), ("watch", "--rounds", "1")],
    ids=" ".join,
)  # fmt: skip
def test_every_verb_prints_json(arguments: tuple[str, ...], course: Course) -> None:
    course("start", 3)
    shown = course(*arguments, "--json")
    assert shown.err == ""
    (line,) = shown.out.splitlines()
    assert isinstance(json.loads(line), dict)


def test_output_fits_80_columns_without_colour(course: Course) -> None:
    course("start", 3)
    said = [course(*arguments).out for arguments in (
        ("start", 3), ("list",), ("check",), ("hint",), ("quiz",), ("quiz", "--answer", "a"), ("progress",), ("reset",),
    )]  # fmt: skip
    for line in "".join(said).splitlines():
        assert len(line) <= 80 or "before-reset" in line, line
        assert "\x1b" not in line


def test_watch_checks_the_file(course: Course, tmp_path: Path) -> None:
    course("start", 3)
    shown = course("watch", "--rounds", 1)
    assert shown.code == 0
    assert "1 of 6 checks passed" in shown.out and "waiting for the file to be saved" in shown.out


def test_grading_writes_a_table_and_a_page(course: Course, tmp_path: Path) -> None:
    (tmp_path / "class/ann").mkdir(parents=True)
    (tmp_path / "class/ann" / LESSON.file_name).write_text(LESSON.solution)
    shown = course("grade", "class", "--workers", 1, "--lessons", 3, "scaling")
    assert shown.code == 0, shown.err
    assert shown.out.startswith("1 student: 1 exercises handed in, 1 passed all checks\n")
    assert (tmp_path / "grades/grades.csv").read_text().startswith("student,exercise,check,result,message\nann,scaling")
    assert "<title>Grades</title>" in (tmp_path / "grades/grades.html").read_text()
    assert json.loads(course("grade", "class", "--json", "--lessons", 3).out)["passed"] == 1


def test_a_quiz_at_a_terminal(tmp_path: Path) -> None:
    """Answers are typed; a wrong one is told and asked again; Enter passes over."""
    leader, follower = pty.openpty()
    environment = {**os.environ, "COLUMNS": "80", "TERM": "xterm"}
    command = [sys.executable, "-m", "kinverse.apps.cli", "course"]
    subprocess.run([*command, "start", "3"], cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, check=True)
    process = subprocess.Popen(
        [*command, "quiz"], cwd=tmp_path, env=environment, stdin=follower, stdout=follower, stderr=follower
    )
    os.close(follower)
    os.write(leader, b"x\na\nb\n\n\n")
    said, deadline = b"", time.monotonic() + 60.0
    with contextlib.suppress(OSError):  # the other end was closed
        while time.monotonic() < deadline:
            if select.select([leader], [], [], 0.2)[0]:
                said += os.read(leader, 65536)
    os.close(leader)
    assert process.wait(timeout=10) == 0, said
    text = said.decode()
    assert "a) not correct:" in text and "b) correct:" in text
    progress = json.loads((tmp_path / "kinverse-course/progress.json").read_text())
    assert progress["lessons"][LESSON.slug]["quiz"] == {"1": "b"}
