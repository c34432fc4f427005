"""`kinverse course quiz`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

from kinverse.apps.cli.course import CourseFolder, LessonName
from kinverse.apps.cli.options import OK, Flag, Json, default, print_json
from kinverse.apps.cli.verbs import verb
from kinverse.errors import ConfigError

if TYPE_CHECKING:
    from kinverse.apps.course.lesson import Lesson
    from kinverse.apps.course.workspace import Workspace


@verb("course quiz", example="kinverse course quiz 1 --question 1 --answer a")
def course_quiz(
    lesson: LessonName = None,
    question: Annotated[int | None, default("the first not yet answered correctly")] = None,
    answer: Annotated[str | None, default("ask at a terminal, else print the questions")] = None,
    experiment: Flag = False,
    folder: CourseFolder = None,
    json: Json = False,
) -> int:
    """Ask the questions of a lesson, check an answer, or measure what a question is about.

    Args:
        lesson: number or name of the lesson
        question: number of a question
        answer: letter of an option
        experiment: run the experiment that answers the question; it takes a few seconds
        folder: folder of the course
    """
    from kinverse.apps.course.workspace import Workspace

    workspace = Workspace.open(folder)
    chosen = workspace.lesson(lesson)
    number = question or _first_open(workspace, chosen)
    if experiment:
        if answer is not None:
            raise ConfigError("--experiment and --answer exclude each other: give one of them")
        return _measure(chosen, number, json)
    if answer is not None:
        return _take(workspace, chosen, number, answer, json)
    if json:
        return print_json(_as_data(workspace, chosen))
    from kinverse.apps.course import text

    numbers = range(1, len(chosen.questions) + 1) if question is None else [question]
    for i in numbers:
        item = _question(chosen, i)
        print(text.question_text(item, i))
        if item.experiment:
            print(f"   (measured by: kinverse course quiz {chosen.number} --question {i} --experiment)")
        if sys.stdin.isatty() and sys.stdout.isatty():
            _ask(workspace, chosen, i)
        print()
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print(f"answer with: kinverse course quiz {chosen.number} --question {numbers[0]} --answer a")
    return OK


def _question(lesson: Lesson, number: int) -> Any:
    from kinverse.apps.course.questions import question_of

    return question_of(lesson, number)


def _first_open(workspace: Workspace, lesson: Lesson) -> int:
    answers = workspace.progress.answers(lesson)
    return next((i + 1 for i, (_, right) in enumerate(answers) if not right), 1)


def _ask(workspace: Workspace, lesson: Lesson, number: int) -> None:
    """Ask at a terminal until the answer is correct or the question is skipped."""
    letters = lesson.questions[number - 1].letters
    while True:
        try:
            given = input(f"   answer ({', '.join(letters)}; Enter skips): ").strip().lower()
        except EOFError:
            return
        if not given:
            return
        if (
            given in letters
            and len(given) == 1
            and _take(workspace, lesson, number, given, as_json=False, right_only=True)
        ):
            return


def _take(
    workspace: Workspace, lesson: Lesson, number: int, letter: str, as_json: bool, right_only: bool = False
) -> int:
    """Record an answer and print its feedback; gives the exit code, or whether it was correct."""
    from kinverse.apps.course import text
    from kinverse.apps.course.questions import answer

    given = answer(lesson, number, letter)
    workspace.progress.of(lesson).quiz[str(number)] = given.letter
    workspace.save()
    if as_json:
        said = {"lesson": lesson.slug, "question": number, "answer": given.letter}
        return print_json({**said, "correct": given.option.correct, "feedback": given.option.feedback})
    print(text.feedback_text(given.letter, given.option))
    return given.option.correct if right_only else OK


def _measure(lesson: Lesson, number: int, as_json: bool) -> int:
    from kinverse.apps.course.questions import experiment

    table = experiment(lesson, number)
    if as_json:
        return print_json({"lesson": lesson.slug, "question": number, **vars(table)})
    from kinverse.apps.cli.terminal import print_table

    print_table(table)
    return OK


def _as_data(workspace: Workspace, lesson: Lesson) -> dict[str, Any]:
    questions = []
    for i, (item, (letter, correct)) in enumerate(
        zip(lesson.questions, workspace.progress.answers(lesson), strict=True)
    ):
        options = dict(zip(item.letters, (option.text for option in item.options), strict=True))
        measured = item.experiment is not None
        questions.append(
            {"number": i + 1, "text": item.text, "options": options, "experiment": measured, "answer": letter}
            | {"correct": correct if letter else None}
        )
    return {"lesson": lesson.slug, "questions": questions}
