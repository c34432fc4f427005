"""`Court`: judges in processes of their own, to whom files are handed for checking."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from types import TracebackType

from kinverse.apps.course.lesson import find_lesson
from kinverse.apps.course.verdict import Submission, Verdict, rejected
from kinverse.errors import KinverseError, MissingExtraError

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
PATIENCE = 2.0
"""Seconds that a judge has to end before it is made to."""


class CourtError(KinverseError):
    """The process that checks has ended by itself."""

    exit_code = 1


class Court:
    """A few judges; each loads what it needs once and then checks any number of files.

    Use it in a `with` block, or call `close`.
    """

    def __init__(self, judges: int = 1) -> None:
        self._idle: queue.SimpleQueue[_Judge] = queue.SimpleQueue()
        self._judges = [_Judge() for _ in range(max(1, judges))]
        for judge in self._judges:
            self._idle.put(judge)

    def check(self, submission: Submission) -> Verdict:
        """Check one file; waits for an idle judge.

        Raises:
            UnknownNameError: there is no such lesson.
            CourtError: the judge's process has ended twice over this file.
            MissingExtraError: a library that the lesson needs is not installed.
        """
        find_lesson(submission.lesson)
        judge = self._idle.get()
        try:
            return judge.ask(submission)
        finally:
            self._idle.put(judge)

    def check_all(self, submissions: Iterable[Submission]) -> Iterator[Verdict]:
        """Check many files on all judges; the verdicts come in the order of the files."""
        with ThreadPoolExecutor(len(self._judges)) as pool:
            yield from pool.map(self._check_whatever_it_is, submissions)

    def _check_whatever_it_is(self, submission: Submission) -> Verdict:
        """One file must not stop the others."""
        try:
            return self.check(submission)
        except CourtError as problem:
            checks = dict(find_lesson(submission.lesson).checks)
            return rejected(submission.lesson, checks, str(problem), submission.seed)

    def close(self) -> None:
        """End the judges' processes."""
        for judge in self._judges:
            judge.close()

    def __enter__(self) -> Court:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Judge:
    """One process of `kinverse.apps.course.judge`, started when it is first asked, and again if it has died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._is_closed = False

    def ask(self, submission: Submission) -> Verdict:
        request = asdict(submission) | {"source": base64.b64encode(submission.source).decode("ascii")}
        with self._lock:
            for _ in range(2):
                answer = self._exchange(json.dumps(request))
                if answer:
                    said = json.loads(answer)
                    if "missing" in said:
                        raise MissingExtraError("train", said["missing"])
                    return Verdict.from_dict(said)
                if self._is_closed:
                    break
                self._end()
        raise CourtError(f"the process that checks has ended while it looked at {submission.name}")

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
            self._end()  # it has died; its pipes are still open
        if self._process is None:
            environment = {**os.environ, **dict.fromkeys(_ONE_THREAD, "1"), "PYTHONHASHSEED": "0", "MPLBACKEND": "Agg"}
            self._process = subprocess.Popen(
                [sys.executable, "-m", "kinverse.apps.course.judge"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
                env=environment,
                start_new_session=True,  # Ctrl-C is for the one who asked
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
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
