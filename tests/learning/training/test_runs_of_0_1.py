"""Run folders and data sets that version 0.1 wrote: they load, evaluate alike, and resume."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import kinverse as kv

FOLDER = Path(__file__).parents[2] / "data" / "runs_of_0_1"


def test_a_finished_run_loads_with_its_results() -> None:
    model = kv.load_model(FOLDER / "finished")
    assert (model.status, model.epochs, model.space) == ("finished", 5, "tool")
    assert model.config == kv.FitConfig.of(hidden=(8,), epochs=5, rows=400)
    assert model.results is not None
    kept, again = model.results.report, model.evaluate()
    assert [(scores.predictor, scores.split) for scores in kept.scores] == [
        (s.predictor, s.split) for s in again.scores
    ]
    for ours, theirs in zip(again.scores, kept.scores, strict=True):
        assert ours.tool is not None and theirs.tool is not None
        assert ours.tool.mse == pytest.approx(theirs.tool.mse, rel=1e-5)
    assert model.results.diagnosis.names == model.diagnose().names


def test_an_interrupted_run_resumes(tmp_path: Path) -> None:
    """Another machine may round otherwise than the one that wrote the files."""
    folder = shutil.copytree(FOLDER / "interrupted", tmp_path / "run")
    assert kv.load_model(folder).epochs == 1
    resumed, whole = kv.resume(folder), kv.load_model(FOLDER / "finished")
    np.testing.assert_allclose(resumed.history.train_loss, whole.history.train_loss, rtol=1e-4)
    for name, weights in whole.network.tensors().items():
        np.testing.assert_allclose(resumed.network.tensors()[name], weights, rtol=1e-3, atol=1e-5)
    assert kv.load_model(folder).status == "finished"


def test_a_data_set_loads() -> None:
    dataset = kv.read_dataset(FOLDER / "data")
    arm = dataset.manifest.known_arm()
    assert arm is not None and arm.fingerprint == kv.load_arm("nao-right").fingerprint
    assert kv.check_dataset(FOLDER / "data").ok
