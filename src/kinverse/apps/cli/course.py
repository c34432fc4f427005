"""`kinverse course`: lessons, checks, hints, quizzes and progress for learners; grades and notebooks for teachers."""

from __future__ import annotations

import secrets
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from tyro.conf import Positional

from kinverse.apps.cli.options import (
    FAILED,
    OK,
    Flag,
    Json,
    Workers,
    argument,
    default,
    print_json,
    print_result,
    require_folder,
    require_workers,
    short,
)
from kinverse.apps.cli.verbs import verb
from kinverse.errors import ConfigError

if TYPE_CHECKING:
    from kinverse.apps.course.lesson import Lesson
    from kinverse.apps.course.results import CheckReport
    from kinverse.apps.course.workspace import Workspace

LessonName = Annotated[
    Positional[str | None], argument("[LESSON]"), default("the open one", "number or name of the lesson")
]
CourseFolder = Annotated[
    Path | None, default("this folder if it is a course's, else kinverse-course", "folder of the course")
]


@verb("course start", example="kinverse course start", is_default=True)
def course_start(lesson: LessonName = None, folder: CourseFolder = None, json: Json = False) -> int:
    """Start or continue the course, or open a lesson: its text, its figure and the file to fill in."""
    from kinverse.apps.course.workspace import Workspace

    workspace = Workspace.open(folder, make=True)
    return _show_lesson(workspace, workspace.lesson(lesson), json)


@verb("course next", example="kinverse course next")
def course_next(folder: CourseFolder = None, json: Json = False) -> int:
    """Open the first lesson whose checks have not all passed."""
    from kinverse.apps.course.lesson import lessons

    workspace, _ = _open(folder)
    found = workspace.progress.first_open()
    if found is not None:
        return _show_lesson(workspace, found, json)
    count = len(lessons())
    return print_result(f"all {count} lessons have passed", {"lesson": None, "passed": count}, json)


@verb("course list", example="kinverse course list")
def course_list(folder: CourseFolder = None, json: Json = False) -> int:
    """List the lessons and how far each one is."""
    from kinverse.apps.course import text
    from kinverse.apps.course.lesson import lessons
    from kinverse.apps.course.workspace import Progress

    try:
        progress = _open(folder)[0].progress
    except ConfigError:  # not started yet: all lessons are new
        progress = Progress.new("")
    listed = [
        {"number": item.number, "lesson": item.slug, "title": item.title, "state": progress.state(item)}
        for item in lessons()
    ]
    content = {"current": progress.current or None, "lessons": listed}
    return print_result(text.list_text(lessons(), progress), content, json)


@verb("course check", example="kinverse course check 1")
def course_check(
    lesson: LessonName = None,
    folder: CourseFolder = None,
    seed: Annotated[int | None, default("another one every time")] = None,
    seconds: float = 10.0,
    json: Json = False,
) -> int:
    """Check an exercise on fresh inputs and explain the first check that fails.

    The exit code is 1 if one fails.

    Args:
        seed: random seed of the inputs
        seconds: computing time for your code [s]
    """
    from kinverse.apps.course.runner import Runner

    workspace, chosen = _open(folder, lesson)
    with Runner() as runner:
        report = workspace.check(runner, chosen, secrets.randbits(31) if seed is None else seed, seconds)
    _print_report(chosen, report, json)
    return OK if report.passed else FAILED


@verb("course watch", example="kinverse course watch 1")
def course_watch(
    lesson: LessonName = None,
    folder: CourseFolder = None,
    rounds: Annotated[int | None, default("until Ctrl-C")] = None,
    json: Json = False,
) -> int:
    """Check an exercise now, and again whenever its file is saved. Ctrl-C ends it.

    Args:
        rounds: end after this many checks
    """
    workspace, chosen = _open(folder, lesson)
    try:
        for report in workspace.watch(chosen, rounds):
            _print_report(chosen, report, json, "\nwaiting for the file to be saved; Ctrl-C ends\n")
            sys.stdout.flush()
    except KeyboardInterrupt:
        pass
    return OK


@verb("course hint", example="kinverse course hint 1")
def course_hint(lesson: LessonName = None, folder: CourseFolder = None, json: Json = False) -> int:
    """Show a hint; each call shows a more explicit one, up to three."""
    from kinverse.apps.course import text

    workspace, chosen = _open(folder, lesson)
    done, count = workspace.progress.of(chosen), len(chosen.hints)
    done.hints = min(done.hints + 1, count)
    workspace.save()
    hint = chosen.hints[done.hints - 1]
    content = {"lesson": chosen.slug, "hint": done.hints, "of": count, "text": hint}
    return print_result(text.wrapped(hint, f"Hint {done.hints} of {count}: "), content, json)


