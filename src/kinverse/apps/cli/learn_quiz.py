"""kinverse learn quiz."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from kinverse.apps.cli.app import OK, Json, print_json, verb
from kinverse.apps.cli.learn import Folder, Name, learn_app
from kinverse.errors import ConfigError

if TYPE_CHECKING:
    from kinverse.apps.course.lesson import Lesson
    from kinverse.apps.course.workspace import Workspace


@verb(learn_app, "quiz")
def learn_quiz(
    lesson: Name = None,
    question: int | None = None,
    answer: str | None = None,
    experiment: bool = False,
    folder: Folder = None,
    json: Json = False,
) -> int:
    """Ask the questions of a lesson, take an answer, or measure what a question claims.

    Args:
        lesson: number or name; left out: the one that is open.
        question: number of a question; left out: the first that is not answered rightly.
        answer: letter of an option; left out: at a terminal you are asked, elsewhere the questions are printed.
        experiment: run the experiment behind the question, which takes some seconds at most.
    """
    from kinverse.apps.course.workspace import Workspace

    workspace = Workspace.open(folder)
    chosen = workspace.lesson(lesson)
    number = question or _first_open(workspace, chosen)
    if experiment:
        if answer is not None:
            raise ConfigError("--experiment and --answer are two things: give one of them")
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
            print(f"   (measured by: kinverse learn quiz {chosen.number} --question {i} --experiment)")
        if sys.stdin.isatty() and sys.stdout.isatty():
            _ask(workspace, chosen, i)
        print()
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print(f"answer with: kinverse learn quiz {chosen.number} --question {numbers[0]} --answer a")
    return OK


def _question(lesson: Lesson, number: int) -> Any:
    from kinverse.apps.course.questions import question_of

    return question_of(lesson, number)


def _first_open(workspace: Workspace, lesson: Lesson) -> int:
    answers = workspace.progress.answers(lesson)
    return next((i + 1 for i, (_, right) in enumerate(answers) if not right), 1)


def _ask(workspace: Workspace, lesson: Lesson, number: int) -> None:
    """Ask at a terminal until the answer is right or the question is passed over."""
    letters = lesson.questions[number - 1].letters
    while True:
        try:
            given = input(f"   answer ({', '.join(letters)}; Enter passes over): ").strip().lower()
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
    """Note an answer and say what there is to say; gives the exit code, or whether it was right."""
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
