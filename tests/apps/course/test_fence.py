"""What a learner's code may do to itself and to others: nothing but be reported in one sentence."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kinverse.apps.course import fence, judge
from kinverse.apps.course.checking import Learner, Wrong, close, numbers, shown
from kinverse.apps.course.court import Court, CourtError
from kinverse.apps.course.lesson import find_lesson
from kinverse.apps.course.verdict import Submission, Verdict
from kinverse.errors import MissingExtraError, UnknownNameError

LESSON = find_lesson(3)
HEAD = "import numpy as np\n"


def checked(court: Court, body: str | bytes, head: str = HEAD, seconds: float = 10.0) -> Verdict:
    """What is said about a file whose fit_minmax has this body; or about these bytes."""
    if isinstance(body, str):
        lines = "\n".join(f"    {line}" for line in body.splitlines())
        body = f"{head}def fit_minmax(train):\n{lines}\n".encode()
    return court.check(Submission(LESSON.slug, body, LESSON.file_name, seed=1, seconds=seconds))


def said(verdict: Verdict) -> str:
    assert verdict.first_failed is not None
    assert "\n" not in verdict.first_failed.message
    return f"{verdict.first_failed.name}: {verdict.first_failed.message}"


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
        ("return input()", "training_range: fit_minmax asks for input(), and nobody is there to answer"),
        ("raise KeyboardInterrupt", "training_range: fit_minmax raises KeyboardInterrupt"),
        ("import ctypes; ctypes.string_at(0)", "training_range: the code crashes the interpreter (Segmentation fault)"),
        ("return np.zeros(10**11), 1", "training_range: fit_minmax wants more memory than an exercise may have"),
        ("return bytearray(3 << 30)", "training_range: fit_minmax wants more memory than an exercise may have"),
        ("import os; os.fork()", "training_range: fit_minmax starts another process, which an exercise has no use for"),
        ("import os; os.system('true')", "training_range: fit_minmax starts another process"),
        ("import subprocess; subprocess.run(['true'])", "training_range: fit_minmax starts another process"),
        ("import multiprocessing as m; m.Process(target=print).start()", "fit_minmax starts another process"),
        ("import socket; socket.create_connection(('127.0.0.1', 9))", "training_range: fit_minmax reaches for the net"),
        ("import os; os.kill(os.getppid(), 9)", "training_range: fit_minmax sends a signal to a process"),
        ("import threading\nwhile True: threading.Thread(target=input).start()", "fit_minmax starts too many threads"),
        ("raise MemoryError", "training_range: fit_minmax wants more memory"),
        ("raise BaseException('x')", "training_range: fit_minmax raises BaseException: x"),
        ("return object(), 2", "training_range: the shift of fit_minmax gives <object object>, where numbers were"),
        ("return np.zeros(3), np.array(['a', 'b', 'c'])", "gives an array of shape (3,), where numbers were expected"),
        ("return (x for x in train)", "training_range: fit_minmax gives <generator object fit_minmax.<locals>.<gene"),
        ("return ' ' * 10**6, 1", "training_range: the shift of fit_minmax gives"),
        ("raise type('E' * 9, (Exception,), {'__str__': lambda s: 'y' * 10**6})", "raises EEEEEEEEE: yyyyy"),
    ],
)  # fmt: skip
def test_what_code_does_to_itself(body: str, message: str, court: Court) -> None:
    verdict = checked(court, body)
    assert message in said(verdict)
    assert len(said(verdict)) < 700
    assert "0x" not in said(verdict)


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
def test_what_is_no_exercise_at_all(source: bytes, message: str, court: Court) -> None:
    verdict = checked(court, source)
    assert message in said(verdict)
    assert len(said(verdict)) < 700


@pytest.mark.parametrize(
    "body", ["while True: pass", "import time; time.sleep(60)", "try:\n  while True: pass\nexcept BaseException: pass"]
)
def test_code_that_never_ends_is_stopped_and_its_line_named(body: str, court: Court) -> None:
    began = time.monotonic()
    verdict = checked(court, body, seconds=0.5)
    assert time.monotonic() - began < 8.0
    assert said(verdict).startswith("training_range: the code still runs after 0.5 s: is there a loop that never ends?")
    assert [result.status for result in verdict.results] == ["passed", "failed", *["not run"] * 4]


def test_the_line_of_an_endless_loop_is_named(court: Court) -> None:
    verdict = checked(court, "total = 0\nwhile True:\n    total += 1", seconds=0.5)
    assert "never ends? (line " in said(verdict)


def test_what_is_printed_is_shown_and_cut(court: Court) -> None:
    verdict = checked(court, "print('shape', train.shape)\nreturn 1")
    assert verdict.output.startswith("shape (30, 3)\n")
    assert "Your code printed:\n    shape (30, 3)" in str(verdict)
    flood = checked(court, "while True: print('x' * 1000)")
    assert len(flood.output) < 5000 and flood.output.endswith("(more was printed)")
    assert "prints or writes too much" in said(flood)
    assert len(str(flood).splitlines()) < 40


def test_binary_and_coloured_output_is_no_harm(court: Court) -> None:
    verdict = checked(court, "import os; os.write(1, bytes(range(256))); os.write(2, b'\\x1b[31mred'); return 1")
    assert "red" in verdict.output
    assert all(c.isprintable() or c == "\n" for c in str(verdict))


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
def test_nothing_outside_is_written(code: str, court: Court, tmp_path: Path) -> None:
    path = tmp_path / "mine.npy"
    path.write_text("precious")
    verdict = checked(court, code.format(path=str(path), folder=str(tmp_path)))
    assert "which an exercise has no use for" in said(verdict)
    assert path.read_text() == "precious" and list(tmp_path.iterdir()) == [path]


def test_a_court_that_closes_leaves_nothing_running(tmp_path: Path) -> None:
    body = b"import os, time\nos.write(1, b'x')\ntime.sleep(60)\n"
    own = Court()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(own.check, Submission(LESSON.slug, body, "x.py"))
        for _ in range(500):
            if children := own._judges[0]._process and _children(own._judges[0]._process.pid):
                break
            time.sleep(0.02)
        time.sleep(0.1)
        own.close()
        with pytest.raises(CourtError):
            waiting.result(timeout=10)
    assert children and not any(_runs(pid) for pid in children)


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_library_that_a_lesson_needs_is_named(court: Court, monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "from kinverse.apps.course import judge\ndef judged(submission):\n    import no_such_library\n"
        "judge.judge = judged\njudge.main()\n"
    )
    request = json.dumps({"lesson": LESSON.slug, "source": "", "name": "x.py"}) + "\n"
    done = subprocess.run([sys.executable, "-c", code], input=request, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"missing": "no_such_library"}
    monkeypatch.setattr(court._judges[0], "_exchange", lambda request: done.stdout)
    with pytest.raises(MissingExtraError, match="this needs no_such_library, which is not installed: pip install"):
        checked(court, "return 1")


def test_a_folder_that_is_not_known_is_not_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not fence._inside(fence._from("mine", 10**6), [str(tmp_path)])
    assert fence._inside(fence._from("mine", -1), [os.path.realpath(".")])


def test_files_of_its_own_are_written_and_gone_afterwards(court: Court) -> None:
    verdict = checked(court, "open('notes.txt', 'w').write('x')\nimport os; print(os.getcwd())\nreturn 1")
    assert "expected two things" in said(verdict)
    assert not Path(verdict.output.strip().splitlines()[0]).exists()


def test_a_process_left_running_does_not_stay(court: Court) -> None:
    """Through ctypes, behind the fence's back: the process group is ended with the check."""
    body = (
        "import ctypes, os, time\nlibc = ctypes.CDLL(None)\nif libc.fork() == 0:\n    print('pid', os.getpid())\n"
        "    time.sleep(60)\n    os._exit(0)\ntime.sleep(0.2)\nreturn 1"
    )
    verdict = checked(court, body)
    pid = int(verdict.output.split("pid ")[1].split()[0])
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    """Whether a process still runs two seconds from now."""
    for _ in range(100):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            return False
        time.sleep(0.02)
    return True


