"""Workers are started, replaced and ended; each way of waiting for a child works."""

from __future__ import annotations

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kinverse.apps.course import worker
from kinverse.apps.course.lesson import find_lesson
from kinverse.apps.course.results import Submission
from kinverse.apps.course.runner import WORKER_MODULE, Runner, RunnerError
from kinverse.errors import MissingExtraError, UnknownNameError

LESSON = find_lesson(3)
SOLUTION = Submission(LESSON.slug, LESSON.solution.encode(), LESSON.file_name)
SLEEPS = b"import time\ntime.sleep(60)\n"


def children(pid: int) -> set[int]:
    """Process ids of the children of a process, of all of its threads."""
    found: set[int] = set()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        found.update(map(int, path.read_text().split()))
    return found


def worker_processes() -> set[int]:
    """Process ids of the workers that this process has started."""
    return {pid for pid in children(os.getpid()) if WORKER_MODULE in Path(f"/proc/{pid}/cmdline").read_text()}


def runs(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().split()[2] != "Z"


def eventually(condition) -> bool:
    """Whether a condition becomes true within some seconds."""
    for _ in range(1000):
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_close_ends_the_worker_and_its_child() -> None:
    before = worker_processes()
    own = Runner()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(own.check, Submission(LESSON.slug, SLEEPS, "x.py"))
        assert eventually(lambda: len(worker_processes() - before) == 1)
        (process,) = worker_processes() - before
        assert eventually(lambda: len(children(process)) == 1)
        (child,) = children(process)
        own.close()
        with pytest.raises(RunnerError):
            waiting.result(timeout=60)
    assert eventually(lambda: not runs(process) and not runs(child))


def test_a_worker_that_dies_is_replaced() -> None:
    before = worker_processes()
    with Runner() as own:
        own.check(Submission(LESSON.slug, b"", LESSON.file_name))
        (process,) = worker_processes() - before
        os.kill(process, signal.SIGKILL)
        assert own.check(SOLUTION).passed


def test_a_worker_that_always_dies_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/true")
    with Runner() as own:
        with pytest.raises(RunnerError, match="the worker process ended while it checked 03_scaling"):
            own.check(SOLUTION)
        (report,) = own.check_all([SOLUTION])
        assert report.first_failed is not None and "the worker process ended" in report.first_failed.message


def test_an_unknown_lesson_is_an_error(runner: Runner) -> None:
    with pytest.raises(UnknownNameError):
        runner.check(Submission("nothing", b"", "x.py"))


def test_a_missing_library_of_a_lesson_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    monkeypatch.setenv("PYTHONPATH", path)
    with Runner() as own, pytest.raises(MissingExtraError, match="this needs torch, which is not installed"):
        own.check(Submission(find_lesson("training-loop").slug, b"", "x.py"))


def test_without_fork_a_new_interpreter_runs_the_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "HAS_FORK", False)
    loop = b"def fit_minmax(train):\n    while True: pass\n"
    for source, status in ((LESSON.solution.encode(), "passed"), (b"1 / 0", "failed"), (loop, "passed")):
        report = worker.check_submission(Submission(LESSON.slug, source, LESSON.file_name, seconds=0.5))
        assert report.results[0].status == status
    assert report.first_failed is not None and "still runs after 0.5 s" in report.first_failed.message


def test_without_pidfd_the_worker_polls_its_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    assert worker.check_submission(SOLUTION).passed
    report = worker.check_submission(Submission(LESSON.slug, SLEEPS, "x.py", seconds=0.2))
    assert report.first_failed is not None and "still runs after 0.2 s" in report.first_failed.message
