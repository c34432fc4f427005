"""`train`: from rows and a configuration to a `Model`, in memory or in a run folder, with Ctrl-C and resume."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from types import FrameType

import torch
from filelock import FileLock, Timeout

from kinverse.errors import ConfigError, RunError, TrainingError
from kinverse.learning.data.dataset import Dataset, require_dataset
from kinverse.learning.model.mlp import weight_statistics
from kinverse.learning.trained import Model, Status
from kinverse.learning.training.checkpoint import restore_checkpoint
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.history import History
from kinverse.learning.training.loop import TrainingState, run_epochs
from kinverse.learning.training.problem import Problem, build_problem
from kinverse.learning.training.run_folder import (
    CARD,
    CHECKPOINT,
    create_folder,
    load_model,
    save_progress,
    write_end,
)
from kinverse.learning.training.source import Source, open_source, reopen_source

SECONDS_BETWEEN_CHECKPOINTS = 5.0
INTERRUPTED = "interrupted"
LOCK = ".lock"

OnEpoch = Callable[[TrainingState], str | None]
"""Called at the start of every epoch with the state of the training; a text that it returns ends it, as the reason."""


def train(source: Source, config: FitConfig, out: Path | None = None, on_epoch: OnEpoch = lambda state: None) -> Model:
    """Train a network, without evaluation or diagnosis.

    Args:
        source: rows and arm, as `open_source` gives them.
        config: the settings.
        out: the run folder to write, with checkpoints; default: everything stays in memory. A folder that already
            holds this training is loaded if the training has ended, and resumed if not.
        on_epoch: called at the start of every epoch, when the state is consistent; a returned text stops the training.

    Returns:
        The model. After Ctrl-C its status is "interrupted"; in a folder it can be resumed.

    Raises:
        ConfigError, DataError: the configuration does not fit the data.
        RunError: the folder holds something else.
        TrainingError: a loss became NaN or inf; its `model` has the last good weights, as has the folder.
    """
    if out is not None and (out / CARD).exists():
        return _continue(source, config, out, on_epoch)
    if config.data.resample and source.origin.kind != "arm":
        raise ConfigError("resample draws new rows from an arm, but a data set was given: give the arm instead")
    with _own_random_state(config):
        problem = build_problem(source.dataset, source.arm, config)
        model = Model(
            config=config,
            arm=source.arm,
            network=problem.model,
            history=History.of([]),
            manifest=source.dataset.manifest,
            data_digest=source.dataset.digest,
            origin=source.origin,
            space=problem.space,
            weights_at_start=weight_statistics(problem.model),
            status="running",
            stopped="",
            best_epoch=0,
            seconds=0.0,
            _rows=source.dataset,
        )
        state = TrainingState.fresh(problem, config)  # loads much of torch, so before the folder exists
        if out is not None:
            model = create_folder(model, out)
        with nullcontext() if model.folder is None else _only_one(model.folder):
            return _run(model, problem, state, on_epoch)


def resume(folder: Path, dataset: Dataset | None = None, on_epoch: OnEpoch = lambda state: None) -> Model:
    """Resume a training that was interrupted or killed; the result is bit-identical to an uninterrupted one.

    Args:
        folder: the run folder.
        dataset: the training rows, needed only if they were given in memory.
        on_epoch: as for `train`.

    Raises:
        RunError: the training has finished or failed, is damaged, or its data has changed.
        TrainingError: a loss became NaN or inf.
    """
    folder = folder.absolute()
    with _only_one(folder):
        model = load_model(folder)
        if model.status in ("finished", "failed"):
            raise RunError(f"{folder}: the training has {model.status} ({model.stopped}); there is nothing to resume")
        if dataset is None:
            source = reopen_source(model.origin, model.arm, model.manifest.encoding, model.data_digest)
        elif require_dataset(dataset).digest == model.data_digest:
            source = open_source(dataset, 1, 0, model.arm)
        else:
            raise RunError(f"{folder}: was trained on other rows than the data set given")
        with _own_random_state(model.config):
            problem = build_problem(source.dataset, source.arm, model.config)
            state = TrainingState.fresh(problem, model.config)
            if (folder / CHECKPOINT).is_file():  # else killed before the first one: start again
                restore_checkpoint(state, folder / CHECKPOINT, model.history.rows())
            model = replace(model, network=problem.model, results=None, _rows=source.dataset)
            return _run(model, problem, state, on_epoch)


def _continue(source: Source, config: FitConfig, folder: Path, on_epoch: OnEpoch) -> Model:
    """Load the training in a folder if it has ended, else resume it."""
    model = load_model(folder)
    if model.config != config or model.data_digest != source.dataset.digest:
        raise RunError(f"{folder}: holds another training; choose another folder or remove it")
    if model.status in ("running", "interrupted"):
        return resume(folder, source.dataset, on_epoch)
    return replace(model, _rows=source.dataset)


def _run(model: Model, problem: Problem, state: TrainingState, on_epoch: OnEpoch) -> Model:
    """Train until the end or an interruption."""
    started = saved = time.monotonic()

    def each_epoch(state: TrainingState) -> str | None:
        nonlocal saved
        asked = on_epoch(state)
        if asked_to_stop.is_set():
            return INTERRUPTED
        if asked:
            return asked
        if model.folder is not None and time.monotonic() - saved > SECONDS_BETWEEN_CHECKPOINTS:
            save_progress(model, state)
            saved = time.monotonic()
        return None

    def ended(status: Status, stopped: str) -> Model:
        model.network.load_state_dict(state.kept_weights)
        end = replace(
            model,
            network=model.network.cpu().eval(),
            history=History.of(state.history),
            status=status,
            stopped=stopped,
            best_epoch=state.best_epoch,
            seconds=model.seconds + time.monotonic() - started,
        )
        if end.folder is not None:
            write_end(end)
        return end

    with _stop_on_interrupt() as asked_to_stop:
        try:
            run_epochs(problem, model.config, state, each_epoch)
        except TrainingError as error:
            state.history.pop()  # the non-finite row; the error names it
            place = "" if model.folder is None else f": {model.folder}"
            raise TrainingError(f"{error}{place}", model=ended("failed", str(error))) from None
    if state.stopped != INTERRUPTED:
        return ended("finished", state.stopped)
    if model.folder is not None:
        save_progress(model, state)
    return ended("interrupted", INTERRUPTED)


@contextmanager
def _own_random_state(config: FitConfig) -> Iterator[None]:
    """Seed torch for one training and leave the caller's generators and threads as they were."""
    threads = torch.get_num_threads()
    devices = list(range(torch.cuda.device_count())) if config.device.startswith("cuda") else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(config.seed)
        torch.set_num_threads(config.threads)
        try:
            yield
        finally:
            torch.set_num_threads(threads)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Keep a second process out of a run folder while one is training in it; the lock goes with the process.

    Raises:
        RunError: another process is training there.
    """
    if not folder.is_dir():
        raise RunError(f"{folder}: no such run folder")
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise RunError(f"{folder}: another process is training here") from None
    try:
        yield
    finally:
        (folder / LOCK).unlink(missing_ok=True)
        lock.release()


@contextmanager
def _stop_on_interrupt() -> Iterator[threading.Event]:
    """Turn the first Ctrl-C into a request that the loop answers between two epochs; the second one interrupts at once.

    Stopping in the middle of an optimiser step would leave half-updated weights.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked  # signals reach the main thread only
        return

    def on_signal(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = signal.signal(signal.SIGINT, on_signal)
    wakes = signal.set_wakeup_fd(-1)  # nobody else is to answer this one
    try:
        yield asked
    finally:
        signal.set_wakeup_fd(wakes)
        signal.signal(signal.SIGINT, before)
