"""What learner code does wrong is reported in one line, and harms nothing outside its process."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from kinverse.apps.course.lesson import find_lesson
from kinverse.apps.course.results import CheckReport, Submission
from kinverse.apps.course.runner import Runner

LESSON = find_lesson(3)
HEAD = "import numpy as np\n"


def checked(runner: Runner, body: str | bytes, head: str = HEAD, seconds: float = 10.0) -> CheckReport:
    """The report on a file whose fit_minmax has this body; or on these bytes."""
    if isinstance(body, str):
        lines = "\n".join(f"    {line}" for line in body.splitlines())
        body = f"{head}def fit_minmax(train):\n{lines}\n".encode()
    return runner.check(Submission(LESSON.slug, body, LESSON.file_name, seed=1, seconds=seconds))


def failure(report: CheckReport) -> str:
    """Name and message of the first check that failed."""
    assert report.first_failed is not None
    assert "\n" not in report.first_failed.message
    return f"{report.first_failed.name}: {report.first_failed.message}"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("raise ValueError('no\\n  way')", "training_range: fit_minmax raises ValueError: no way (line 3: raise Val"),
        ("return 1 / 0", "training_range: fit_minmax raises ZeroDivisionError: division by zero (line 3: return 1 /"),
        ("exit(3)", "training_range: fit_minmax ends the program with exit() (line 3: exit(3))"),
        ("import sys; sys.exit(0)", "training_range: fit_minmax ends the program with exit()"),
        ("import os; os._exit(0)", "training_range: the code ends the whole process: is there an os._exit()?"),
        ("import os; os._exit(7)", "training_range: the code ends the whole process (exit code 7)"),
        ("return fit_minmax(train)", "training_range: fit_minmax raises RecursionError: maximum recursion depth"),
        ("return input()", "training_range: fit_minmax calls input(), but a check cannot type"),
        ("raise KeyboardInterrupt", "training_range: fit_minmax raises KeyboardInterrupt"),
        ("import ctypes; ctypes.string_at(0)", "training_range: the code crashes the interpreter (Segmentation fault)"),
        ("return np.zeros(10**11), 1", "training_range: fit_minmax needs more memory than an exercise may use"),
        ("return bytearray(3 << 30)", "training_range: fit_minmax needs more memory than an exercise may use"),
        ("import os; os.fork()", "training_range: fit_minmax starts another process, which no exercise needs"),
        ("import os; os.system('true')", "training_range: fit_minmax starts another process"),
        ("import subprocess; subprocess.run(['true'])", "training_range: fit_minmax starts another process"),
        ("import multiprocessing as m; m.Process(target=print).start()", "fit_minmax starts another process"),
        ("import socket; socket.create_connection(('127.0.0.1', 9))", "training_range: fit_minmax opens a network con"),
        ("import os; os.kill(os.getppid(), 9)", "training_range: fit_minmax sends a signal to a process"),
        ("import threading\nwhile True: threading.Thread(target=input).start()", "fit_minmax starts too many threads"),
        ("raise MemoryError", "training_range: fit_minmax needs more memory"),
        ("raise BaseException('x')", "training_range: fit_minmax raises BaseException: x"),
        ("return object(), 2", "training_range: the shift of fit_minmax gives <object object>, where numbers were"),
        ("return np.zeros(3), np.array(['a', 'b', 'c'])", "gives an array of shape (3,), where numbers were expected"),
        ("return (x for x in train)", "training_range: fit_minmax gives <generator object fit_minmax.<locals>.<gene"),
        ("return ' ' * 10**6, 1", "training_range: the shift of fit_minmax gives"),
        ("raise type('E' * 9, (Exception,), {'__str__': lambda s: 'y' * 10**6})", "raises EEEEEEEEE: yyyyy"),
    ],
)  # fmt: skip
def test_bad_code_is_reported_in_one_line(body: str, message: str, runner: Runner) -> None:
    report = checked(runner, body)
    assert message in failure(report)
    assert len(failure(report)) < 700
    assert "0x" not in failure(report)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"def f(:\n", "file: the file is not Python: invalid syntax in line 1: def f(:"),
        (b"  x = 1\n", "file: the file is not Python: unexpected indent in line 1: x = 1"),
        (b"\x00\x01\x02", "file: the file is not Python: source code string cannot contain null bytes"),
        (random.Random(0).randbytes(64) + b"\xff\xfe", "file: the file is not Python: "),
        (b"x = '\xff'", "file: the file is not Python: "),
        (b"(" * 20_000, "file: the file is not Python: too many nested parentheses"),
        (b"x = " + b"-" * 100_000 + b"1", "file: "),
        (b"import no_such_thing", "file: running the file raises ModuleNotFoundError: No module named 'no_such_thing'"),
        (b"1 / 0", "file: running the file raises ZeroDivisionError: division by zero (line 1: 1 / 0)"),
        (b"", "training_range: there is no fit_minmax in the file: has it been renamed or removed?"),
        (b"fit_minmax = 3", "training_range: fit_minmax is 3, and should be a function"),
        (b"def fit_minmax(): return 1", "raises TypeError: fit_minmax() takes 0 positional arguments but 1 was given"),
        (b"raise SystemExit", "file: running the file ends the program with exit()"),
    ],
)
def test_a_file_that_is_not_an_exercise_is_reported(source: bytes, message: str, runner: Runner) -> None:
    report = checked(runner, source)
    assert message in failure(report)
    assert len(failure(report)) < 700


@pytest.mark.parametrize(
    "body", ["while True: pass", "import time; time.sleep(60)", "try:\n  while True: pass\nexcept BaseException: pass"]
)
def test_code_that_never_ends_is_stopped(body: str, runner: Runner) -> None:
    report = checked(runner, body, seconds=0.5)
    assert failure(report).startswith(
        "training_range: the code still runs after 0.5 s: is there a loop that never ends?"
    )
    assert [result.status for result in report.results] == ["passed", "failed", *["not run"] * 4]


def test_the_line_of_an_endless_loop_is_named(runner: Runner) -> None:
    report = checked(runner, "total = 0\nwhile True:\n    total += 1", seconds=0.5)
    assert "never ends? (line " in failure(report)


def test_printed_output_is_shown_and_cut(runner: Runner) -> None:
    report = checked(runner, "print('shape', train.shape)\nreturn 1")
    assert report.output.startswith("shape (30, 3)\n")
    assert "Your code printed:\n    shape (30, 3)" in str(report)
    flood = checked(runner, "while True: print('x' * 1000)")
    assert len(flood.output) < 5000 and flood.output.endswith("(more was printed)")
    assert "prints or writes too much" in failure(flood)
    assert len(str(flood).splitlines()) < 40


def test_control_characters_in_the_output_are_removed(runner: Runner) -> None:
    report = checked(runner, "import os; os.write(1, bytes(range(256))); os.write(2, b'\\x1b[31mred'); return 1")
    assert "red" in report.output
    assert all(c.isprintable() or c == "\n" for c in str(report))


@pytest.mark.parametrize(
    "code",
    [
        "open({path!r}, 'w')",
        "open({path!r}, 'a')",
        "import os; os.remove({path!r})",
        "import os; os.rename({path!r}, 'mine')",
        "import os; os.truncate({path!r}, 0)",
        "import os; os.open({path!r}, os.O_WRONLY | os.O_TRUNC)",
        "import shutil; shutil.rmtree({folder!r})",
        "import pathlib; pathlib.Path({path!r}).write_text('')",
        "np.save({path!r}, train)",
    ],
)
def test_files_outside_the_folder_are_not_changed(code: str, runner: Runner, tmp_path: Path) -> None:
    path = tmp_path / "mine.npy"
    path.write_text("precious")
    report = checked(runner, code.format(path=str(path), folder=str(tmp_path)))
    assert "which no exercise needs" in failure(report)
    assert path.read_text() == "precious" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("descriptor", "message"),
    [
        ("10**6", "training_range: fit_minmax changes 'mine', which no exercise needs"),
        ("os.open('/', os.O_RDONLY)", "training_range: fit_minmax changes 'mine', which no exercise needs"),
        ("os.open('.', os.O_RDONLY)", "training_range: the shift of fit_minmax gives"),
    ],
)
def test_a_path_is_taken_relative_to_its_open_folder(descriptor: str, message: str, runner: Runner) -> None:
    report = checked(runner, f"import os; os.mkdir('mine', dir_fd={descriptor})\nreturn None, 1")
    assert message in failure(report)


def test_files_in_the_folder_are_written_and_removed_afterwards(runner: Runner) -> None:
    report = checked(runner, "open('notes.txt', 'w').write('x')\nimport os; print(os.getcwd())\nreturn 1")
    assert "expected two arrays" in failure(report)
    assert not Path(report.output.strip().splitlines()[0]).exists()


def test_a_process_started_through_ctypes_is_ended_with_the_check(runner: Runner) -> None:
    """The sandbox does not see this process, but it belongs to the child's process group."""
    body = (
        "import ctypes, os, time\nlibc = ctypes.CDLL(None)\nif libc.fork() == 0:\n    print('pid', os.getpid())\n"
        "    time.sleep(60)\n    os._exit(0)\ntime.sleep(0.2)\nreturn 1"
    )
    report = checked(runner, body)
    pid = int(report.output.split("pid ")[1].split()[0])
    assert ends(pid)


def ends(pid: int) -> bool:
    """Whether a process ends within some seconds."""
    for _ in range(500):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            return True
        time.sleep(0.02)
    return False


def test_a_submission_does_not_affect_the_next(runner: Runner) -> None:
    spoil = "np.random.default_rng = None\nimport builtins; builtins.len = None\nreturn 1"
    checked(runner, spoil)
    assert runner.check(Submission(LESSON.slug, LESSON.solution.encode(), LESSON.file_name)).passed


def test_the_same_seed_gives_the_same_report(runner: Runner) -> None:
    body = "print(np.random.rand(), __import__('random').random())\nreturn np.random.rand(3), 1 + np.random.rand(3)"
    first, second = checked(runner, body), checked(runner, body)
    assert (first.results, first.output) == (second.results, second.output)
    drawn = checked(runner, body, head=f"{HEAD}np.random.rand()\n")
    assert drawn.output == first.output, "a check depends on what was drawn before it"
    other = runner.check(
        Submission(
            LESSON.slug, f"{HEAD}def fit_minmax(train):\n    print(train[0])\n".encode(), LESSON.file_name, seed=2
        )
    )
    assert other.output != checked(runner, "print(train[0])").output
