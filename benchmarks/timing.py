"""Comparing the speed of two functions on a machine that is never quite idle."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

SHORTEST = 0.02
"""Seconds. Calls shorter than this are repeated until one measurement lasts as long."""


@dataclass(frozen=True)
class Ratio:
    """How many times faster `ours` is than `theirs`, over pairs measured in turn.

    Attributes:
        ours: median time of one call [s].
        theirs: median time of one call [s].
        median: of the ratios theirs / ours of all pairs.
        lowest: of the ratios.
        highest: of the ratios.
    """

    ours: float
    theirs: float
    median: float
    lowest: float
    highest: float

    def row(self, name: str, peer: str) -> str:
        """One line of a Markdown table."""
        ours, theirs = (_milliseconds(seconds) for seconds in (self.ours, self.theirs))
        return f"| {name} | {ours} | {peer} | {theirs} | {self.median:.1f} | {self.lowest:.1f}–{self.highest:.1f} |"


HEADER = "| ours | ms | peer | ms | ratio (median) | min–max |\n|---|---|---|---|---|---|"


def compare(
    ours: Callable[[], object],
    theirs: Callable[[], object],
    pairs: int = 15,
    clock: Callable[[], float] = time.perf_counter,
) -> Ratio:
    """Time two functions in turn (A, B, A, B, …), so that a busy moment of the machine hits both alike.

    Args:
        ours: one of them.
        theirs: the other.
        pairs: how often.
        clock: seconds; `time.process_time` counts this process alone, for small differences on a busy machine.
    """
    loops = [_loops(ours), _loops(theirs)]
    with _no_garbage_collection():
        times = [(_seconds(ours, loops[0], clock), _seconds(theirs, loops[1], clock)) for _ in range(pairs)]
    ratios = [b / a for a, b in times]
    return Ratio(
        ours=statistics.median(a for a, _ in times),
        theirs=statistics.median(b for _, b in times),
        median=statistics.median(ratios),
        lowest=min(ratios),
        highest=max(ratios),
    )


def _loops(function: Callable[[], object]) -> int:
    """How many calls make one measurement; the first two calls warm up."""
    function()
    function()
    return max(1, round(SHORTEST / _seconds(function, 1)))


def _seconds(function: Callable[[], object], loops: int, clock: Callable[[], float] = time.perf_counter) -> float:
    start = clock()
    for _ in range(loops):
        function()
    return (clock() - start) / loops


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:.3g}"


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
