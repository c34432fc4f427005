"""`train_run`: from rows and a configuration to a run folder, with checkpoints, Ctrl-C and resume."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import FrameType

import torch
from filelock import FileLock, Timeout

from kinverse.errors import ConfigError, RunError, TrainingError
from kinverse.files import sha256, to_json, write_atomic
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.model.mlp import weight_statistics
from kinverse.learning.model.store import save_model
from kinverse.learning.training.card import Card
from kinverse.learning.training.checkpoint import restore_checkpoint, save_checkpoint
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.history import history_csv
from kinverse.learning.training.loop import TrainingState, train
from kinverse.learning.training.problem import Problem, build_problem
from kinverse.learning.training.run import CARD, CHECKPOINT, CONFIG, HISTORY, MODEL, Run, create_folder
from kinverse.learning.training.source import Source, open_source, reopen_source

SECONDS_BETWEEN_CHECKPOINTS = 5.0
INTERRUPTED = "interrupted"
LOCK = ".lock"

Watch = Callable[[TrainingState], str | None]
"""Called at the start of every epoch, for progress bars; a text that it returns ends the training, and says why."""


def train_run(source: Source, config: FitConfig, folder: Path, watch: Watch = lambda state: None) -> Run:
    """Train a network from the beginning, in a new run folder.

    Args:
        source: rows and arm.
        config: every choice.
        folder: where the run will lie; must not exist, or be empty.
        watch: called at the start of every epoch.

    Returns:
        The run; its card says whether it finished or was interrupted.

    Raises:
        ConfigError, DataError: the configuration does not fit the data.
        RunError: the folder exists and holds something.
        TrainingError: a loss became NaN or inf; the run is kept with its last good weights.
    """
    folder = folder.absolute()
    if config.data.resample and source.origin["kind"] != "arm":
        raise ConfigError("resample draws rows from an arm, but this training is given data: give the arm in its place")
    with _own_random_state(config):
        problem = build_problem(source.dataset, source.arm, config)
        card = Card(
            status="running",
            stopped="",
            epochs=0,
            best_epoch=0,
            arm=None if source.arm is None else source.arm.to_dict(),
            arm_fingerprint=None if source.arm is None else source.arm.fingerprint,
            data=source.dataset.manifest.to_dict(),
            data_digest=source.dataset.digest,
            origin=source.origin,
            space=problem.space,
            weights_at_start=[asdict(statistics) for statistics in weight_statistics(problem.model)],
        )
        state = TrainingState.fresh(problem, config)  # loads much of torch: before there is a folder to leave behind
        card = create_folder(folder, config, card, problem.model)
        with _only_one(folder):
            return _Session(folder, config, card, problem).run(state, watch)


def resume_run(folder: Path, dataset: Dataset | None = None, watch: Watch = lambda state: None) -> Run:
    """Go on with a run that was interrupted or killed; it ends with the same bits as if it had not been.

    Args:
        folder: the run.
        dataset: its rows, needed only where they were in memory.
        watch: called at the start of every epoch.

    Raises:
        RunError: the run has finished or failed, is damaged, or its data has changed.
        TrainingError: a loss became NaN or inf.
    """
    folder = folder.absolute()
    with _only_one(folder):
        return _resume(Run.load(folder), dataset, watch)


def _resume(run: Run, dataset: Dataset | None, watch: Watch) -> Run:
    folder = run.folder
    if run.card.status in ("finished", "failed"):
        raise RunError(f"{folder}: the training has {run.card.status} ({run.card.stopped}); there is nothing to resume")
    if dataset is None:
        source = reopen_source(run.card.origin, run.arm, run.card.data_digest)
    elif dataset.digest == run.card.data_digest:
        source = open_source(dataset, 1, 0, run.arm)
    else:
        raise RunError(f"{folder}: was trained on other rows than the data set given")
    with _own_random_state(run.config):
        problem = build_problem(source.dataset, source.arm, run.config)
        state = TrainingState.fresh(problem, run.config)
        if (folder / CHECKPOINT).is_file():  # killed before the first one: begin again
            restore_checkpoint(state, folder / CHECKPOINT, list(run.history))
        return _Session(folder, run.config, run.card, problem).run(state, watch)


@dataclass
class _Session:
    """One stretch of training in a run folder, from a start or a resume to the next end."""

    folder: Path
    config: FitConfig
    card: Card
    problem: Problem

    def run(self, state: TrainingState, watch: Watch) -> Run:
        started = time.monotonic()
        saved = started

        with _stop_on_interrupt() as asked_to_stop:

            def on_epoch(state: TrainingState) -> str | None:
                nonlocal saved
                asked = watch(state)
                if asked_to_stop.is_set():
                    return INTERRUPTED
                if asked:
                    return asked
                if time.monotonic() - saved > SECONDS_BETWEEN_CHECKPOINTS:
                    self.save_progress(state)
                    saved = time.monotonic()
                return None

            try:
                train(self.problem, self.config, state, on_epoch)
            except TrainingError as error:
                state.history.pop()  # the row that is not finite; the error names it
                self.finish(state, "failed", str(error), time.monotonic() - started)
                raise TrainingError(f"{error}: {self.folder}") from None
        if state.stopped == INTERRUPTED:
            self.save_progress(state)
            self.finish(state, "interrupted", INTERRUPTED, time.monotonic() - started)
        else:
            self.finish(state, "finished", state.stopped, time.monotonic() - started)
        return Run.load(self.folder)

    def save_progress(self, state: TrainingState) -> None:
        """History first, checkpoint last: a crash in between leaves a history that is longer than the checkpoint."""
        write_atomic(self.folder / HISTORY, history_csv(state.history))
        save_model(self.problem.model, self.folder / MODEL, state.kept_weights)
        save_checkpoint(state, self.folder / CHECKPOINT)

    def finish(self, state: TrainingState, status: str, stopped: str, seconds: float) -> None:
        write_atomic(self.folder / HISTORY, history_csv(state.history))
        save_model(self.problem.model, self.folder / MODEL, state.kept_weights)
        names = (CONFIG,) if status == "interrupted" else (CONFIG, HISTORY, MODEL)
        card = replace(
            self.card,
            status=status,  # type: ignore[arg-type]
            stopped=stopped,
            epochs=max(len(state.history) - 1, 0),
            best_epoch=state.best_epoch,
            sha256={name: sha256(self.folder / name) for name in names},
            seconds=round(self.card.seconds + seconds, 3),
        )
        write_atomic(self.folder / CARD, to_json(asdict(card)))
        if status != "interrupted":
            (self.folder / CHECKPOINT).unlink(missing_ok=True)


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
    """Turn the first Ctrl-C into a request that the loop answers between two epochs; the second one acts at once.

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
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
