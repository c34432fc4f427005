"""Running trainings of studies on all cores; what is finished is kept, and what is not goes on where it stopped."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kinverse.apps.studies.study import Training
from kinverse.errors import TrainingError
from kinverse.learning.training.loop import TrainingState
from kinverse.learning.training.run import Run
from kinverse.learning.training.source import open_source
from kinverse.learning.workflow import train_and_measure

SECONDS_BETWEEN_LOOKS = 0.2
Watch = Callable[[str, float], None]
"""Called with what is being trained now and the share of all work that is done."""


@dataclass
class Shared:
    """What the processes share: how far each training is, and whether all should stop."""

    shares: Any
    stop: Any


_shared: Shared | None = None


def train_once(training: Training, folder: Path, watch: Callable[[float], None] = lambda share: None) -> Run:
    """Train and measure, or take the run that is there already; one that failed is measured with its last good weights.

    Args:
        training: what to train.
        folder: of the run.
        watch: called with the share of the epochs that is done.
    """
    source = open_source(training.rows(), training.config.rows, training.config.seed)

    def on_epoch(state: TrainingState) -> None:
        watch(state.epoch / training.config.epochs)

    try:
        return train_and_measure(source, training.config, folder, on_epoch)
    except TrainingError:  # the run is kept, and that it failed is a result
        return train_and_measure(source, training.config, folder)


def train_all(
    trainings: Mapping[Path, Training], workers: int | None = None, watch: Watch = lambda doing, share: None
) -> Iterator[Path]:
    """Train in as many processes as there are cores; gives each folder as its run is done.

    Args:
        trainings: run folder → training.
        workers: processes; None: one for each core. One: in this process.
        watch: called several times a second.

    Raises:
        KeyboardInterrupt: after Ctrl-C, when the trainings that were under way have saved what they had.
    """
    jobs = list(trainings.items())
    total = sum(training.seconds for training in trainings.values()) or 1.0
    if workers == 1 or len(jobs) <= 1:
        done = 0.0
        for folder, training in jobs:
            run = train_once(training, folder, lambda s, t=training, d=done: watch(t.name, (d + s * t.seconds) / total))  # type: ignore[misc]
            if run.card.status == "interrupted":
                raise KeyboardInterrupt
            done += training.seconds
            yield folder
        return
    with _pool(workers or len(os.sched_getaffinity(0)), len(jobs)) as (pool, shared):
        futures: dict[Future[None], int] = {
            pool.submit(_work, number, training, folder): number for number, (folder, training) in enumerate(jobs)
        }
        waiting = set(futures)
        while waiting:
            finished, waiting = wait(waiting, timeout=SECONDS_BETWEEN_LOOKS, return_when=FIRST_COMPLETED)
            for future in finished:
                future.result()
                yield jobs[futures[future]][0]
            watch(*_progress([training for _, training in jobs], list(shared.shares), total))


def _progress(trainings: Sequence[Training], shares: Sequence[float], total: float) -> tuple[str, float]:
    """What is being trained, and the share that is done."""
    running = [training.name for training, share in zip(trainings, shares, strict=True) if 0.0 < share < 1.0]
    done = sum(training.seconds * share for training, share in zip(trainings, shares, strict=True))
    return " · ".join(running[:2]), done / total


@contextmanager
def _pool(workers: int, jobs: int) -> Iterator[tuple[ProcessPoolExecutor, Shared]]:
    """Processes of their own interpreter, since a fork of torch's threads may hang."""
    context = multiprocessing.get_context("spawn")
    shared = Shared(context.Array("d", jobs), context.Event())
    pool = ProcessPoolExecutor(min(workers, jobs), context, _start, (shared.shares, shared.stop))
    try:
        yield pool, shared
    except BaseException:
        shared.stop.set()
        for process in list((pool._processes or {}).values()):
            if process.pid is not None:
                os.kill(process.pid, signal.SIGINT)  # a training that is under way saves what it has
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start(shares: Any, stop: Any) -> None:
    global _shared  # noqa: PLW0603 (what a process of the pool is given once)
    _shared = Shared(shares, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # only a training listens to Ctrl-C; the pool ends when it is told to


def _work(number: int, training: Training, folder: Path) -> None:
    assert _shared is not None
    shares = _shared.shares
    if _shared.stop.is_set():
        return

    def watch(share: float) -> None:
        shares[number] = min(max(share, 1e-6), 0.999)

    train_once(training, folder, watch)
    shares[number] = 1.0
