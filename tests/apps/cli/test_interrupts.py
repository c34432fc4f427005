"""Ctrl-C where Python must not raise: it is neither lost nor printed as a traceback, and nothing crashes."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kinverse.apps.cli.interrupts import interruptible
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.loop import TrainingState
from kinverse.learning.training.session import train
from kinverse.learning.training.source import open_source

interrupt_inside_c = ctypes.CFUNCTYPE(None)(lambda: signal.raise_signal(signal.SIGINT))
"""A callback from C code, as the compiler calls its object cache."""


class InterruptedWhenFreed:
    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


class BrokenWhenFreed:
    def __del__(self) -> None:
        raise AttributeError("half closed")


def free_one() -> None:
    InterruptedWhenFreed()


@pytest.mark.parametrize("interrupt", [interrupt_inside_c, free_one, lambda: signal.raise_signal(signal.SIGINT)])
def test_an_interrupt_is_raised_once_it_can_be(interrupt: object, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt), interruptible():
        interrupt()  # type: ignore[operator]
        while True:
            time.sleep(0.01)
    assert capfd.readouterr().err == ""


def test_the_compiler_is_not_interrupted() -> None:
    """Numba calls llvmlite; a frame of llvmlite must run to its end, as it frees objects of C++."""
    steps: list[str] = []
    compiler = {"__name__": "llvmlite.binding", "interrupt": lambda: signal.raise_signal(signal.SIGINT), "steps": steps}
    exec("def free():\n    steps.append('begun')\n    interrupt()\n    steps.append('ended')", compiler)
    with pytest.raises(KeyboardInterrupt), interruptible():
        compiler["free"]()  # type: ignore[operator]
        while True:
            time.sleep(0.01)
    assert steps == ["begun", "ended"]


def test_an_error_that_an_interrupt_has_led_to_is_the_interrupt() -> None:
    with pytest.raises(KeyboardInterrupt), interruptible():
        interrupt_inside_c()
        raise RuntimeError("no compiled object yet")


def test_what_an_interrupt_leaves_half_finished_is_not_printed(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt), interruptible():
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            BrokenWhenFreed()
    assert capfd.readouterr().err == ""


def test_other_errors_pass_and_handlers_are_restored() -> None:
    before = sys.unraisablehook, signal.getsignal(signal.SIGINT)
    with pytest.raises(RuntimeError, match="a bug"), interruptible():
        raise RuntimeError("a bug")
    assert (sys.unraisablehook, signal.getsignal(signal.SIGINT)) == before


IN_A_KERNEL = '''
import signal, sys, types
from pathlib import Path
from kinverse.apps.cli import run
from kinverse.apps.cli.verbs import verb
from kinverse.files import temporary_beside

module = types.ModuleType("kinverse.ik.endless")
exec("""
import math, numba
@numba.njit(nogil=True)
def kernel(count):
    total = 0.0
    for i in range(count):
        total += math.sin(total + i)
    return total
def call(count):
    return kernel(count)
""", module.__dict__)
module.call(1)

@verb("arms", example="")
def arms() -> int:
    "Run for days."
    temporary_beside(Path("out.csv")).touch()
    print("in the kernel", flush=True)
    return int(module.call(10**15))

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv[1:] = ["arms"]
run()
'''


def test_an_interrupt_inside_a_kernel_ends_the_process_with_one_line_and_nothing_left(tmp_path: Path) -> None:
    command = [sys.executable, "-c", IN_A_KERNEL]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in the kernel\n"
        assert len(list(tmp_path.iterdir())) == 1
        process.send_signal(signal.SIGINT)
        try:
            _, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, err) == (1, "kinverse: stopped\n")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_that_a_training_answers_is_left_to_it() -> None:
    """It stops between two epochs and is evaluated then, which may be in compiled code for long."""
    ends: list[str] = []

    def interrupt(state: TrainingState) -> None:
        if state.epoch == 2:
            signal.raise_signal(signal.SIGINT)

    evaluation = {"__name__": "kinverse.ik.kernel", "sleep": time.sleep}
    exec("def call():\n    sleep(1.2)", evaluation)
    with interruptible(lambda: ends.append("ended")):
        model = train(open_source("planar3", 40, 0), FitConfig.of(hidden=(4,), epochs=9, rows=40), None, interrupt)
        evaluation["call"]()  # type: ignore[operator]
    assert (model.status, ends) == ("interrupted", [])
