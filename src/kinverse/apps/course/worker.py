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
import json
import os
import random
import re
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
from pathlib import Path
from typing import Any

import numpy as np

from kinverse.apps.course import sandbox
from kinverse.apps.course.checking import CheckFailed, Learner, clean
from kinverse.apps.course.lesson import CHECK_PREFIX, Lesson, find_lesson
from kinverse.apps.course.results import FILE_CHECK, FILE_TITLE, CheckReport, CheckResult, Status, Submission
from kinverse.errors import DataError
from kinverse.files import from_plain, to_plain

MAX_OUTPUT = 4000
"""Characters kept of the learner's printed output."""
HAS_FORK = hasattr(os, "fork")
WAIT_FACTOR = 2.0
"""A child may take this multiple of its computing time by the clock, on a busy machine or asleep."""
OUTPUT_FILE, RESULTS_FILE, TRACE_FILE = "output.txt", "results.jsonl", "trace.txt"
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
    with tempfile.TemporaryDirectory(prefix="kinverse-course-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / lesson.file_name).write_bytes(submission.source)
        cause = _run_in_fork(submission, folder, checks) if HAS_FORK else _run_in_new_interpreter(submission, folder)
        results = _collect_results(lesson, folder, cause)
        output = _read_output(folder)
    return CheckReport(lesson.slug, results, output, submission.seed, round(time.monotonic() - started, 3))


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
    sandbox.kernel_caches()
    gc.collect()
    gc.freeze()  # so that the children's garbage collection does not copy all pages
    return checks


# The child process.


def run_checks(submission: Submission, folder: Path, checks: Checks) -> None:
    """Enter the sandbox, execute the learner's file, and run every check; for a process of its own.

    Each result is written at once, so that none is lost when the process dies.

    Args:
        submission: seed and limits.
        folder: folder that holds the learner's file; results, output and trace are written there.
        checks: the checks by name.
    """
    os.chdir(folder)
    results = (folder / RESULTS_FILE).open("w", encoding="utf-8")
    trace = (folder / TRACE_FILE).open("w", encoding="utf-8")
    output = (folder / OUTPUT_FILE).open("w", encoding="utf-8")
    nothing = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115
    for descriptor, file in ((0, nothing), (1, output), (2, output)):
        sandbox.redirect(descriptor, file)
    sys.stdin = nothing
    sys.stdout = sys.stderr = open(1, "w", encoding="utf-8", errors="replace", closefd=False, buffering=1)  # noqa: SIM115
    warnings.filterwarnings("ignore", module=r"kinverse\.apps\.course")  # warnings of the checks themselves
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(folder))
    sandbox.limit_resources(submission.seconds, submission.memory, trace)
    sandbox.restrict_access(folder)

    def write(name: str, message: str | None) -> None:
        results.write(json.dumps({"check": name, "message": message}) + "\n")
        results.flush()

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


def _run_in_fork(submission: Submission, folder: Path, checks: Checks) -> str:
    """Run the checks in a fork of this process; returns why it died, or ""."""
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process == 0:
        code = 1
        try:
            os.setsid()
            os.closerange(3, 256)  # the pipes to the runner
            run_checks(submission, folder, checks)
            code = 0
        finally:
            os._exit(code)
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


def _run_in_new_interpreter(submission: Submission, folder: Path) -> str:
    """Run the checks in a fresh interpreter; returns why it died, or ""."""
    command = [sys.executable, "-c", f"from kinverse.apps.course.worker import run_from_stdin as r; r({str(folder)!r})"]
    timeout = WAIT_FACTOR * submission.seconds + 10
    given = json.dumps(to_plain(submission))
    try:
        done = subprocess.run(command, input=given, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return _too_long(submission)
    return _cause_of_death(done.returncode, submission)


def run_from_stdin(folder: str) -> None:
    """Read a submission from stdin and run its checks in this process."""
    submission = from_plain(json.loads(sys.stdin.readline()), Submission, "stdin", DataError)
    run_checks(submission, Path(folder), load_checks(find_lesson(submission.lesson)))


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


def _collect_results(lesson: Lesson, folder: Path, cause: str) -> tuple[CheckResult, ...]:
    """The results that the child wrote; the check in which it died fails with the cause of death."""
    messages: dict[str, str | None] = {}
    with contextlib.suppress(OSError):
        for line in (folder / RESULTS_FILE).read_text(encoding="utf-8", errors="replace").splitlines():
            with contextlib.suppress(ValueError, KeyError, TypeError):
                entry = json.loads(line)
                messages[entry["check"]] = entry["message"]
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
            status, message, cause = "failed", f"the code {cause}{_place(folder, lesson.file_name)}", ""
        results.append(CheckResult(name, title, status, message.replace(str(folder) + os.sep, "")))
    return tuple(results)


def _place(folder: Path, file: str) -> str:
    """The learner's line at which the process ended, as the fault handler wrote it."""
    with contextlib.suppress(OSError):
        trace = (folder / TRACE_FILE).read_text(encoding="utf-8", errors="replace")
        last = trace.rpartition("(most recent call first)")[2]
        lines = re.findall(rf'File ".*{re.escape(file)}", line (\d+)', last)
        if lines:
            code = (folder / file).read_text(encoding="utf-8", errors="replace").splitlines()
            number = int(lines[0])
            return f" (line {number}: {clean(code[number - 1].strip())[:80]})" if number <= len(code) else ""
    return ""


def _read_output(folder: Path) -> str:
    """The printed output of the learner's code, cut."""
    try:
        with (folder / OUTPUT_FILE).open(encoding="utf-8", errors="replace") as file:
            text = file.read(MAX_OUTPUT + 1)
    except OSError:
        return ""
    text = text.replace(str(folder) + os.sep, "").expandtabs(4)
    text = "".join(c if c.isprintable() or c == "\n" else "?" for c in text)  # nothing that moves a terminal's cursor
    return text if len(text) <= MAX_OUTPUT else f"{text[:MAX_OUTPUT]}\n… (more was printed)"


if __name__ == "__main__":
    main()
