"""Ctrl-C at any moment ends a verb with one line, also inside the compiler.

Python raises KeyboardInterrupt wherever the program happens to be, and two places cannot handle it. No exception can
leave a function that C code calls, such as a finaliser: Python prints "Exception ignored in …" with a traceback
and drops the interrupt. And llvmlite, which compiles for Numba, frees objects twice if it is interrupted in between.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SECONDS_UNTIL_REPEATED = 0.02
COMPILER = "llvmlite"


@contextmanager
def interruptible() -> Iterator[None]:
    """Repeat an interrupt that arrives inside the compiler or is dropped, until it can be raised.

    Raises:
        KeyboardInterrupt: after Ctrl-C; also in place of an error that the interrupt caused.
    """
    print_unraisable, on_signal = sys.unraisablehook, signal.getsignal(signal.SIGINT)
    interrupted, ended = threading.Event(), threading.Event()
    repeats: list[threading.Timer] = []

    def repeat() -> None:
        repeats.append(threading.Timer(SECONDS_UNTIL_REPEATED, signal.raise_signal, [signal.SIGINT]))
        repeats[-1].daemon = True
        repeats[-1].start()

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        interrupted.set()
        if ended.is_set():
            return
        if not _is_inside(COMPILER, frame):
            raise KeyboardInterrupt
        repeat()

    def on_unraisable(problem: Any) -> None:
        if issubclass(problem.exc_type, KeyboardInterrupt):
            interrupted.set()
            repeat()
        elif not interrupted.is_set():  # after an interrupt: objects that it left half finished
            print_unraisable(problem)

    sys.unraisablehook = on_unraisable
    takes_signals = threading.current_thread() is threading.main_thread() and on_signal is signal.default_int_handler
    if takes_signals:
        signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    except Exception:
        if interrupted.is_set():
            raise KeyboardInterrupt from None
        raise
    finally:
        ended.set()
        for timer in repeats:
            timer.cancel()
            timer.join()  # one that has just fired still sends its signal here
        if takes_signals:
            signal.signal(signal.SIGINT, on_signal)
        sys.unraisablehook = print_unraisable


def _is_inside(package: str, frame: FrameType | None) -> bool:
    """Whether a function of the package is running, in this frame or further out."""
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] == package:
            return True
        frame = frame.f_back
    return False
