"""Ctrl-C at any moment ends a verb with one line, also where Python itself would print a traceback and go on.

Python raises KeyboardInterrupt wherever the program happens to be. In a function that C code calls (the compiler's
object cache, a finaliser) no exception can leave: Python prints "Exception ignored in …", drops the interrupt, and the
caller may fail later for want of a result.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SECONDS_UNTIL_REPEATED = 0.02


@contextmanager
def interruptible() -> Iterator[None]:
    """Repeat an interrupt that Python has dropped, until it is raised where it can be.

    Raises:
        KeyboardInterrupt: after Ctrl-C; also in place of an error that a dropped interrupt has led to.
    """
    print_unraisable = sys.unraisablehook
    repeats: list[threading.Timer] = []

    def on_unraisable(problem: Any) -> None:
        if not issubclass(problem.exc_type, KeyboardInterrupt):
            print_unraisable(problem)
            return
        repeats.append(threading.Timer(SECONDS_UNTIL_REPEATED, signal.raise_signal, [signal.SIGINT]))
        repeats[-1].daemon = True
        repeats[-1].start()

    sys.unraisablehook = on_unraisable
    try:
        yield
    except Exception:
        if repeats:
            raise KeyboardInterrupt from None
        raise
    finally:
        for repeat in repeats:
            repeat.cancel()
        sys.unraisablehook = print_unraisable
