"""Runs as they come: finished, failed, interrupted, hardly begun, with and without their rows."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import kinverse as kv
from kinverse.errors import RunError
from kinverse.files import from_plain, to_plain
from kinverse.learning import workflow
from kinverse.learning.data.dataset import Dataset, Table
from kinverse.learning.data.folder import write_dataset
from kinverse.learning.data.sampling import grid_dataset, joint_dataset
from kinverse.learning.diagnosis.diagnose import diagnose
from kinverse.learning.diagnosis.finding import CAUSES, Diagnosis
from kinverse.learning.evaluation.report import evaluate
from kinverse.learning.trained import Model
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.loop import TrainingState
from kinverse.learning.training.run_folder import load_model
from kinverse.learning.training.session import train
from kinverse.learning.training.source import open_source
from tests.support.faulty_trainings import rows as make

NEEDS_NO_ROWS = {
    "diverging", "double softmax", "oscillating", "still falling", "overfitting", "schedule never moves",
}  # fmt: skip
NEEDS_ROWS = set(CAUSES) - NEEDS_NO_ROWS


def looked_into(run: Model, data: Dataset) -> Diagnosis:
    found = diagnose(run, evaluate(run, data), data)
    assert from_plain(to_plain(found), Diagnosis, "card", RunError) == found
    return found


def interrupted(data: Dataset, folder: Path, after: int) -> Model:
    def stop(state: TrainingState) -> None:
        if state.epoch == after:
            os.kill(os.getpid(), signal.SIGINT)

    return train(open_source(data, 1, 0), FitConfig.of(hidden=(8,), epochs=40), folder, stop)


@pytest.mark.parametrize("epochs", [1, 2, 3])
@pytest.mark.parametrize("kind", ["joints", "grid", "classes"])
def test_a_run_that_has_hardly_begun(trained, epochs: int, kind: str) -> None:  # type: ignore[no-untyped-def]
    data = {
        "joints": lambda: joint_dataset("nao-right", 300, seed=1),
        "grid": lambda: grid_dataset("planar3", 20),
        "classes": lambda: make.blobs(100, 60)(0),
    }[kind]()
    found = looked_into(trained(data, epochs=epochs, loss="cross_entropy" if kind == "classes" else "mse"), data)
    assert found.names <= {"small validation set"}, found
    said = f"still falling: needs 10 measured epochs, there are {epochs + 1}"
    assert said in found.skipped
    assert "still falling" not in found.checked
    assert "leak" in found.checked


@pytest.mark.parametrize("after", [0, 1, 5, 20])
def test_an_interrupted_run(tmp_path: Path, after: int) -> None:
    data = make.sine(200, 100)(0)
    found = looked_into(interrupted(data, tmp_path / "run", after), data)
    assert found.names <= {"still falling"}
    if after == 0:
        assert "diverging: needs 1 measured epochs, there are 0" in found.skipped
    if after == 20:
        (finding,) = found.findings
        assert finding.remedy == "resume it: it has not finished"


@pytest.mark.parametrize("rows", [(1, 1), (2, 1), (3, 2)])
def test_one_row_of_anything(trained, rows: tuple[int, int]) -> None:  # type: ignore[no-untyped-def]
    for data, loss in ((make.sine(*rows)(0), "mse"), (make.blobs(*rows)(0), "cross_entropy")):
        found = looked_into(trained(data, loss=loss, epochs=15), data)
        assert "small validation set" in found.names


def test_targets_that_are_all_the_same(trained) -> None:  # type: ignore[no-untyped-def]
    data = make.sine(50, 40)(0)
    tables = {split: Table(t.features, np.full_like(t.targets, 0.3)) for split, t in data.splits.items()}
    looked_into(
        trained(Dataset.from_tables(tables, data.manifest), epochs=15), Dataset.from_tables(tables, data.manifest)
    )


def test_a_loss_that_overflows_is_diverging(trained) -> None:  # type: ignore[no-untyped-def]
    data = make.sine(50, 40)(0)
    run = trained(data, optimiser="sgd", learning_rate=1e3, activation="leaky_relu", epochs=30)
    assert run.status == "failed"
    found = looked_into(run, data)
    assert found.names == {"diverging"}
    assert "learning_rate=100" in found.findings[0].remedy
    assert "clip_gradient=1" in found.findings[0].remedy
    clipped = replace(run, config=run.config.replace(clip_gradient=1.0))
    assert "clip_gradient" not in diagnose(clipped, None, None).findings[0].remedy


def test_without_rows_the_curves_and_settings_still_speak(trained) -> None:  # type: ignore[no-untyped-def]
    data = make.sine(200, 100)(0)
    run = trained(data, learning_rate=1e-3, epochs=60, schedule="step", schedule_step=100)
    found = diagnose(run, None, None)
    assert found.names == {"still falling", "schedule never moves"}
    assert {text.partition(":")[0] for text in found.skipped} == NEEDS_ROWS
    assert all("needs the rows, which were in memory only" in text for text in found.skipped)
    assert set(found.checked) == NEEDS_NO_ROWS


def test_the_workflow_opens_the_rows_where_it_can(trained, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    data = joint_dataset("nao-right", 300, seed=1)
    in_memory = trained(data)
    assert len(kv.diagnose(in_memory).skipped) > len(kv.diagnose(in_memory.folder, data).skipped)
    with pytest.raises(RunError, match="needs the rows of the training"):
        kv.diagnose(in_memory, joint_dataset("nao-right", 300, seed=2))
    folder = write_dataset(data, tmp_path / "data")
    run = train(open_source(folder, 1, 0), FitConfig.of(hidden=(8,), epochs=3), tmp_path / "from folder")
    assert kv.diagnose(run) == kv.diagnose(run, data)
    Path(folder).rename(tmp_path / "moved")
    with pytest.raises(RunError, match="data folder is gone"):
        kv.diagnose(run.folder)
    assert kv.diagnose(run) == kv.diagnose(run, data)  # it holds its rows


def test_the_card_keeps_the_diagnosis(tmp_path: Path) -> None:
    data = grid_dataset("planar3", 20)
    run = workflow.measured(train(open_source(data, 1, 0), FitConfig.of(hidden=(8,), epochs=3), tmp_path / "run"))
    assert run.results is not None
    assert run.results.diagnosis == kv.diagnose(run, data)
    assert load_model(tmp_path / "run").results == run.results


def test_findings_come_in_the_order_of_their_weight(trained) -> None:  # type: ignore[no-untyped-def]
    data = make.phase(28, 8)(0)
    run = trained(
        data, loss="cross_entropy", output_activation="softmax", double_softmax=True, scale_features="none", epochs=60
    )
    causes = [finding.cause for finding in looked_into(run, data).findings]
    assert causes[0] == "double softmax"
    assert causes[-1] == "small validation set"
    assert "unscaled inputs" in causes
