"""The process that checks: it loads what the lessons need once, then runs each learner's file in a child of its own.

    python -m kinverse.apps.course.judge

reads requests from stdin, one JSON object in a line, and answers each with a line on stdout.
`kinverse.apps.course.court` starts it. Where there is no fork (Windows) every check starts a fresh interpreter instead.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import gc
import importlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
import types
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from kinverse.apps.course import child, fence
from kinverse.apps.course.checking import Learner, clean
from kinverse.apps.course.compiler import put_compiler_off
from kinverse.apps.course.lesson import CHECK_PREFIX, Lesson, find_lesson
from kinverse.apps.course.verdict import FILE_CHECK, FILE_TITLE, CheckResult, Status, Submission, Verdict

MOST_OUTPUT = 4000
"""Characters of what the learner's code prints that are kept."""
HAS_FORK = hasattr(os, "fork")
WAIT_FACTOR = 2.0
"""How much longer than its computing time a process may wait, on a busy machine or asleep."""


def main() -> None:
    """Answer requests until there are no more."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # through the end of _fork, so that no child is left
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not come between the answers
    for line in sys.stdin:
        request = json.loads(line)
        request["source"] = base64.b64decode(request["source"])
        try:
            answer = judge(Submission(**request)).to_dict()
        except ModuleNotFoundError as problem:  # a library that the lesson itself needs
            answer = {"missing": problem.name}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def judge(submission: Submission) -> Verdict:
    """Check one file.

    Raises:
        UnknownNameError: there is no such lesson.
    """
    lesson = find_lesson(submission.lesson)
    checks = ready(lesson)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kinverse-course-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / lesson.file_name).write_bytes(submission.source)
        work = child.Work(folder, lesson.file_name, submission.seed, submission.seconds, submission.memory)
        how = _fork(work, checks) if HAS_FORK else _spawn(work, lesson)
        results = _results(lesson, folder, how)
        output = _output(folder)
    return Verdict(lesson.slug, results, output, submission.seed, round(time.monotonic() - started, 3))


@functools.cache
def ready(lesson: Lesson) -> child.Checks:
    """The checks of a lesson, after they were tried on the reference solution here.

    That loads and compiles all that they need, so that no child has to do it again.
    """
    module = importlib.import_module(f"{lesson.package}.checks")
    checks = {name: getattr(module, CHECK_PREFIX + name) for name in lesson.checks}
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)
        put_compiler_off(torch)
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
    fence.kernel_caches()
    gc.collect()
    gc.freeze()  # so that the children's garbage collection does not copy all pages
    return checks


def _fork(work: child.Work, checks: child.Checks) -> str:
    """Run the checks in a fork of this process; says how it died, or nothing."""
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process == 0:
        code = 1
        try:
            os.setsid()
            os.closerange(3, 256)  # the pipes to whoever asked
            child.run(work, checks)
            code = 0
        finally:
            os._exit(code)
    try:
        _wait(process, WAIT_FACTOR * work.seconds)
        ended, status = os.waitpid(process, os.WNOHANG)
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process, signal.SIGKILL)  # the process, and whatever it left running
    if not ended:
        _, status = os.waitpid(process, 0)
        return _too_long(work)
    return _death(os.waitstatus_to_exitcode(status), work)


def _wait(process: int, seconds: float) -> None:
    """Wait until a process has ended, but no longer than so many seconds; its status is left to be fetched."""
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


def _spawn(work: child.Work, lesson: Lesson) -> str:
    """Run the checks in a fresh interpreter; says how it died, or nothing."""
    command = [sys.executable, "-c", f"from kinverse.apps.course.judge import spawned; spawned({lesson.slug!r})"]
    given = json.dumps({**vars(work), "folder": str(work.folder)})
    try:
        done = subprocess.run(command, input=given, text=True, timeout=WAIT_FACTOR * work.seconds + 10, check=False)
    except subprocess.TimeoutExpired:
        return _too_long(work)
    return _death(done.returncode, work)


def spawned(slug: str) -> None:
    """What the fresh interpreter does."""
    given = json.loads(sys.stdin.readline())
    child.run(child.Work(**{**given, "folder": Path(given["folder"])}), ready(find_lesson(slug)))


def _too_long(work: child.Work) -> str:
    return f"still runs after {work.seconds:g} s: is there a loop that never ends?"


def _death(code: int, work: child.Work) -> str:
    if code == 0:
        return ""
    if code > 0:
        return f"ends the whole process (exit code {code}): is there an os._exit()?"
    if -code in (getattr(signal, "SIGPROF", None), getattr(signal, "SIGXCPU", None)):
        return _too_long(work)
    if -code == signal.SIGKILL:
        return "was ended by the system: it may have taken too much memory or time"
    return f"crashes the interpreter ({signal.strsignal(-code) or f'signal {-code}'})"


def _results(lesson: Lesson, folder: Path, how: str) -> tuple[CheckResult, ...]:
    """What the child wrote, and for the check in which it died how."""
    said: dict[str, str | None] = {}
    with contextlib.suppress(OSError):
        for line in (folder / child.RESULTS).read_text(encoding="utf-8", errors="replace").splitlines():
            with contextlib.suppress(ValueError, KeyError, TypeError):
                entry = json.loads(line)
                said[entry["check"]] = entry["message"]
    if child.DONE not in said:
        how = how or "ends the whole process: is there an os._exit()?"
    titles = {FILE_CHECK: FILE_TITLE, **lesson.checks}
    results = []
    for name, title in titles.items():
        status: Status = "not run"
        message = ""
        if name in said:
            status = "passed" if said[name] is None else "failed"
            message = said[name] or ""
        elif child.DONE not in said and how:
            status, message, how = "failed", f"the code {how}{_where(folder, lesson.file_name)}", ""
        results.append(CheckResult(name, title, status, message.replace(str(folder) + os.sep, "")))
    return tuple(results)


def _where(folder: Path, file: str) -> str:
    """The learner's line at which the process ended, as the fault handler wrote it."""
    with contextlib.suppress(OSError):
        trace = (folder / child.TRACE).read_text(encoding="utf-8", errors="replace")
        last = trace.rpartition("(most recent call first)")[2]
        lines = re.findall(rf'File ".*{re.escape(file)}", line (\d+)', last)
        if lines:
            code = (folder / file).read_text(encoding="utf-8", errors="replace").splitlines()
            number = int(lines[0])
            return f" (line {number}: {clean(code[number - 1].strip())[:80]})" if number <= len(code) else ""
    return ""


def _output(folder: Path) -> str:
    """What the learner's code printed, cut."""
    try:
        with (folder / child.OUTPUT).open(encoding="utf-8", errors="replace") as file:
            text = file.read(MOST_OUTPUT + 1)
    except OSError:
        return ""
    text = text.replace(str(folder) + os.sep, "").expandtabs(4)
    text = "".join(c if c.isprintable() or c == "\n" else "?" for c in text)  # nothing that moves a terminal's cursor
    return text if len(text) <= MOST_OUTPUT else f"{text[:MOST_OUTPUT]}\n… (more was printed)"


if __name__ == "__main__":
    main()
