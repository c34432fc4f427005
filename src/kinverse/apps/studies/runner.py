"""Running the trainings of studies on all cores. Finished runs are kept; unfinished ones are resumed."""

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
from kinverse.learning.trained import Model
from kinverse.learning.training.loop import TrainingState
from kinverse.learning.training.session import INTERRUPTED, train
from kinverse.learning.training.source import open_source
from kinverse.learning.workflow import measured

SECONDS_BETWEEN_LOOKS = 0.2
Watch = Callable[[str, float], None]
"""Called with the trainings that are under way and the share of all work that is done."""
EpochWatch = Callable[[float], str | None]
"""Called with the share of the epochs that is done; returning `INTERRUPTED` stops the training as Ctrl-C does."""


def train_once(training: Training[Any], folder: Path, watch: EpochWatch = lambda share: None) -> Model:
    """Train and evaluate, or take the finished run in the folder; a failed one is evaluated at its last good weights.

    Args:
        training: what to train.
        folder: of the run.
        watch: called at every epoch.
    """
    source = open_source(training.rows(), training.config.data.rows, training.config.seed)

    def on_epoch(state: TrainingState) -> str | None:
        return watch(state.epoch / training.config.epochs)

    try:
        return measured(train(source, training.config, folder, on_epoch))
    except TrainingError:  # the run is kept, and that it failed is a result
        return measured(train(source, training.config, folder))


def train_all(
    trainings: Mapping[Path, Training[Any]], workers: int | None = None, watch: Watch = lambda doing, share: None
) -> Iterator[Path]:
    """Train in as many processes as there are cores; yields each folder when its run is done.

    Args:
        trainings: run folder → training.
        workers: processes; None: one for each core. One: in this process.
        watch: called several times a second.

    Raises:
        KeyboardInterrupt: after Ctrl-C, when the trainings that were under way have saved their state.
    """
    workers = min(workers or len(os.sched_getaffinity(0)), len(trainings))
    yield from (_train_here(trainings, watch) if workers <= 1 else _train_in_pool(trainings, workers, watch))


def _train_here(trainings: Mapping[Path, Training[Any]], watch: Watch) -> Iterator[Path]:
    progress = _Progress(list(trainings.values()))
    for number, (folder, training) in enumerate(trainings.items()):

        def on_epoch(share: float, number: int = number) -> None:
            progress.shares[number] = share
            watch(*progress.now())

        run = train_once(training, folder, on_epoch)
        if run.status == "interrupted":
            raise KeyboardInterrupt
        progress.shares[number] = 1.0
        yield folder


def _train_in_pool(trainings: Mapping[Path, Training[Any]], workers: int, watch: Watch) -> Iterator[Path]:
    progress = _Progress(list(trainings.values()))
    with _pool(workers, len(trainings)) as (pool, shared):
        futures: dict[Future[None], Path] = {
            pool.submit(_train_as_worker, number, training, folder): folder
            for number, (folder, training) in enumerate(trainings.items())
        }
        waiting = set(futures)
        while waiting:
            finished, waiting = wait(waiting, timeout=SECONDS_BETWEEN_LOOKS, return_when=FIRST_COMPLETED)
            for future in finished:
                future.result()
                yield futures[future]
            progress.shares[:] = shared.shares
            watch(*progress.now())


class _Progress:
    """How far each training is."""

    def __init__(self, trainings: Sequence[Training[Any]]) -> None:
        self.trainings = trainings
        self.shares = [0.0] * len(trainings)

    def now(self) -> tuple[str, float]:
        """The names of two trainings that are under way, and the share of all work that is done."""
        running = [str(t.key) for t, share in zip(self.trainings, self.shares, strict=True) if 0.0 < share < 1.0]
        done = sum(t.seconds * share for t, share in zip(self.trainings, self.shares, strict=True))
        total = sum(t.seconds for t in self.trainings) or 1.0
        return " · ".join(running[:2]), done / total


@dataclass
class _Shared:
    """What the processes share: how far each training is, and whether all should stop."""

    shares: Any
    stop: Any


_shared: _Shared | None = None


@contextmanager
def _pool(workers: int, jobs: int) -> Iterator[tuple[ProcessPoolExecutor, _Shared]]:
    """Processes with interpreters of their own: a forked copy of torch's threads may hang."""
    context = multiprocessing.get_context("spawn")
    shared = _Shared(context.Array("d", jobs), context.Event())
    pool = ProcessPoolExecutor(workers, context, _start_worker, (shared.shares, shared.stop))
    try:
        yield pool, shared
    except BaseException:
        shared.stop.set()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start_worker(shares: Any, stop: Any) -> None:
    global _shared  # noqa: PLW0603 (a process of the pool is given it once)
    _shared = _Shared(shares, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the pool's owner gets Ctrl-C, and sets `stop`


def _train_as_worker(number: int, training: Training[Any], folder: Path) -> None:
    assert _shared is not None
    shared = _shared
    if shared.stop.is_set():
        return

    def on_epoch(share: float) -> str | None:
        shared.shares[number] = min(max(share, 1e-6), 0.999)
        return INTERRUPTED if shared.stop.is_set() else None

    train_once(training, folder, on_epoch)
    shared.shares[number] = 1.0
