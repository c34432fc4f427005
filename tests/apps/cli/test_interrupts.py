"""Ctrl-C where Python must not raise: it is neither lost nor printed as a traceback, and nothing crashes."""

from __future__ import annotations

import ctypes
import signal
import sys
import time

import pytest

from kinverse.apps.cli.interrupts import interruptible

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
