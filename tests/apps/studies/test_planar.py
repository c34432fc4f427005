"""The planar study: six models both ways, and sentences that follow from the numbers."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

import kinverse as kv
from kinverse.apps.studies.planar import findings as planar_findings
from kinverse.apps.studies.planar import study as planar
from kinverse.apps.studies.planar.runs import PLANAR
from kinverse.apps.studies.runner import train_once
from kinverse.apps.studies.study import Effort
from kinverse.learning.evaluation.floors import constant_predictor, reachability_floor
from kinverse.learning.evaluation.metrics import mse
from kinverse.learning.training.history import HistoryRow


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_six_models_as_published_as_specified_and_remedied() -> None:
    plan = planar.trainings(Effort())
    assert len({training.name for training in plan}) == len({training.folder for training in plan}) == len(plan)
    configs = {training.name: training.config for training in plan}
    for number, recipe in PLANAR.items():
        assert configs[f"model {number}, as published, seed 0"] == recipe.config
    specified = [name for name in configs if "as specified" in name]
    assert len(specified) == 4 * 5  # models 5 and 6 have γ = 1: both ways are the same
    assert {(configs[n].schedule, configs[n].gamma) for n in specified} == {("exponential", 0.995)}
    assert {name.split(",")[0] for name in configs if "remedied" in name} == {"model 4", "model 5", "model 6"}
    assert len([name for name in configs if name.startswith("model 6, as published")]) == 20
    only = planar.trainings(Effort(ways=("as published",), seeds=1, quick=True))
    assert [training.name for training in only] == [f"model {n}, as published, seed 0" for n in PLANAR]


def test_the_published_floors_and_variances_are_those_of_the_grid() -> None:
    arm, data = kv.load_arm("planar3"), planar.rows()
    train, validation = data.train.features, data.validation.features
    # 0.0164/0.0188: the best possible losses of model 4; 0.3395/0.3426: the losses of model 5.
    assert round(reachability_floor(arm, train, lower=-np.pi / 2, upper=np.pi / 2), 4) == 0.0164
    assert round(reachability_floor(arm, validation, lower=-np.pi / 2, upper=np.pi / 2), 4) == 0.0188
    assert round(mse(train, constant_predictor(train, train)), 4) == 0.3395
    assert round(mse(validation, constant_predictor(train, validation)), 4) == 0.3426


def test_a_small_study_from_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = kv.grid_dataset("planar3", points_per_axis=16)
    monkeypatch.setattr(planar, "rows", lambda: grid)
    monkeypatch.setattr(planar, "QUICK_EPOCHS", 4)
    monkeypatch.setattr(planar_findings, "STARTS", 5)
    effort = Effort(seeds=1, quick=True)
    runs = {t.name: train_once(t, tmp_path / t.folder) for t in planar.trainings(effort)}
    assert len(runs) == 13
    said = planar.conclude(effort, runs)
    assert len(said.compared) == 24
    assert len(said.figures) == 7
    assert [text.split(":")[0] for text in said.verdicts[:3]] == ["Model 4", "Model 5", "Model 6"]
    (schedule,) = [text for text in said.verdicts if text.startswith("The schedule as specified")]
    assert all(f"model {n} " in schedule for n in (1, 2, 3, 4))
    first = next(item for item in said.compared if item.figure == "validation loss, epoch 0 [m²]")
    # The published script measures the validation loss after the first step.
    assert first.ours == (runs["model 1, as published, seed 0"].history[1].validation_loss,)


def stub(losses: list[float], floors: dict[str, float], causes: list[str] = []) -> Any:  # noqa: B006 (not changed)
    """A run with these losses, floors and findings, and nothing else."""
    findings = [{"cause": cause, "evidence": "e", "remedy": "r", "numbers": {}} for cause in causes]
    metrics = {"floors": floors, "diagnosis": {"findings": findings, "skipped": [], "notes": []}}
    history = tuple(HistoryRow(i, loss, loss, 0.1) for i, loss in enumerate(losses))
    return SimpleNamespace(history=history, card=SimpleNamespace(metrics=metrics))


def test_model_5_is_called_constant_only_where_it_is() -> None:
    floors = {"constant answer": 0.3426}
    dead = stub([2.0, 0.3427], floors, ["constant output"])
    wild = stub([2.0, 2.8], floors)
    text = planar_findings._model_5({(5, "as published"): [dead, dead, wild]})
    assert "2 of 3 runs end there: its output is a constant" in text and "the other 1 end elsewhere" in text
    assert "“constant output” in 2 of 3 runs" in text
    assert "none of ours ends as a constant" in planar_findings._model_5({(5, "as published"): [wild]})


def test_model_6_is_called_falling_only_where_it_falls() -> None:
    falling, resting = [1.0 - 0.05 * i for i in range(11)], [1.0] * 11
    for losses, words in ((falling, "it is still falling"), (resting, "it has come to rest")):
        assert words in planar_findings._model_6({(6, "as published"): [stub(losses, {})]})


def test_the_schedules_are_compared_by_their_medians() -> None:
    better, worse = stub([1.0, 0.1], {}), stub([1.0, 0.2], {})
    found = {(1, "as published"): [better], (1, "as specified"): [worse]}
    assert "model 1 worse (0.1 → 0.2)" in planar_findings._schedules(found)[0]
    found = {(1, "as published"): [worse], (1, "as specified"): [better]}
    assert "model 1 better (0.2 → 0.1)" in planar_findings._schedules(found)[0]
