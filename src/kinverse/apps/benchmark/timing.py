"""Timing on a machine that is never quite idle: pairs measured in turn, one core, no garbage collection."""

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
MIN_SECONDS = 0.02
"""Seconds. Calls shorter than this are repeated until one measurement lasts as long."""


@dataclass(frozen=True)
class Ratio:
    """How many times as long the other library takes, over pairs measured in turn.

    Attributes:
        median: median of the ratios theirs / ours; above 1 ours is faster.
        lowest: lowest ratio.
        highest: highest ratio.
        pairs: number of pairs.
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


@dataclass(frozen=True)
class Comparison:
    """Two functions measured in turn: median time of one call of each [s], and how many times faster ours is."""

    ours: float
    theirs: float
    ratio: Ratio

    def row(self, name: str, peer: str) -> str:
        """One line of the Markdown table that `HEADER` begins."""
        times, ratio = [f"{seconds * 1e3:.3g}" for seconds in (self.ours, self.theirs)], self.ratio
        spread = f"{ratio.median:.1f} | {ratio.lowest:.1f}–{ratio.highest:.1f}"
        return f"| {name} | {times[0]} | {peer} | {times[1]} | {spread} |"


HEADER = "| ours | ms | peer | ms | ratio (median) | min–max |\n|---|---|---|---|---|---|"


def compare(
    ours: Callable[[], object],
    theirs: Callable[[], object],
    pairs: int = 15,
    clock: Callable[[], float] = time.perf_counter,
) -> Comparison:
    """Time two functions in turn (A, B, A, B, …), so that a busy moment of the machine affects both alike.

    Args:
        ours: one of them.
        theirs: the other.
        pairs: number of measurements of each.
        clock: seconds; `time.process_time` counts this process alone, for small differences on a busy machine.
    """
    calls = []
    for function in (ours, theirs):
        function()
        function()  # the first calls may load and compile
        calls.append(max(1, round(MIN_SECONDS / _mean_seconds(function, 1, time.perf_counter))))
    with _no_garbage_collection():
        times = [(_mean_seconds(ours, calls[0], clock), _mean_seconds(theirs, calls[1], clock)) for _ in range(pairs)]
    own, others = zip(*times, strict=True)
    return Comparison(statistics.median(own), statistics.median(others), Ratio.of(own, others))


def seconds(function: Callable[[], Answer]) -> tuple[float, Answer]:
    """Mean time of one call [s], and what the last one gave."""
    calls, start = 0, time.perf_counter()
    while True:
        answer = function()
        calls += 1
        passed = time.perf_counter() - start
        if passed >= MIN_SECONDS:
            return passed / calls, answer


def _mean_seconds(function: Callable[[], object], calls: int, clock: Callable[[], float]) -> float:
    start = clock()
    for _ in range(calls):
        function()
    return (clock() - start) / calls


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


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
    """No garbage collection, and what libraries print is discarded: stdout is for results."""
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
