"""Timing that means something on a machine that is never quite idle: turns, one core, no garbage collection."""

from __future__ import annotations

import gc
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Answer = TypeVar("Answer")
SHORTEST = 0.02
"""Seconds. Calls shorter than this are repeated until one measurement lasts as long."""


@dataclass(frozen=True)
class Ratio:
    """How many times as long the other library takes, over pairs measured in turn.

    Attributes:
        median: of the ratios theirs / ours of all pairs; above 1 ours is faster.
        lowest: of the ratios.
        highest: of the ratios.
        pairs: how many.
    """

    median: float
    lowest: float
    highest: float
    pairs: int

    @classmethod
    def of(cls, ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
        """From the times of each pair [s]."""
        ratios = [b / a for a, b in zip(ours, theirs, strict=True)]
        return cls(statistics.median(ratios), min(ratios), max(ratios), len(ratios))


def seconds(function: Callable[[], Answer]) -> tuple[float, Answer]:
    """Mean time of one call [s], and what the last one gave."""
    calls, start = 0, time.perf_counter()
    while True:
        answer = function()
        calls += 1
        passed = time.perf_counter() - start
        if passed >= SHORTEST:
            return passed / calls, answer


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process, its thread pools and the libraries that it loads from here on to one core.

    Where the system cannot bind a process to a core, the pools alone are held.
    """
    with ExitStack() as stack:
        if hasattr(os, "sched_setaffinity"):
            allowed = os.sched_getaffinity(0)
            stack.callback(os.sched_setaffinity, 0, allowed)
            os.sched_setaffinity(0, {max(allowed)})
        try:
            from threadpoolctl import threadpool_limits

            stack.enter_context(threadpool_limits(1))
        except ModuleNotFoundError:  # it comes with scikit-learn; without it NumPy's pools keep to the core above
            pass
        if "torch" in sys.modules:
            import torch

            stack.callback(torch.set_num_threads, torch.get_num_threads())
            torch.set_num_threads(1)
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """No garbage collection in between, and what libraries print goes nowhere: stdout is for results."""
    sys.stdout.flush()
    kept = os.dup(1)
    gc.disable()
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        os.dup2(nowhere.fileno(), 1)  # C++ code prints past Python
        try:
            yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)
            gc.enable()
