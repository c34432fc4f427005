"""kinverse learn."""

from __future__ import annotations

import secrets
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro
from tyro.conf import Positional
from tyro.extras import SubcommandApp

from kinverse.apps.cli.app import FAILED, OK, VERBS, Json, app, print_json, short, verb
from kinverse.errors import ConfigError

if TYPE_CHECKING:
    from kinverse.apps.course.lesson import Lesson
    from kinverse.apps.course.results import CheckReport
    from kinverse.apps.course.workspace import Workspace

learn_app = SubcommandApp()
app.command(learn_app, name="learn", help="A course: lessons with exercises, checks and quizzes.")
VERBS.append("learn")
Name = Annotated[Positional[str | None], tyro.conf.arg(metavar="[LESSON]")]
Folder = Annotated[
    Path | None,
    tyro.conf.arg(help="The course's folder; left out: the current one if it is a course's, else kinverse-course."),
]


@verb(learn_app, "start")
def learn_start(lesson: Name = None, folder: Folder = None, json: Json = False) -> int:
    """Start the course, go on with it, or open a lesson: its text, its figure and the file to fill in.

    Args:
        lesson: number or name; left out: the one that is open.
    """
    from kinverse.apps.course.workspace import Workspace

    workspace = Workspace.open(folder, make=True)
    return _opened(workspace, workspace.lesson(lesson), json)


@verb(learn_app, "next")
def learn_next(folder: Folder = None, json: Json = False) -> int:
    """Open the first lesson whose checks have not all passed."""
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


@verb(learn_app, "list")
def learn_list(folder: Folder = None, json: Json = False) -> int:
    """List the lessons, each with how far it is."""
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


@verb(learn_app, "check")
def learn_check(
    lesson: Name = None, folder: Folder = None, seed: int | None = None, seconds: float = 10.0, json: Json = False
) -> int:
    """Check an exercise on fresh inputs and explain the first check that fails. Exit code 1 if one does.

    Args:
        lesson: number or name; left out: the one that is open.
        seed: of the inputs; left out: another one every time.
        seconds: how long your code may compute.
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


@verb(learn_app, "watch")
def learn_watch(lesson: Name = None, folder: Folder = None, rounds: int | None = None, json: Json = False) -> int:
    """Check an exercise now, and again whenever its file is saved. Ctrl-C ends it.

    Args:
        lesson: number or name; left out: the one that is open.
        rounds: end after so many checks; left out: never.
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


@verb(learn_app, "hint")
def learn_hint(lesson: Name = None, folder: Folder = None, json: Json = False) -> int:
    """Show a hint; each time one that says more, up to three.

    Args:
        lesson: number or name; left out: the one that is open.
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


@verb(learn_app, "solution")
def learn_solution(lesson: Name = None, folder: Folder = None, anyway: bool = False, json: Json = False) -> int:
    """Show the reference solution of an exercise that has passed.

    Args:
        lesson: number or name; left out: the one that is open.
        anyway: show it although the checks have not passed; the progress file notes it.
    """
    from kinverse.apps.course.workspace import Workspace

    workspace = Workspace.open(folder)
    chosen = workspace.lesson(lesson)
    done = workspace.progress.of(chosen)
    if done.passed is None and not anyway:
        raise ConfigError(f"lesson {chosen.number} has not passed yet; --anyway shows its solution all the same")
    if done.passed is None:
        done.solution = True
        workspace.save()
    if json:
        return print_json({"lesson": chosen.slug, "solution": chosen.solution})
    print(chosen.solution, end="")
    return OK


@verb(learn_app, "reset")
def learn_reset(lesson: Name = None, folder: Folder = None, json: Json = False) -> int:
    """Begin an exercise anew; what you wrote is kept in a file beside it.

    Args:
        lesson: number or name; left out: the one that is open.
    """
    from kinverse.apps.course.workspace import Workspace

    workspace = Workspace.open(folder)
    chosen = workspace.lesson(lesson)
    kept = workspace.reset(chosen)
    path = workspace.file(chosen)
    if json:
        return print_json({"lesson": chosen.slug, "file": str(path), "kept": None if kept is None else str(kept)})
    print(f"{short(path)}: as at the beginning" + (f"; what was there is in {short(kept)}" if kept else ""))
    return OK


@verb(learn_app, "progress")
def learn_progress(folder: Folder = None, json: Json = False) -> int:
    """Say how far you are."""
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
        f"{sum(answers)} of {len(answers)} quiz questions answered rightly\n"
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
    """What to do next."""
    if passed is None:
        return f"Then: kinverse learn check · kinverse learn hint · kinverse learn quiz {lesson.number}"
    if passed:
        return (
            f"Then: kinverse learn quiz {lesson.number} · kinverse learn solution {lesson.number} · kinverse learn next"
        )
    return f"A hint: kinverse learn hint {lesson.number}"
