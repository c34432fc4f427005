"""Every wrong answer is rejected by the check that should, with a message of its own; every right one passes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from kinverse.apps.course.court import Court
from kinverse.apps.course.lesson import Lesson, lessons
from kinverse.apps.course.verdict import Submission
from tests.support.course_answers import BANK, WrongAnswer, right_answers, wrong_answers

SEED = 20_261
FEWEST_WRONG, FEWEST_RIGHT = 8, 2


def _checked(court: Court, lesson: Lesson, source: bytes, seed: int = SEED):
    return court.check(Submission(lesson.slug, source, lesson.file_name, seed=seed))


@pytest.mark.parametrize("wrong", wrong_answers(), ids=lambda wrong: f"{wrong.lesson.number}-{wrong.path.stem}")
def test_a_wrong_answer_is_rejected_by_its_own_message(wrong: WrongAnswer, court: Court) -> None:
    verdict = _checked(court, wrong.lesson, wrong.path.read_bytes())
    failed = verdict.first_failed
    assert failed is not None, "passed"
    assert failed.name == wrong.check, failed
    assert wrong.said and wrong.said in failed.message


@pytest.mark.parametrize(
    ("lesson", "path"), right_answers(), ids=lambda item: item.stem if isinstance(item, Path) else str(item.number)
)
def test_a_right_answer_passes(lesson: Lesson, path: Path, court: Court) -> None:
    verdict = _checked(court, lesson, path.read_bytes())
    assert verdict.passed, str(verdict)


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: str(lesson.number))
def test_the_reference_solution_passes_on_other_inputs_too(lesson: Lesson, court: Court) -> None:
    for seed in (1, 2, 3):
        verdict = _checked(court, lesson, lesson.solution.encode(), seed)
        assert verdict.passed, str(verdict)


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: str(lesson.number))
def test_the_exercise_as_it_is_given_fails_and_says_why(lesson: Lesson, court: Court) -> None:
    verdict = _checked(court, lesson, lesson.exercise.encode())
    assert verdict.results[0].status == "passed"
    assert "is not filled in yet" in (verdict.first_failed or verdict.results[0]).message


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: str(lesson.number))
def test_the_bank_is_large_enough(lesson: Lesson) -> None:
    wrong = [item for item in wrong_answers() if item.lesson is lesson]
    right = [path for other, path in right_answers() if other is lesson]
    assert len(wrong) >= FEWEST_WRONG and len(right) >= FEWEST_RIGHT
    assert {item.check for item in wrong} == set(lesson.checks), "every check has a wrong answer that it alone rejects"


def test_the_bank_belongs_to_lessons() -> None:
    assert {path.name for path in BANK.iterdir()} == {lesson.folder.name for lesson in lessons()}
    for path in BANK.rglob("*.py"):
        ast.parse(path.read_text(encoding="utf-8"))