@verb("course solution", example="kinverse course solution 1 --anyway")
def course_solution(
    lesson: LessonName = None, folder: CourseFolder = None, anyway: Flag = False, json: Json = False
) -> int:
    """Show the reference solution of an exercise that has passed.

    Args:
        anyway: show it before the checks have passed; the progress file notes it
    """
    workspace, chosen = _open(folder, lesson)
    done = workspace.progress.of(chosen)
    if done.passed is None:
        if not anyway:
            raise ConfigError(f"lesson {chosen.number} has not passed yet; --anyway shows its solution")
        done.solution = True
        workspace.save()
    content = {"lesson": chosen.slug, "solution": chosen.solution}
    return print_result(chosen.solution.removesuffix("\n"), content, json)


@verb("course reset", example="kinverse course reset 1")
def course_reset(lesson: LessonName = None, folder: CourseFolder = None, json: Json = False) -> int:
    """Restore the initial exercise file; your file is kept beside it."""
    workspace, chosen = _open(folder, lesson)
    kept = workspace.reset(chosen)
    path = workspace.file(chosen)
    text = f"{short(path)}: reset" + (f"; your version is in {short(kept)}" if kept else "")
    return print_result(text, {"lesson": chosen.slug, "file": path, "kept": kept}, json)


@verb("course progress", example="kinverse course progress")
def course_progress(folder: CourseFolder = None, json: Json = False) -> int:
    """Show how many lessons have passed."""
    from kinverse.apps.course.lesson import lessons
    from kinverse.apps.course.workspace import PROGRESS

    workspace, current = _open(folder)
    progress = workspace.progress
    states = [progress.state(item) for item in lessons()]
    answers = [correct for item in lessons() for _, correct in progress.answers(item)]
    text = (
        f"{states.count('passed')} of {len(states)} lessons passed, {states.count('tried')} tried; "
        f"{sum(answers)} of {len(answers)} quiz questions answered correctly\n"
        f"open: lesson {current.number}, {current.slug}\n"
        f"file: {short(workspace.folder / PROGRESS)}"
    )
    return print_result(text, progress, json)


@verb("course quiz", example="kinverse course quiz 1 --question 1 --answer a")
def course_quiz(
    lesson: LessonName = None,
    question: Annotated[int | None, default("the first not yet answered correctly")] = None,
    answer: Annotated[str | None, default("ask at a terminal, else print the questions")] = None,
    experiment: Flag = False,
    folder: CourseFolder = None,
    json: Json = False,
) -> int:
    """Ask the questions of a lesson, check an answer, or run the experiment of a question.

    Args:
        question: number of a question
        answer: letter of an option
        experiment: measure the claim of the question; it takes a few seconds
    """
    workspace, chosen = _open(folder, lesson)
    answers = workspace.progress.answers(chosen)
    number = question or next((i + 1 for i, (_, correct) in enumerate(answers) if not correct), 1)
    if experiment:
        if answer is not None:
            raise ConfigError("--experiment and --answer exclude each other: give one of them")
        table = chosen.run_experiment(number)
        if json:
            return print_json({"lesson": chosen.slug, "question": number, **vars(table)})
        from kinverse.apps.cli.terminal import show

        return show(table)
    if answer is not None:
        _answer(workspace, chosen, number, answer, json)
        return OK
    if json:
        return print_json({"lesson": chosen.slug, "questions": _quiz_data(workspace, chosen)})
    from kinverse.apps.course import text

    is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    numbers = range(1, len(answers) + 1) if question is None else [question]
    for i in numbers:
        item = chosen.question(i)
        print(text.question_text(item, i))
        if item.experiment:
            print(f"   (measured by: kinverse course quiz {chosen.number} --question {i} --experiment)")
        if is_terminal:
            _ask(workspace, chosen, i)
        print()
    if not is_terminal:
        print(f"answer with: kinverse course quiz {chosen.number} --question {numbers[0]} --answer a")
    return OK


@verb("course grade", example="kinverse course grade submissions")
def course_grade(
    submissions: Annotated[Positional[Path], argument("DIR")],
    out: Path = Path("grades"),
    lessons: Annotated[tuple[str, ...], default("all")] = (),
    workers: Workers = None,
    seed: int = 0,
    seconds: float = 10.0,
    json: Json = False,
) -> int:
    """Grade a folder of submissions into a CSV file and a page.

    Args:
        submissions: a folder with a folder of exercise files for each student
        out: folder for grades.csv and grades.html
        lessons: numbers or names of the exercises
        seed: random seed of the inputs; the same seed gives the same grades
        seconds: computing time for each exercise [s]
    """
    from kinverse.apps.cli.terminal import progress_bar
    from kinverse.apps.course.grade import grade, grades_csv, grades_page
    from kinverse.apps.course.lesson import find_lesson
    from kinverse.files import write_atomic

    require_workers(workers)
    require_folder(out)
    chosen = tuple(dict.fromkeys(find_lesson(name) for name in lessons)) or None
    with progress_bar("grading", shown=not json) as watch:
        graded = grade(submissions, chosen=chosen, workers=workers, seed=seed, seconds=seconds, watch=watch)
    out.mkdir(parents=True, exist_ok=True)
    table, page = out / "grades.csv", out / "grades.html"
    write_atomic(table, grades_csv(graded))
    write_atomic(page, grades_page(graded))
    students = len({item.student for item in graded})
    reports = [item.report for item in graded if item.report is not None]
    passed = sum(report.passed for report in reports)
    text = (
        f"{students} student{'s' * (students != 1)}: {len(reports)} exercises handed in, {passed} passed all checks\n"
        f"grades: {short(table)}, {short(page)}"
    )
    content = {"students": students, "handed_in": len(reports), "passed": passed, "csv": table, "page": page}
    return print_result(text, content, json)


