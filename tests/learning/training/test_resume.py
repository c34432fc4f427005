"""Interrupt, kill, resume: a run is readable at every moment and ends with the bits of an uninterrupted one."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import kinverse as kv
from kinverse.errors import RunError
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.data.folder import write_dataset
from kinverse.learning.data.sampling import joint_dataset
from kinverse.learning.trained import Model
from kinverse.learning.training import session as training
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.loop import TrainingState
from kinverse.learning.training.run_folder import CHECKPOINT, load_model
from kinverse.learning.training.session import resume, train
from kinverse.learning.training.source import open_source
from kinverse.network.file import read_tensors, write_tensors

SETTINGS = {
    "full batch": {},
    "batches, dropout, batch norm": {"batch_size": 32, "dropout": 0.2, "batch_norm": True},
    "sgd, momentum, step": {"optimiser": "sgd", "momentum": 0.9, "schedule": "step", "schedule_step": 3},
    "adamw, one cycle": {"optimiser": "adamw", "schedule": "one_cycle", "batch_size": 50},
    "rmsprop, cosine": {"optimiser": "rmsprop", "schedule": "cosine"},
    "adagrad, exponential": {"optimiser": "adagrad", "schedule": "exponential"},
    "patience": {"patience": 4, "learning_rate": 0.1},
    "last weights": {"keep_best": False, "batch_size": 64},
}


def same_bits(one: Model, other: Model) -> bool:
    return all(
        (one.folder / name).read_bytes() == (other.folder / name).read_bytes()
        for name in ("history.csv", "model.safetensors")
    )


@pytest.mark.parametrize("changes", SETTINGS.values(), ids=SETTINGS.keys())
def test_interrupted_and_resumed_equals_uninterrupted(
    changes: dict[str, object], joints: Dataset, quick: FitConfig, tmp_path: Path
) -> None:
    config = quick.replace(**changes)  # type: ignore[arg-type]
    whole = train(open_source(joints, 1, 0), config, tmp_path / "whole")

    def interrupt_at(*epochs: int) -> training.OnEpoch:
        def watch(state: TrainingState) -> None:
            if state.epoch in epochs:
                os.kill(os.getpid(), signal.SIGINT)

        return watch

    run = train(open_source(joints, 1, 0), config, tmp_path / "parts", interrupt_at(2))
    assert run.status == "interrupted"
    assert run.epochs < whole.epochs
    run = resume(run.folder, joints, interrupt_at(7))
    run = resume(run.folder, joints) if run.status == "interrupted" else run
    assert run.status == "finished"
    assert run.best_epoch == whole.best_epoch
    assert same_bits(run, whole)
    assert not (run.folder / CHECKPOINT).exists()


def _train_slowly(data: str, folder: str, config: FitConfig, again: bool) -> None:
    """In a process of its own: a checkpoint at every epoch, so that a kill often hits a file being written."""
    training.SECONDS_BETWEEN_CHECKPOINTS = 0.0
    if again:
        resume(Path(folder))
    else:
        train(open_source(data, 1, 0), config, Path(folder))


def test_kill_at_any_moment_leaves_a_readable_run(joints: Dataset, tmp_path: Path) -> None:
    data = write_dataset(joints, tmp_path / "data")
    config = FitConfig.of(hidden=(8,), epochs=400, learning_rate=0.01, batch_size=60)
    whole = train(open_source(data, 1, 0), config, tmp_path / "whole")
    context = multiprocessing.get_context("forkserver")
    # Imported once, so that a process trains within milliseconds of its start and kills hit the training.
    context.set_forkserver_preload(
        [
            "kinverse.learning.training.session",
            "pyarrow.csv",
            "sklearn.preprocessing",
            "sklearn.model_selection",
            "torch._dynamo",
        ]
    )
    moments = random.Random(5)
    folder, kills, seen = tmp_path / "killed", 0, set()
    for _ in range(150):
        process = context.Process(target=_train_slowly, args=(str(data), str(folder), config, folder.exists()))
        process.start()
        started = time.monotonic()
        while not folder.exists() and process.is_alive() and moments.random() < 0.9999:
            time.sleep(0.0005)
        # At first too short to get to the end; longer and longer, so that a machine with other work gets there too.
        patience = 0.1 if kills < 10 else 0.4 if kills < 40 else 0.4 + 0.05 * (kills - 40)
        process.join(max(moments.uniform(0.0, patience) - 0.01 * (time.monotonic() - started), 0.0))
        if process.is_alive():
            process.kill()
            kills += 1
        process.join()
        if not folder.exists():
            continue  # killed before the folder appeared: there must be nothing half made in its place
        run = load_model(folder)
        seen.add(len(run.history))
        if run.status == "finished":
            break
    assert run.status == "finished", f"not finished after {kills} kills: {sorted(seen)}"
    assert kills >= 8, kills
    assert same_bits(run, whole)


def test_nothing_to_resume(joints: Dataset, quick: FitConfig, tmp_path: Path) -> None:
    run = train(open_source(joints, 1, 0), quick, tmp_path / "run")
    with pytest.raises(RunError, match=r"finished.*nothing to resume"):
        resume(run.folder)


def _interrupted(data: Dataset | Path, config: FitConfig, folder: Path) -> Model:
    return train(open_source(data, 1, 0), config, folder, lambda state: os.kill(os.getpid(), signal.SIGINT))


def test_resume_needs_the_same_rows(joints: Dataset, grid: Dataset, quick: FitConfig, tmp_path: Path) -> None:
    run = _interrupted(joints, quick, tmp_path / "run")
    with pytest.raises(RunError, match="rows in memory"):
        resume(run.folder)
    with pytest.raises(RunError, match="other rows"):
        resume(run.folder, grid)
    data = write_dataset(joints, tmp_path / "data")
    run = _interrupted(data, quick, tmp_path / "from folder")
    write_dataset(joint_dataset(kv.load_arm("nao-right"), rows=300, seed=2), data, overwrite=True)
    with pytest.raises(RunError, match="has changed since"):
        resume(run.folder)


def test_a_taken_folder_is_not_touched(joints: Dataset, quick: FitConfig, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear diary")
    with pytest.raises(RunError, match="exists already"):
        train(open_source(joints, 1, 0), quick, tmp_path / "mine")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_a_crash_while_making_the_folder_leaves_nothing(
    joints: Dataset, quick: FitConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("kinverse.learning.training.run_folder.save_network", explode)
    with pytest.raises(OSError, match="disk full"):
        train(open_source(joints, 1, 0), quick, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def _hold(folder: str, ready: str, config: FitConfig, data: Dataset) -> None:
    """In a process of its own: train without end in `folder`."""

    def watch(state: TrainingState) -> None:
        Path(ready).touch()

    train(open_source(data, 1, 0), config, Path(folder), watch)


def test_two_processes_do_not_train_in_one_folder(joints: Dataset, tmp_path: Path) -> None:
    config = FitConfig.of(hidden=(4,), epochs=10_000_000)
    folder, ready = tmp_path / "run", tmp_path / "ready"
    context = multiprocessing.get_context("forkserver")
    process = context.Process(target=_hold, args=(str(folder), str(ready), config, joints))
    process.start()
    try:
        deadline = time.monotonic() + 60
        while not ready.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        with pytest.raises(RunError, match="another process is training here"):
            resume(folder, joints)
    finally:
        process.kill()
        process.join()
    assert load_model(folder).status == "running"
    # The lock has gone with the process: the next one may go on.
    run = resume(folder, joints, lambda state: os.kill(os.getpid(), signal.SIGINT))
    assert run.status == "interrupted"


def test_a_run_stays_readable_when_the_working_folder_changes(
    joints: Dataset, quick: FitConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    run = train(open_source(joints, 1, 0), quick, Path("run"))
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert run.network.predict(joints.train.features[:2]).shape == (2, 5)


def test_moved_data_is_named(joints: Dataset, quick: FitConfig, tmp_path: Path) -> None:
    data = write_dataset(joints, tmp_path / "data")
    run = _interrupted(data, quick, tmp_path / "run")
    data.rename(tmp_path / "moved")
    with pytest.raises(RunError, match=r"data folder is gone: .*/data; give the data set again"):
        resume(run.folder)
    assert resume(run.folder, joints).status == "finished"


@pytest.mark.parametrize(
    "damage",
    [
        lambda tensors, header: header.update(epoch=-1),
        lambda tensors, header: header.update(groups=[True]),
        lambda tensors, header: header["groups"][0].update(lr="fast"),
        lambda tensors, header: header["groups"][0].update(betas=[[]]),
        lambda tensors, header: header.pop("rows"),
        lambda tensors, header: tensors.pop("optimiser.0.exp_avg"),
        lambda tensors, header: tensors.update({"optimiser.1.exp_avg": np.zeros((2, 9), np.float32)}),
        lambda tensors, header: tensors.update({"random.torch": np.zeros(3, np.uint8)}),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused_before_the_first_step(
    damage: Callable[..., object], joints: Dataset, quick: FitConfig, tmp_path: Path
) -> None:
    """Also where the checksum fits: another program may have written it."""

    def interrupt(state: TrainingState) -> None:
        if state.epoch == 2:
            os.kill(os.getpid(), signal.SIGINT)

    run = train(open_source(joints, 1, 0), quick, tmp_path / "run", interrupt)
    tensors, header = read_tensors(run.folder / CHECKPOINT)
    damage(tensors, header)
    write_tensors(run.folder / CHECKPOINT, tensors, header)
    with pytest.raises(RunError, match=CHECKPOINT):
        resume(run.folder, joints)
