"""The worker process: it loads a lesson's libraries once, then runs each submission in a child process of its own.

    python -m kinverse.apps.course.worker

reads submissions from stdin, one JSON object per line, and answers each with a check report on stdout.
`kinverse.apps.course.runner` starts it. Without fork (Windows) every submission runs in a fresh interpreter instead.

torch loads its compiler (`torch._dynamo`) when the first optimiser is made. That takes about a second. It happens
once in the worker, where `load_checks` runs the checks on the reference solution, and not in every child.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import io
import json
import os
import random
import re
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import time
import types
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from kinverse.apps.course import sandbox
from kinverse.apps.course.checking import CheckFailed, Learner, clean
from kinverse.apps.course.lesson import CHECK_PREFIX, Lesson, find_lesson
from kinverse.apps.course.results import FILE_CHECK, FILE_TITLE, CheckReport, CheckResult, Status, Submission
from kinverse.errors import DataError
from kinverse.files import from_plain, to_plain
from kinverse.text import one_line

MAX_OUTPUT = 4000
"""Characters kept of the learner's printed output."""
MAX_RESULTS, MAX_TRACE, MAX_MESSAGE = 1 << 18, 1 << 16, 1200
"""Bytes of results and characters of a trace that are read, and characters of a message."""
HAS_FORK = hasattr(os, "fork")
WAIT_FACTOR = 2.0
"""A child may take this multiple of its computing time by the clock, on a busy machine or asleep."""
OUTPUT_FILE, TRACE_FILE = "output.txt", "trace.txt"
DONE = "done"
Checks = dict[str, Callable[[Learner, np.random.Generator], None]]