@verb("course notebook", example="kinverse course notebook 1")
def course_notebook(
    lessons: Annotated[Positional[tuple[str, ...]], argument("[LESSON …]|all")] = ("all",),
    out: Path = Path("kinverse-notebooks"),
    overwrite: Flag = False,
    json: Json = False,
) -> int:
    """Write lessons as Jupyter notebooks, with text, exercises, checks and quizzes.

    Args:
        lessons: numbers or names of lessons, or all
        out: folder for the notebooks
        overwrite: replace notebooks that exist
    """
    from kinverse.apps.course.lesson import find_lesson
    from kinverse.apps.course.lesson import lessons as every
    from kinverse.apps.course.notebook import write_notebooks

    chosen = every() if "all" in lessons else tuple(dict.fromkeys(find_lesson(name) for name in lessons))
    written = write_notebooks(chosen, out, overwrite)
    return print_result("\n".join(str(short(path)) for path in written), {"notebooks": written}, json)


def _ask(workspace: Workspace, lesson: Lesson, number: int) -> None:
    """Ask at a terminal until the answer is correct or the question is skipped."""
    letters = lesson.question(number).letters
    while True:
        try:
            letter = input(f"   answer ({', '.join(letters)}; Enter skips): ").strip().lower()
        except EOFError:
            return
        if not letter or (letter in tuple(letters) and _answer(workspace, lesson, number, letter, as_json=False)):
            return


def _answer(workspace: Workspace, lesson: Lesson, number: int, letter: str, as_json: bool) -> bool:
    """Record an answer and print its feedback; whether it is correct."""
    from kinverse.apps.course import text

    letter = letter.strip().lower()
    option = lesson.question(number).option(letter)
    workspace.progress.of(lesson).quiz[str(number)] = letter
    workspace.save()
    content = {"lesson": lesson.slug, "question": number, "answer": letter}
    content |= {"correct": option.correct, "feedback": option.feedback}
    print_result(text.feedback_text(letter, option), content, as_json)
    return option.correct


def _quiz_data(workspace: Workspace, lesson: Lesson) -> list[dict[str, Any]]:
    """Every question with its options and the learner's answer."""
    answers = workspace.progress.answers(lesson)
    return [
        {
            "number": i + 1,
            "text": item.text,
            "options": {letter: item.option(letter).text for letter in item.letters},
            "experiment": item.experiment is not None,
            "answer": letter,
            "correct": correct if letter else None,
        }
        for i, (item, (letter, correct)) in enumerate(zip(lesson.questions, answers, strict=True))
    ]


def _open(folder: Path | None, lesson: str | None = None) -> tuple[Workspace, Lesson]:
    """The learner's folder, and the lesson of this name or the open one."""
    from kinverse.apps.course.workspace import Workspace

    workspace = Workspace.open(folder)
    return workspace, workspace.lesson(lesson)


def _print_report(lesson: Lesson, report: CheckReport, as_json: bool, note: str = "") -> None:
    content = asdict(report) | {"passed": report.passed}
    print_result(f"{report}\n{_next_commands(lesson, report.passed)}{note}", content, as_json)


def _show_lesson(workspace: Workspace, lesson: Lesson, as_json: bool) -> int:
    """Open a lesson and show it."""
    from kinverse.apps.course import text

    path, drawn = workspace.start(lesson), workspace.save_figure(lesson)
    content = {"lesson": lesson.slug, "number": lesson.number, "title": lesson.title, "text": lesson.text}
    content |= {"task": lesson.task, "file": path, "figure": drawn}
    shown = text.lesson_text(lesson, "" if drawn is None else str(short(drawn)))
    return print_result(f"{shown}\n\nExercise: {short(path)}\n{_next_commands(lesson, None)}", content, as_json)


def _next_commands(lesson: Lesson, passed: bool | None) -> str:
    """The commands that come next; `passed` is None before the first check."""
    number = lesson.number
    if passed is None:
        return f"Then: kinverse course check · kinverse course hint · kinverse course quiz {number}"
    if passed:
        return f"Then: kinverse course quiz {number} · kinverse course solution {number} · kinverse course next"
    return f"A hint: kinverse course hint {number}"