def test_one_learner_leaves_nothing_to_the_next(court: Court) -> None:
    spoil = "np.random.default_rng = None\nimport builtins; builtins.len = None\nreturn 1"
    checked(court, spoil)
    assert court.check(Submission(LESSON.slug, LESSON.solution.encode(), LESSON.file_name)).passed


def test_the_same_seed_gives_the_same_verdict(court: Court) -> None:
    body = "print(np.random.rand(), __import__('random').random())\nreturn np.random.rand(3), 1 + np.random.rand(3)"
    first, second = checked(court, body), checked(court, body)
    assert (first.results, first.output) == (second.results, second.output)
    drawn = checked(court, body, head=f"{HEAD}np.random.rand()\n")
    assert drawn.output == first.output, "what was drawn before a check changes nothing in it"
    other = court.check(
        Submission(
            LESSON.slug, f"{HEAD}def fit_minmax(train):\n    print(train[0])\n".encode(), LESSON.file_name, seed=2
        )
    )
    assert other.output != checked(court, "print(train[0])").output


def test_a_judge_that_dies_is_replaced(court: Court) -> None:
    with Court() as own:
        own.check(Submission(LESSON.slug, b"", LESSON.file_name))
        own._judges[0]._process.kill()
        assert own.check(Submission(LESSON.slug, LESSON.solution.encode(), LESSON.file_name)).passed
        with pytest.raises(UnknownNameError):
            own.check(Submission("nothing", b"", "x.py"))
        own._judges[0]._exchange = lambda request: ""
        with pytest.raises(CourtError, match="has ended while it looked at 03_scaling"):
            own.check(Submission(LESSON.slug, b"", LESSON.file_name))