def main() -> None:
    """Answer requests until there are no more."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # runs the cleanup in _run_in_fork, so that no child is left
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not mix with the answers
    for line in sys.stdin:
        try:
            answer = to_plain(check_submission(from_plain(json.loads(line), Submission, "stdin", DataError)))
        except ModuleNotFoundError as problem:  # a library that the lesson itself needs
            answer = {"missing": problem.name}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def check_submission(submission: Submission) -> CheckReport:
    """Check one file.

    Raises:
        UnknownNameError: there is no such lesson.
    """
    lesson = find_lesson(submission.lesson)
    checks = load_checks(lesson)
    started = time.monotonic()
    if b"matplotlib" in submission.source:
        _import_matplotlib()
    with tempfile.TemporaryDirectory(prefix="kinverse-course-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / lesson.file_name).write_bytes(submission.source)
        run = _run_in_fork if HAS_FORK else _run_in_new_interpreter
        ending = run(submission, folder, checks)
        results = _collect_results(lesson, folder, ending, submission.source)
    output = _shown_output(ending.output, folder)
    return CheckReport(lesson.slug, results, output, submission.seed, round(time.monotonic() - started, 3))


def _import_matplotlib() -> None:
    """Import it here: it writes a cache of fonts, which the sandbox would not let it."""
    with contextlib.suppress(ImportError):
        import matplotlib.pyplot  # noqa: F401


@functools.cache
def load_checks(lesson: Lesson) -> Checks:
    """The checks of a lesson, after one run on the reference solution.

    The run loads and compiles all that the checks need, so that no child has to do it again.
    """
    module = importlib.import_module(f"{lesson.package}.checks")
    checks = {name: getattr(module, CHECK_PREFIX + name) for name in lesson.checks}
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)
    solution = types.ModuleType("solution")
    solution.__file__ = str(lesson.folder / "solution.py")
    exec(compile(lesson.solution, solution.__file__, "exec"), solution.__dict__)
    with (
        tempfile.TemporaryDirectory(prefix="kinverse-course-") as folder,
        contextlib.chdir(folder),
        contextlib.redirect_stdout(sys.stderr),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        for check in checks.values():
            check(Learner(solution), np.random.default_rng(0))
    gc.collect()
    gc.freeze()  # so that the children's garbage collection does not copy all pages
    return checks


@dataclass(frozen=True, eq=False)
class Channel:
    """What the child process writes to: a pipe for results, and files for output and trace.

    A line of results counts only with the nonce, which the learner's code is not given. The pipe cannot be read back.
    """

    results: int
    nonce: str
    output: TextIO
    trace: TextIO

    def write(self, name: str, message: str | None) -> None:
        """Send the result of a check."""
        line = json.dumps({"nonce": self.nonce, "check": name, "message": message}) + "\n"
        os.write(self.results, line.encode())


@dataclass(frozen=True)
class Ending:
    """How the child process ended.

    Attributes:
        cause: why it died, or "".
        messages: check → message, or None if it passed; the first result of a check counts.
        output: what the learner's code printed, cut.
        trace: what the fault handler wrote.
    """

    cause: str
    messages: dict[str, str | None]
    output: str
    trace: str


# The child process.


def run_checks(submission: Submission, folder: Path, checks: Checks, channel: Channel) -> None:
    """Enter the sandbox, execute the learner's file, and run every check; for a process of its own.

    Each result is written at once, so that none is lost when the process dies.

    Args:
        submission: seed and limits.
        folder: folder that holds the learner's file.
        checks: the checks by name.
        channel: where results, output and trace are written.
    """
    os.chdir(folder)
    nothing = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115
    for descriptor, file in ((0, nothing), (1, channel.output), (2, channel.output)):
        sandbox.redirect(descriptor, file)
    sys.stdin = nothing
    sys.stdout = sys.stderr = open(1, "w", encoding="utf-8", errors="replace", closefd=False, buffering=1)  # noqa: SIM115
    warnings.filterwarnings("ignore", module=r"kinverse\.apps\.course")  # warnings of the checks themselves
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(folder))
    sandbox.limit_resources(submission.seconds, submission.memory, channel.trace)
    sandbox.restrict_access(folder)

    write = channel.write
    try:
        learner = Learner(_execute(folder / find_lesson(submission.lesson).file_name, submission.seed))
    except CheckFailed as failed:
        write(FILE_CHECK, str(failed))
    else:
        write(FILE_CHECK, None)
        for name, check in checks.items():
            write(name, _run_check(name, check, learner, submission.seed))
    write(DONE, None)


def _run_check(name: str, check: Callable[..., None], learner: Learner, seed: int) -> str | None:
    """The message of a check that fails, or None. Its inputs depend on the seed and on its name alone."""
    own = zlib.crc32(name.encode()) ^ (seed & 0xFFFFFFFF)
    _seed_generators(own)
    try:
        check(learner, np.random.default_rng(own))
    except CheckFailed as failed:
        return str(failed)
    except BaseException as problem:  # what comes back from the learner's objects may raise anywhere in the check
        return f"the result cannot be used: working with it {learner.described(problem)}"
    return None


def _execute(path: Path, seed: int) -> types.ModuleType:
    """The learner's file as a module.

    Raises:
        CheckFailed: the file is not Python, or raises an error when it runs.
    """
    module = types.ModuleType(path.stem)
    module.__file__ = str(path)
    sys.modules[path.stem] = module
    _seed_generators(seed)
    try:
        code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except SyntaxError as problem:
        line = "" if problem.lineno is None else f" in line {problem.lineno}: {clean((problem.text or '').strip())}"
        raise CheckFailed(f"the file is not Python: {clean(problem.msg)}{line}") from None
    except (ValueError, MemoryError, RecursionError) as problem:
        raise CheckFailed(f"the file is not Python: {clean(str(problem)) or type(problem).__name__}") from None
    try:
        exec(code, module.__dict__)
    except BaseException as problem:
        raise CheckFailed(f"running the file {Learner(module).described(problem)}") from None
    return module


def _seed_generators(seed: int) -> None:
    """Seed every generator that a learner may use, so that the same seed gives the same report."""
    random.seed(seed)
    np.random.seed(seed & 0xFFFFFFFF)  # noqa: NPY002 (the learner's code may use it)
    torch: Any = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "manual_seed"):
        torch.manual_seed(seed)


# The worker starts the child and waits for it.


def _run_in_fork(submission: Submission, folder: Path, checks: Checks) -> Ending:
    """Run the checks in a fork of this process."""
    sys.stdout.flush()
    sys.stderr.flush()
    nonce = secrets.token_hex(16)
    reader, results = os.pipe()
    with _hidden_file() as output, _hidden_file() as trace:
        process = os.fork()
        if process == 0:
            code = 1
            try:
                os.setsid()
                kept = {results, output.fileno(), trace.fileno()}
                for descriptor in set(range(3, 256)) - kept:  # the pipes to the runner, the reading end
                    with contextlib.suppress(OSError):
                        os.close(descriptor)
                run_checks(submission, folder, checks, Channel(results, nonce, output, trace))
                code = 0
            finally:
                os._exit(code)
        os.close(results)
        cause = _cause_after(process, submission)
        os.set_blocking(reader, False)  # a process that it has left running may hold the other end
        with os.fdopen(reader, "rb") as pipe:
            lines = pipe.read(MAX_RESULTS) or b""
        return Ending(cause, _messages(lines, nonce), _read(output, MAX_OUTPUT + 1), _read(trace, MAX_TRACE))


def _hidden_file() -> TextIO:
    """A file without a name: nobody can put something else in its place."""
    return tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")


def _read(file: TextIO, size: int) -> str:
    file.seek(0)
    return file.read(size)


def _messages(lines: bytes, nonce: str) -> dict[str, str | None]:
    """The results in the lines that carry the nonce."""
    messages: dict[str, str | None] = {}
    for line in lines.decode(errors="replace").splitlines():
        with contextlib.suppress(ValueError, KeyError, TypeError, RecursionError):
            entry = json.loads(line)
            if entry["nonce"] == nonce:
                messages.setdefault(str(entry["check"]), None if entry["message"] is None else str(entry["message"]))
    return messages


def _cause_after(process: int, submission: Submission) -> str:
    """Wait for the child, end it and all that it has started, and return why it died, or ""."""
    ended = 0
    try:
        _wait(process, WAIT_FACTOR * submission.seconds)
        ended, status = os.waitpid(process, os.WNOHANG)
    finally:
        if not ended:
            os.kill(process, signal.SIGKILL)  # also before it has made its group
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process, signal.SIGKILL)  # whatever it left running
    if not ended:
        _, status = os.waitpid(process, 0)
        return _too_long(submission)
    return _cause_of_death(os.waitstatus_to_exitcode(status), submission)


def _wait(process: int, seconds: float) -> None:
    """Wait until a process has ended, at most this long; its exit status is left to be fetched."""
    if hasattr(os, "pidfd_open"):
        descriptor = os.pidfd_open(process)
        try:
            select.select([descriptor], [], [], seconds)
        finally:
            os.close(descriptor)
        return
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return
        time.sleep(0.005)


def _run_in_new_interpreter(submission: Submission, folder: Path, checks: Checks) -> Ending:
    """Run the checks in a fresh interpreter, which loads them again."""
    command = [sys.executable, "-c", f"from kinverse.apps.course.worker import run_from_stdin as r; r({str(folder)!r})"]
    nonce = secrets.token_hex(16)
    given = json.dumps({"nonce": nonce, "submission": to_plain(submission)})
    try:
        done = subprocess.run(
            command,
            input=given.encode(),
            stdout=subprocess.PIPE,
            timeout=WAIT_FACTOR * submission.seconds + 10,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        return Ending(_too_long(submission), _messages((late.stdout or b"")[:MAX_RESULTS], nonce), "", "")
    texts = []
    for name, size in ((OUTPUT_FILE, MAX_OUTPUT + 1), (TRACE_FILE, MAX_TRACE)):
        path = folder / name
        is_file = path.is_file() and not path.is_symlink()
        with path.open(encoding="utf-8", errors="replace") if is_file else io.StringIO() as file:
            texts.append(file.read(size))
    cause = _cause_of_death(done.returncode, submission)
    return Ending(cause, _messages(done.stdout[:MAX_RESULTS], nonce), texts[0], texts[1])


def run_from_stdin(folder: str) -> None:
    """Read a submission from stdin and run its checks in this process."""
    given = json.loads(sys.stdin.readline())
    submission = from_plain(given["submission"], Submission, "stdin", DataError)
    results = os.dup(1)
    with (
        (Path(folder) / OUTPUT_FILE).open("w", encoding="utf-8") as output,
        (Path(folder) / TRACE_FILE).open("w", encoding="utf-8") as trace,
    ):
        channel = Channel(results, given["nonce"], output, trace)
        run_checks(submission, Path(folder), load_checks(find_lesson(submission.lesson)), channel)


def _too_long(submission: Submission) -> str:
    return f"still runs after {submission.seconds:g} s: is there a loop that never ends?"


def _cause_of_death(code: int, submission: Submission) -> str:
    if code == 0:
        return ""
    if code > 0:
        return f"ends the whole process (exit code {code}): is there an os._exit()?"
    if -code in (getattr(signal, "SIGPROF", None), getattr(signal, "SIGXCPU", None)):
        return _too_long(submission)
    if -code == signal.SIGKILL:
        return "was killed by the system: it may have used too much memory or time"
    return f"crashes the interpreter ({signal.strsignal(-code) or f'signal {-code}'})"


# The worker reads what the child has written.


def _collect_results(lesson: Lesson, folder: Path, ending: Ending, source: bytes) -> tuple[CheckResult, ...]:
    """The results that the child sent; the check in which it died fails with the cause of death."""
    messages, cause = ending.messages, ending.cause
    if DONE not in messages:
        cause = cause or "ends the whole process: is there an os._exit()?"
    titles = {FILE_CHECK: FILE_TITLE, **lesson.checks}
    results = []
    for name, title in titles.items():
        status: Status = "not run"
        message = ""
        if name in messages:
            status = "passed" if messages[name] is None else "failed"
            message = messages[name] or ""
        elif DONE not in messages and cause:
            status, message, cause = "failed", f"the code {cause}{_place(ending.trace, lesson.file_name, source)}", ""
        message = message.replace(str(folder) + os.sep, "")
        results.append(CheckResult(name, title, status, one_line(message, MAX_MESSAGE)))
    return tuple(results)


def _place(trace: str, file: str, source: bytes) -> str:
    """The learner's line at which the process ended, as the fault handler wrote it."""
    last = trace.rpartition("(most recent call first)")[2]
    lines = re.findall(rf'File ".*{re.escape(file)}", line (\d+)', last)
    code = source.decode(errors="replace").splitlines()
    if not lines or int(lines[0]) > len(code):
        return ""
    return f" (line {lines[0]}: {clean(code[int(lines[0]) - 1].strip())[:80]})"


def _shown_output(text: str, folder: Path) -> str:
    """The printed output of the learner's code, cut, with nothing that moves a terminal's cursor."""
    text = text.replace(str(folder) + os.sep, "").expandtabs(4)
    text = "".join(c if c.isprintable() or c == "\n" else "?" for c in text)
    return text if len(text) <= MAX_OUTPUT else f"{text[:MAX_OUTPUT]}\n… (more was printed)"


if __name__ == "__main__":
    main()
