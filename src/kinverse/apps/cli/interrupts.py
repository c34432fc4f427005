"""Ctrl-C at any moment ends a verb with one line, also inside the compiler and inside compiled code.

Python raises KeyboardInterrupt wherever the program happens to be, and two places cannot handle it. No exception can
leave a function that C code calls, such as a finaliser: Python prints "Exception ignored in …" with a traceback
and drops the interrupt. And llvmlite, which compiles for Numba, frees objects twice if it is interrupted in between.

While the compiler or a compiled kernel works, which may take seconds, Python raises nothing at all. A thread then ends
the process, after removing the temporary files.
"""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import FrameType
from typing import Any

SECONDS_UNTIL_REPEATED = 0.02
SECONDS_UNTIL_ENDED = 0.5
"""Time for a verb to end by itself after Ctrl-C, if compiled code is running then."""
COMPILER = "llvmlite"
COMPILED = (COMPILER, "numba", "kinverse.ik", "kinverse.network", "kinverse.robot")
"""Modules that call compiled code or compile it."""


@contextmanager
def interruptible(end: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Repeat an interrupt that arrives inside the compiler or is dropped, until it can be raised.

    Args:
        end: ends the process; called in another thread if compiled code is still running a while after Ctrl-C.

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
        with _watched(ended, end) if takes_signals else nullcontext():
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


@contextmanager
def _watched(ended: threading.Event, end: Callable[[], None]) -> Iterator[None]:
    """Call `end` if compiled code is running half a second after an interrupt.

    The handler of the signal waits for that code, but its number is written into a socket at once. A training, which
    answers Ctrl-C itself, takes the socket away.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)

    def watch() -> None:
        while numbers := reader.recv(64):
            while signal.SIGINT in numbers and not ended.wait(SECONDS_UNTIL_ENDED):
                if any(_name(frame).startswith(COMPILED) for frame in sys._current_frames().values()):  # noqa: SLF001
                    end()

    watcher = threading.Thread(target=watch, daemon=True)
    before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        signal.set_wakeup_fd(before)
        writer.close()
        watcher.join()
        reader.close()


def _name(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _is_inside(package: str, frame: FrameType | None) -> bool:
    """Whether a function of the package is running, in this frame or further out."""
    while frame is not None:
        if _name(frame).partition(".")[0] == package:
            return True
        frame = frame.f_back
    return False
