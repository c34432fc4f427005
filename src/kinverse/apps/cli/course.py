"""`kinverse course`: lessons, their checks and the learner's progress."""

from __future__ import annotations

import secrets
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from tyro.conf import Positional

from kinverse.apps.cli.options import FAILED, OK, Flag, Json, argument, default, print_json, short
from kinverse.apps.cli.verbs import verb
from kinverse.errors import ConfigError

if TYPE_CHECKING:
    from kinverse.apps.course.lesson import Lesson
    from kinverse.apps.course.results import CheckReport
    from kinverse.apps.course.workspace import Workspace

LessonName = Annotated[Positional[str | None], argument("[LESSON]"), default("the open one")]
CourseFolder = Annotated[Path | None, default("this folder if it is a course's, else kinverse-course")]


@verb("course start", example="kinverse course start", is_default=True)
def course_start(lesson: LessonName = None, folder: CourseFolder = None, json: Json = False) -> int:
    """Start or continue the course, or open a lesson: its text, its figure and the file to fill in.

    Args:
        lesson: number or name of the lesson
        folder: folder of the course
    """
    from kinverse.apps.course.workspace import Workspace

    workspace = Workspace.open(folder, make=True)
    return _opened(workspace, workspace.lesson(lesson), json)


@verb("course next", example="kinverse course next")
def course_next(folder: CourseFolder = None, json: Json = False) -> int:
    """Open the first lesson whose checks have not all passed.

    Args:
        folder: folder of the course
    """
    from kinverse.apps.course.lesson import lessons
    from kinverse.apps.course.workspace import Workspace

    workspace = Workspace.open(folder)
    found = workspace.progress.first_open()
    if found is None:
        if json:
            return print_json({"lesson": None, "passed": len(lessons())})
        print(f"all {len(lessons())} lessons have passed")
        return OK
    return _opened(workspace, found, json)


@verb("course list", example="kinverse course list")
def course_list(folder: CourseFolder = None, json: Json = False) -> int:
    """List the lessons and how far each one is.

    Args:
        folder: folder of the course
    """
    from kinverse.apps.course import text
    from kinverse.apps.course.lesson import lessons
    from kinverse.apps.course.progress import Progress
    from kinverse.apps.course.workspace import Workspace

    try:
        progress = Workspace.open(folder).progress
    except ConfigError:  # not started yet: all lessons are new
        progress = Progress.new("")
    if json:
        listed = [
            {"number": item.number, "lesson": item.slug, "title": item.title, "state": progress.state(item)}
            for item in lessons()
        ]
        return print_json({"current": progress.current or None, "lessons": listed})
    print(text.list_text(lessons(), progress))
    return OK


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
        lesson: number or name of the lesson
        folder: folder of the course
        seed: random seed of the inputs
        seconds: how long your code may compute
    """
    from kinverse.apps.course.runner import Runner
    from kinverse.apps.course.workspace import Workspace

    workspace = Workspace.open(folder)
    chosen = workspace.lesson(lesson)
    with Runner() as runner:
        report = workspace.check(runner, chosen, secrets.randbits(31) if seed is None else seed, seconds)
    if json:
        print_json(_as_data(report))
    else:
        print(f"{report}\n{_then(chosen, report.passed)}")
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
        lesson: number or name of the lesson
        folder: folder of the course
        rounds: end after this many checks
    """
    from kinverse.apps.course.workspace import Workspace

    workspace = Workspace.open(folder)
    chosen = workspace.lesson(lesson)
    try:
        for report in workspace.watch(chosen, rounds):
            if json:
                print_json(_as_data(report))
            else:
                print(f"\n{report}\n{_then(chosen, report.passed)}\nwaiting for the file to be saved; Ctrl-C ends")
            sys.stdout.flush()
    except KeyboardInterrupt:
        pass
    return OK


@verb("course hint", example="kinverse course hint 1")
def course_hint(lesson: LessonName = None, folder: CourseFolder = None, json: Json = False) -> int:
    """Show a hint; each call shows one that says more, up to three.

    Args:
        lesson: number or name of the lesson
        folder: folder of the course
    """
    from kinverse.apps.course import text
    from kinverse.apps.course.workspace import Workspace

    workspace = Workspace.open(folder)
    chosen = workspace.lesson(lesson)
    done = workspace.progress.of(chosen)
    done.hints = min(done.hints + 1, len(chosen.hints))
    workspace.save()
    hint = chosen.hints[done.hints - 1]
    if json:
        return print_json({"lesson": chosen.slug, "hint": done.hints, "of": len(chosen.hints), "text": hint})
    print(text.wrapped(hint, f"Hint {done.hints} of {len(chosen.hints)}: "))
    return OK


