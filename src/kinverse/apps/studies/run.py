"""Running studies: their trainings on all cores, then their pages. Finished runs are kept, unfinished ones resumed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from kinverse.apps.studies.registry import Study
from kinverse.apps.studies.report import write_index, write_study
from kinverse.apps.studies.study import Conclusion, Effort, Training
from kinverse.errors import RunError, TrainingError
from kinverse.learning.trained import Model
from kinverse.learning.training.loop import TrainingState
from kinverse.learning.training.run_folder import load_model
from kinverse.learning.training.session import INTERRUPTED, train
from kinverse.learning.training.source import open_source
from kinverse.learning.workflow import measured

RUNS = "runs"
LOCK = ".lock"
POLL_SECONDS = 0.2
Plan = Mapping[Path, Training[Any]]
"""Run folder → training."""
Watch = Callable[[str, float], None]
"""Called with the trainings that are under way and the share of all work that is done."""
EpochWatch = Callable[[float], str | None]
"""Called with the share of the epochs that is done; returning `INTERRUPTED` stops the training as Ctrl-C does."""


@dataclass(frozen=True, eq=False)
class Finished:
    """A study that has been run: its result, the folder of its page and runs, and the content of its results file."""

    study: Study
    conclusion: Conclusion
    folder: Path
    results: dict[str, Any]


def run_studies(
    studies: Sequence[Study],
    effort: Effort,
    out: Path,
    workers: int | None = None,
    watch: Watch = lambda doing, share: None,
) -> Iterator[Finished]:
    """Run studies and write their pages and the index; yields each as it is finished.

    Every training is a run folder below `out`. Finished trainings are not repeated; unfinished ones are resumed.

    Args:
        studies: which.
        effort: how much of each.
        out: folder; created if it does not exist.
        workers: processes; None: one for each core.
        watch: called several times a second with the trainings under way and the share of all work that is done.

    Raises:
        RunError: another process is running studies in the folder, or a run in it is damaged.
    """
    out.mkdir(parents=True, exist_ok=True)
    lock = FileLock(out / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise RunError(f"{out}: another process is running studies here; choose another folder with --out") from None
    try:
        yield from _run(studies, effort, out.absolute(), workers, watch)
    finally:
        (out / LOCK).unlink(missing_ok=True)
        lock.release()


def _run(studies: Sequence[Study], effort: Effort, out: Path, workers: int | None, watch: Watch) -> Iterator[Finished]:
    plans = {study: {out / study.name / RUNS / t.folder: t for t in study.trainings(effort)} for study in studies}
    # Long studies first, so that no core waits at the end for one long training.
    order = sorted(studies, key=lambda study: -max((t.seconds for t in plans[study].values()), default=0.0))
    trainings = {folder: training for study in order for folder, training in plans[study].items()}
    for study in studies:
        (out / study.name / RUNS).mkdir(parents=True, exist_ok=True)
    done: set[Path] = set()

    def conclude_finished() -> Iterator[Finished]:
        for study in [s for s in order if done.issuperset(plans[s])]:
            order.remove(study)
            watch(f"{study.name}: pages", len(done) / max(len(trainings), 1))
            folder, runs = out / study.name, {t.key: load_model(run) for run, t in plans[study].items()}
            began = time.monotonic()
            conclusion = study.conclude(effort, runs)
            seconds = sum(run.seconds for run in runs.values()) + time.monotonic() - began
            yield Finished(study, conclusion, folder, write_study(study, effort, conclusion, folder, seconds))
            write_index(out)

    yield from conclude_finished()
    for folder in train_all(trainings, workers, watch):
        done.add(folder)
        yield from conclude_finished()


def train_all(plan: Plan, workers: int | None = None, watch: Watch = lambda doing, share: None) -> Iterator[Path]:
    """Train in as many processes as there are cores; yields each folder when its run is done.

    Args:
        plan: run folder → training.
        workers: processes; None: one for each core. One: in this process.
        watch: called several times a second.

    Raises:
        KeyboardInterrupt: after Ctrl-C, when the trainings that were under way have saved their state.
    """
    workers = min(workers or len(os.sched_getaffinity(0)), len(plan))
    yield from (_train_here(plan, watch) if workers <= 1 else _train_in_pool(plan, workers, watch))


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


def _tell(watch: Watch, trainings: Sequence[Training[Any]], shares: Sequence[float]) -> None:
    """Name two trainings that are under way, and say which share of all work is done."""
    running = [str(t.key) for t, share in zip(trainings, shares, strict=True) if 0.0 < share < 1.0]
    done = sum(t.seconds * share for t, share in zip(trainings, shares, strict=True))
    watch(" · ".join(running[:2]), done / (sum(t.seconds for t in trainings) or 1.0))


def _train_here(plan: Plan, watch: Watch) -> Iterator[Path]:
    trainings, shares = list(plan.values()), [0.0] * len(plan)
    for number, (folder, training) in enumerate(plan.items()):

        def on_epoch(share: float, number: int = number) -> None:
            shares[number] = share
            _tell(watch, trainings, shares)

        if train_once(training, folder, on_epoch).status == "interrupted":
            raise KeyboardInterrupt
        shares[number] = 1.0
        yield folder


def _train_in_pool(plan: Plan, workers: int, watch: Watch) -> Iterator[Path]:
    # Interpreters of their own: a forked copy of torch's threads may hang.
    context = multiprocessing.get_context("spawn")
    shares, stop = context.Array("d", len(plan)), context.Event()
    pool = ProcessPoolExecutor(workers, context, _start_worker, (shares, stop))
    try:
        futures = {
            pool.submit(_train_as_worker, number, training, folder): folder
            for number, (folder, training) in enumerate(plan.items())
        }
        waiting = set(futures)
        while waiting:
            finished, waiting = wait(waiting, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
            for future in finished:
                future.result()
                yield futures[future]
            _tell(watch, list(plan.values()), shares[:])
    except BaseException:
        stop.set()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_shared: tuple[Any, Any]
"""In a worker: how far each training is, and the event that stops all of them."""


def _start_worker(shares: Any, stop: Any) -> None:
    global _shared  # noqa: PLW0603 (a worker is given it once)
    _shared = shares, stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the pool's owner gets Ctrl-C, and sets `stop`


def _train_as_worker(number: int, training: Training[Any], folder: Path) -> None:
    shares, stop = _shared
    if stop.is_set():
        return

    def on_epoch(share: float) -> str | None:
        shares[number] = min(max(share, 1e-6), 0.999)
        return INTERRUPTED if stop.is_set() else None

    train_once(training, folder, on_epoch)
    shares[number] = 1.0
