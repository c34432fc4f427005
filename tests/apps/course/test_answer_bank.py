"""Every wrong answer is rejected by the intended check with the intended message; every right one passes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from kinverse.apps.course.lesson import Lesson, lessons
from kinverse.apps.course.results import CheckReport, Submission
from kinverse.apps.course.runner import Runner
from tests.support.course_answers import BANK, WrongAnswer, right_answers, wrong_answers

SEED = 20_261
MIN_WRONG, MIN_RIGHT = 8, 2


def checked(runner: Runner, lesson: Lesson, source: bytes, seed: int = SEED) -> CheckReport:
    return runner.check(Submission(lesson.slug, source, lesson.file_name, seed=seed))


@pytest.mark.parametrize("wrong", wrong_answers(), ids=lambda wrong: f"{wrong.lesson.number}-{wrong.path.stem}")
def test_a_wrong_answer_is_rejected_by_its_check_and_message(wrong: WrongAnswer, runner: Runner) -> None:
    report = checked(runner, wrong.lesson, wrong.path.read_bytes())
    failed = report.first_failed
    assert failed is not None, "passed"
    assert failed.name == wrong.check, failed
    assert wrong.message and wrong.message in failed.message


@pytest.mark.parametrize(
    ("lesson", "path"), right_answers(), ids=lambda item: item.stem if isinstance(item, Path) else str(item.number)
)
def test_a_right_answer_passes(lesson: Lesson, path: Path, runner: Runner) -> None:
    report = checked(runner, lesson, path.read_bytes())
    assert report.passed, str(report)


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: str(lesson.number))
def test_the_reference_solution_passes_for_several_seeds(lesson: Lesson, runner: Runner) -> None:
    for seed in (1, 2, 3):
        report = checked(runner, lesson, lesson.solution.encode(), seed)
        assert report.passed, str(report)


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: str(lesson.number))
def test_the_unsolved_exercise_is_reported_as_not_filled_in(lesson: Lesson, runner: Runner) -> None:
    report = checked(runner, lesson, lesson.exercise.encode())
    assert report.results[0].status == "passed"
    assert "is not filled in yet" in (report.first_failed or report.results[0]).message


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: str(lesson.number))
def test_the_bank_has_enough_answers_for_every_check(lesson: Lesson) -> None:
    wrong = [item for item in wrong_answers() if item.lesson is lesson]
    right = [path for other, path in right_answers() if other is lesson]
    assert len(wrong) >= MIN_WRONG and len(right) >= MIN_RIGHT
    assert {item.check for item in wrong} == set(lesson.checks), "a check without a wrong answer"


def test_every_folder_of_the_bank_belongs_to_a_lesson() -> None:
    assert {path.name for path in BANK.iterdir()} == {lesson.folder.name for lesson in lessons()}
    for path in BANK.rglob("*.py"):
        ast.parse(path.read_text(encoding="utf-8"))