def test_without_a_fork_a_fresh_interpreter_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "HAS_FORK", False)
    loop = b"def fit_minmax(train):\n    while True: pass\n"
    for source, status in ((LESSON.solution.encode(), "passed"), (b"1 / 0", "failed"), (loop, "passed")):
        verdict = judge.judge(Submission(LESSON.slug, source, LESSON.file_name, seconds=0.5))
        assert verdict.results[0].status == status
    assert "still runs after 0.5 s" in said(verdict)


def test_where_the_system_cannot_wait_for_a_process_it_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    assert judge.judge(Submission(LESSON.slug, LESSON.solution.encode(), LESSON.file_name)).passed
    waiting = b"import time\ntime.sleep(60)\n"
    assert "still runs after 0.2 s" in said(judge.judge(Submission(LESSON.slug, waiting, "x.py", seconds=0.2)))


def test_numbers_and_shown() -> None:
    import numpy as np
    import torch

    assert numbers([1, 2], "x", (2,)).tolist() == [1.0, 2.0]
    assert numbers(torch.ones(2, requires_grad=True), "x").tolist() == [1.0, 1.0]
    for value, message in ((None, "is a return missing"), ([1, float("nan")], "holds nan"), ("a", "gives 'a', where")):
        with pytest.raises(Wrong, match=message):
            numbers(value, "x")
    with pytest.raises(Wrong, match=r"has the shape \(2,\), expected \(3,\)"):
        numbers([1, 2], "x", (3,))
    assert close(1.0, 1.0 + 1e-7) and not close(1.0, 1.001)
    assert shown(-1.23456) == "−1.235" and shown(np.arange(3)) == "[0, 1, 2]" and shown(np.eye(9)).endswith("(9, 9)")


def test_arguments_changed_in_place_are_noticed() -> None:
    import types

    import numpy as np
    import torch

    module = types.ModuleType("answer")
    module.__file__ = "answer.py"
    module.change = lambda values, table=None: values.__iadd__(1) if table is None else table.clear()
    learner = Learner(module)
    for values in (np.zeros(2), torch.zeros(2)):
        with pytest.raises(Wrong, match="change changes its argument 'values' in place"):
            learner.call("change", values)
    with pytest.raises(Wrong, match="changes its argument 'table' in place"):
        learner.call("change", np.zeros(2), table={"x": np.zeros(1)})
    nan = np.array([np.nan])
    learner.run(lambda *values: None, "look", nan, torch.tensor([float("nan")]))


def test_torchs_compiler_is_loaded_only_when_it_is_used() -> None:
    """In a process of its own, since another test may have loaded it."""
    code = (
        "import sys, torch\nfrom kinverse.apps.course.compiler import put_compiler_off\nput_compiler_off(torch)\n"
        "p = torch.nn.Parameter(torch.zeros(2))\n"
        "for make in (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW, torch.optim.RMSprop):\n"
        "    o = make([p], lr=0.1)\n    p.grad = torch.ones(2)\n    o.step()\n    o.zero_grad()\n"
        "assert 'torch._dynamo.convert_frame' not in sys.modules\n"
        "assert torch.compile(lambda x: x + 1, backend='eager')(torch.ones(2)).tolist() == [2.0, 2.0]\n"
        "assert 'torch._dynamo.convert_frame' in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
