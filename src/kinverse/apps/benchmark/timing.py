"""Timing on a busy machine: pairs measured in turn, on one core, without garbage collection."""

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

Result = TypeVar("Result")
MIN_SECONDS = 0.02
"""Shortest measurement [s]; shorter calls are repeated."""


@dataclass(frozen=True)
class Ratio:
    """The time of another library relative to ours, over pairs measured in turn.

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
        """Compute the ratios from the times of each pair [s]."""
        ratios = [b / a for a, b in zip(ours, theirs, strict=True)]
        return cls(statistics.median(ratios), min(ratios), max(ratios), len(ratios))


@dataclass(frozen=True)
class Comparison:
    """Two functions measured in turn: median time per call of each [s], and the ratio theirs / ours."""

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
    """Time two functions in turn (A, B, A, B, …), so that load on the machine affects both equally.

    Args:
        ours: the reference function.
        theirs: the other function.
        pairs: number of measurements of each function.
        clock: returns the time [s]; `time.process_time` counts only this process, for small differences on a busy
            machine.
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


def seconds(function: Callable[[], Result]) -> tuple[float, Result]:
    """Mean time of one call [s], and the result of the last call."""
    calls, start = 0, time.perf_counter()
    while True:
        result = function()
        calls += 1
        passed = time.perf_counter() - start
        if passed >= MIN_SECONDS:
            return passed / calls, result


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
    """Limit this process, its thread pools and libraries loaded later to one core.

    On systems that cannot bind a process to a core, only the thread pools are limited.
    """
    with ExitStack() as stack:
        if hasattr(os, "sched_setaffinity"):
            allowed = os.sched_getaffinity(0)
            stack.callback(os.sched_setaffinity, 0, allowed)
            os.sched_setaffinity(0, {max(allowed)})
        try:
            from threadpoolctl import threadpool_limits

            stack.enter_context(threadpool_limits(1))
        except ModuleNotFoundError:  # part of scikit-learn; without it, only the core is bound
            pass
        if "torch" in sys.modules:
            import torch

            stack.callback(torch.set_num_threads, torch.get_num_threads())
            torch.set_num_threads(1)
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """Disable garbage collection and discard the output of libraries, since stdout is for results."""
    sys.stdout.flush()
    kept = os.dup(1)
    gc.disable()
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        os.dup2(nowhere.fileno(), 1)  # C++ code does not use Python's stdout
        try:
            yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)
            gc.enable()