@verb("course solution", example="kinverse course solution 1 --anyway")
def course_solution(
    lesson: LessonName = None, folder: CourseFolder = None, anyway: Flag = False, json: Json = False
) -> int:
    """Show the reference solution of an exercise that has passed.

    Args:
        lesson: number or name of the lesson
        folder: folder of the course
        anyway: show it before the checks have passed; the progress file notes it
    """
    from kinverse.apps.course.workspace import Workspace

    workspace = Workspace.open(folder)
    chosen = workspace.lesson(lesson)
    done = workspace.progress.of(chosen)
    if done.passed is None and not anyway:
        raise ConfigError(f"lesson {chosen.number} has not passed yet; --anyway shows its solution")
    if done.passed is None:
        done.solution = True
        workspace.save()
    if json:
        return print_json({"lesson": chosen.slug, "solution": chosen.solution})
    print(chosen.solution, end="")
    return OK


@verb("course reset", example="kinverse course reset 1")
def course_reset(lesson: LessonName = None, folder: CourseFolder = None, json: Json = False) -> int:
    """Reset an exercise to its start; your file is kept beside it.

    Args:
        lesson: number or name of the lesson
        folder: folder of the course
    """
    from kinverse.apps.course.workspace import Workspace

    workspace = Workspace.open(folder)
    chosen = workspace.lesson(lesson)
    kept = workspace.reset(chosen)
    path = workspace.file(chosen)
    if json:
        return print_json({"lesson": chosen.slug, "file": str(path), "kept": None if kept is None else str(kept)})
    print(f"{short(path)}: reset" + (f"; your version is in {short(kept)}" if kept else ""))
    return OK


@verb("course progress", example="kinverse course progress")
def course_progress(folder: CourseFolder = None, json: Json = False) -> int:
    """Show how many lessons have passed.

    Args:
        folder: folder of the course
    """
    from kinverse.apps.course.lesson import lessons
    from kinverse.apps.course.workspace import PROGRESS, Workspace
    from kinverse.files import to_plain

    workspace = Workspace.open(folder)
    progress = workspace.progress
    if json:
        return print_json(to_plain(progress))
    states = [progress.state(item) for item in lessons()]
    answers = [right for item in lessons() for _, right in progress.answers(item)]
    print(
        f"{states.count('passed')} of {len(states)} lessons passed, {states.count('tried')} tried; "
        f"{sum(answers)} of {len(answers)} quiz questions answered correctly\n"
        f"open: lesson {workspace.current.number}, {workspace.current.slug}\n"
        f"file: {short(workspace.folder / PROGRESS)}"
    )
    return OK


def _as_data(report: CheckReport) -> dict[str, Any]:
    return {**asdict(report), "passed": report.passed}


def _opened(workspace: Workspace, lesson: Lesson, as_json: bool) -> int:
    """Open a lesson and show it."""
    from kinverse.apps.course import figures, text

    path = workspace.start(lesson)
    drawn = figures.save(lesson, workspace.folder / "figures")
    if as_json:
        shown = {"lesson": lesson.slug, "number": lesson.number, "title": lesson.title, "text": lesson.text}
        return print_json(
            {**shown, "task": lesson.task, "file": str(path), "figure": None if drawn is None else str(drawn)}
        )
    print(text.lesson_text(lesson, "" if drawn is None else str(short(drawn))))
    print(f"\nExercise: {short(path)}\n{_then(lesson, None)}")
    return OK


def _then(lesson: Lesson, passed: bool | None) -> str:
    """The commands that come next; `passed` is None before the first check."""
    if passed is None:
        return f"Then: kinverse course check · kinverse course hint · kinverse course quiz {lesson.number}"
    if passed:
        number = lesson.number
        return f"Then: kinverse course quiz {number} · kinverse course solution {number} · kinverse course next"
    return f"A hint: kinverse course hint {lesson.number}"
