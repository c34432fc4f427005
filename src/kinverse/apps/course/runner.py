"""`Runner`: starts worker processes, sends them exercise files, and returns their check reports.

One exercise, from the learner's file to the report:

1. `Workspace.check` reads the file and calls
2. `Runner.check`, which sends the file as a `Submission` to an idle worker process.
3. `worker.check_submission` runs there. It calls
4. `worker.load_checks`, which imports the lesson's checks and their libraries, once per worker, and then
5. `worker.run_checks` in a child process, which calls
6. `sandbox.limit_resources` and `sandbox.restrict_access`, executes the file, and runs every `check_…` of the lesson.
7. A check calls the learner's functions through `checking.Learner.call`; `checking.expect` raises `CheckFailed`.
8. `text.report_text` prints the `CheckReport` that the worker has sent back.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType

from kinverse.apps.course.lesson import find_lesson
from kinverse.apps.course.results import CheckReport, Submission, rejected
from kinverse.errors import DataError, KinverseError, MissingExtraError
from kinverse.files import from_plain, to_plain

WORKER_MODULE = "kinverse.apps.course.worker"
SECONDS_TO_END = 2.0
"""Time that a worker gets to end by itself before it is killed."""
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class RunnerError(KinverseError):
    """A worker process ended by itself."""

    exit_code = 1


class Runner:
    """A few worker processes; each loads the libraries of a lesson once and then checks any number of files.

    Use it in a `with` block, or call `close`.

    Args:
        workers: number of processes.
    """

    def __init__(self, workers: int = 1) -> None:
        self._workers = [_Worker() for _ in range(max(1, workers))]
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)

    def check(self, submission: Submission) -> CheckReport:
        """Check one file; waits for an idle worker.

        Raises:
            UnknownNameError: there is no such lesson.
            RunnerError: the worker process ended twice during this file.
            MissingExtraError: a library that the lesson needs is not installed.
        """
        find_lesson(submission.lesson)
        worker = self._idle.get()
        try:
            return worker.check(submission)
        finally:
            self._idle.put(worker)

    def check_all(self, submissions: Iterable[Submission]) -> Iterator[CheckReport]:
        """Check many files on all workers; the reports come in the order of the files."""
        with ThreadPoolExecutor(len(self._workers)) as pool:
            yield from pool.map(self._check_or_reject, submissions)

    def _check_or_reject(self, submission: Submission) -> CheckReport:
        """One file must not stop the others."""
        try:
            return self.check(submission)
        except RunnerError as problem:
            checks = dict(find_lesson(submission.lesson).checks)
            return rejected(submission.lesson, checks, str(problem), submission.seed)

    def close(self) -> None:
        """End the worker processes."""
        for worker in self._workers:
            worker.close()

    def __enter__(self) -> Runner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Worker:
    """One worker process, started when it is first needed, and again if it has died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._is_closed = False

    def check(self, submission: Submission) -> CheckReport:
        request = json.dumps(to_plain(submission))
        with self._lock:
            for _ in range(2):
                line = self._exchange(request)
                if line:
                    answer = json.loads(line)
                    if "missing" in answer:
                        raise MissingExtraError("train", answer["missing"])
                    return from_plain(answer, CheckReport, WORKER_MODULE, DataError)
                if self._is_closed:
                    break
                self._end()
        raise RunnerError(f"the worker process ended while it checked {submission.name}")

    def _exchange(self, request: str) -> str:
        process = self._started()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(request + "\n")
            process.stdin.flush()
            return process.stdout.readline()
        except (BrokenPipeError, OSError):
            return ""

    def _started(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is not None:
            self._end()  # the process has died, but its pipes are still open
        if self._process is None:
            environment = {**os.environ, **dict.fromkeys(_ONE_THREAD, "1"), "PYTHONHASHSEED": "0", "MPLBACKEND": "Agg"}
            self._process = subprocess.Popen(
                [sys.executable, "-m", WORKER_MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
                env=environment,
                start_new_session=True,  # Ctrl-C goes to the parent only
            )
        return self._process

    def close(self) -> None:
        """End the process, whatever it is doing; harmless when it has ended."""
        self._is_closed = True
        self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None and process.stdout is not None
        process.terminate()
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(timeout=SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
