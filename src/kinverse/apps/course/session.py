"""Checking the learner's file once, or whenever it is saved."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator

from kinverse.apps.course.court import Court
from kinverse.apps.course.lesson import Lesson
from kinverse.apps.course.verdict import SECONDS, Submission, Verdict
from kinverse.apps.course.workspace import Workspace
from kinverse.errors import ConfigError

PAUSE = 0.3
"""Seconds between two looks at the file."""


def checked(court: Court, workspace: Workspace, lesson: Lesson, seed: int, seconds: float = SECONDS) -> Verdict:
    """Check the learner's file of a lesson, and note it in the progress.

    Args:
        court: who checks.
        workspace: of the learner.
        lesson: which.
        seed: of the inputs.
        seconds: how long the learner's code may compute.

    Raises:
        ConfigError: there is no such file, or the time is not positive.
    """
    if not 0.0 < seconds <= 3600.0:
        raise ConfigError(f"seconds must be from 0 to 3600, got {seconds:g}")
    source = workspace.read(lesson)
    verdict = court.check(Submission(lesson.slug, source, lesson.file_name, seed, seconds))
    workspace.progress.checked(lesson, verdict.passed)
    workspace.save()
    return verdict


def watched(
    workspace: Workspace, lesson: Lesson, rounds: int | None = None, sleep: Callable[[float], None] = time.sleep
) -> Iterator[Verdict]:
    """Check the file now, and again whenever it has changed; one judge stays at hand, so that this is quick.

    Args:
        workspace: of the learner.
        lesson: which.
        rounds: how many checks; None: no end.
        sleep: waits between two looks at the file.
    """
    path = workspace.file(lesson)
    seen: tuple[int, int] | None = None
    with Court() as court:
        while rounds is None or rounds > 0:
            try:
                stat = path.stat()
                now = (stat.st_mtime_ns, stat.st_size)
            except FileNotFoundError:  # an editor is replacing it
                now = seen or (0, 0)
            if now == seen:
                sleep(PAUSE)
                continue
            seen = now
            yield checked(court, workspace, lesson, secrets.randbits(31))
            rounds = None if rounds is None else rounds - 1
