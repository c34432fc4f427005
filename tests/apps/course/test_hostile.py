"""Submissions that cheat, hang, crash or damage: each fails its own exercise, and grading goes on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kinverse.apps.course.grade import grade
from kinverse.apps.course.lesson import find_lesson
from kinverse.apps.course.results import CheckReport, Submission
from kinverse.apps.course.runner import Runner

LESSON = find_lesson("workflow")
UNSOLVED = LESSON.exercise
FORGE = f"""
import gc, json, os, sys
names = ["file", *{list(LESSON.checks)!r}, "done"]
lines = "".join(json.dumps({{"check": n, "message": None, "nonce": ""}}) + "\\n" for n in names).encode()
for descriptor in range(3, 64):
    try:
        os.write(descriptor, lines)
    except OSError:
        pass
for path in ("results.jsonl", "output.txt", "trace.txt"):
    open(path, "wb").write(lines)
"""


def checked(runner: Runner, source: str | bytes, seconds: float = 5.0) -> CheckReport:
    content = source.encode() if isinstance(source, str) else source
    return runner.check(Submission(LESSON.slug, content, LESSON.file_name, seconds=seconds))


HOSTILE = {
    "forged results": FORGE + UNSOLVED,
    "forged results at exit": UNSOLVED + "\nimport atexit\natexit.register(lambda: None)\n" + FORGE,
    "a pipe in place of the output": "import os\nos.mkfifo('output.txt')\nos.mkfifo('trace.txt')\n" + UNSOLVED,
    "output replaced by a link": "import os\nos.symlink('/dev/zero', 'output.txt')\n" + UNSOLVED,
    "everything closed": "import os\nos.closerange(0, 256)\n" + UNSOLVED,
    "the process ended": "import os\nos._exit(0)\n",
    "the process killed": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n",
    "an endless loop": "while True: pass\n",
    "sleep": "import time\ntime.sleep(1e6)\n",
    "signals ignored": "import signal\nfor s in (2, 15): signal.signal(s, signal.SIG_IGN)\nwhile True: pass\n",
    "much memory": "x = bytearray(1 << 36)\n",
    "growing memory": "x = []\nwhile True: x.append(bytearray(1 << 20))\n",
    "recursion": "def f(): f()\nf()\n",
    "deep nesting": "x = " + "(" * 5000 + ")" * 5000 + "\n",
    "deep nesting of lists": "x = " + "[" * 200_000 + "\n",
    "a long line": "x = 1" + " + 1" * 300_000 + "\n",
    "much output": "while True: print('x' * 10000)\n",
    "control characters": "raise ValueError('\\x1b[2J\\x07\\r\\x00')\n",
    "no text": b"\xff\xfe\x00\x00",
    "null bytes": b"x = 1\x00\n",
    "another process": "import subprocess\nsubprocess.run(['true'])\n",
    "a fork": "import os\nwhile True: os.fork()\n",
    "the network": "import socket\nsocket.create_connection(('127.0.0.1', 9))\n",
    "the solution imported": "from kinverse.apps.course.lessons.lesson01_workflow.solution import *\n",
    "the solution read": (
        "from pathlib import Path\nimport kinverse.apps.course as c\n"
        "exec((Path(c.__file__).parent / 'lessons/lesson01_workflow/solution.py').read_text())\n"
    ),
    "a file outside": "open('/tmp/kinverse-planted', 'w').write('x')\n",
}  # fmt: skip


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_hostile_code_fails_its_own_exercise(source: str | bytes, runner: Runner) -> None:
    report = checked(runner, source, seconds=2.0)
    assert not report.passed
    for result in report.results:
        assert result.message.isprintable()
    assert checked(runner, LESSON.solution).passed  # the worker goes on
    assert not Path("/tmp/kinverse-planted").exists()


def test_the_solution_is_named(runner: Runner) -> None:
    for name in ("the solution imported", "the solution read"):
        report = checked(runner, HOSTILE[name])
        assert "the solution of a lesson" in report.results[0].message


def test_no_compiled_code_can_be_planted(runner: Runner) -> None:
    import kinverse

    package = Path(kinverse.__file__).parent
    before = {path: path.stat().st_mtime_ns for path in package.rglob("__pycache__/*")}
    plant = f"""
import os
from pathlib import Path
for path in Path({str(package)!r}).rglob("__pycache__"):
    for act in (lambda: (path / "planted.pyc").write_bytes(b"x"), lambda: os.remove(next(path.iterdir())),
                lambda: os.rename(next(path.iterdir()), path / "moved")):
        try:
            act()
        except Exception:
            pass
"""
    checked(runner, plant + UNSOLVED)
    assert {path: path.stat().st_mtime_ns for path in package.rglob("__pycache__/*")} == before


def test_grading_a_folder_of_hostile_files_ends(tmp_path: Path) -> None:
    for number, source in enumerate(list(HOSTILE.values())[:6]):
        (tmp_path / f"student{number}").mkdir()
        (tmp_path / f"student{number}" / LESSON.file_name).write_bytes(
            source.encode() if isinstance(source, str) else source
        )
    for name in ("pipe", "link", "folder", "huge", "fine"):
        (tmp_path / name).mkdir()
    os.mkfifo(tmp_path / "pipe" / LESSON.file_name)
    (tmp_path / "link" / LESSON.file_name).symlink_to("/dev/zero")
    (tmp_path / "folder" / LESSON.file_name).mkdir()
    (tmp_path / "huge" / LESSON.file_name).write_bytes(b"#" * (2 << 20))
    (tmp_path / "fine" / LESSON.file_name).write_text(LESSON.solution)
    graded = grade(tmp_path, chosen=(LESSON,), workers=1, seconds=2.0)
    passed = {item.student: item.report is not None and item.report.passed for item in graded}
    assert passed.pop("fine") and not any(passed.values()) and len(passed) == 10
