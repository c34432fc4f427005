"""The study of the menus: every option is tried, on rows that are what they say."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch

from kinverse.apps.studies.menus import study as menus
from kinverse.apps.studies.menus.findings import Tried, plural, splits_table
from kinverse.apps.studies.menus.layers import layer_gallery, layers, output_of
from kinverse.apps.studies.menus.tasks import CLASSIFICATION, REGRESSION, grid, noisy_rows, rings, rings_for
from kinverse.apps.studies.runner import train_once
from kinverse.apps.studies.study import Effort
from kinverse.learning.training.config import LossName, OptimiserName, Scaling, ScheduleName
from kinverse.network.names import Activation, Initialiser, OutputActivation


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_every_option_of_every_menu_is_tried() -> None:
    configs = [training.config for training in menus.trainings(Effort())]
    for name, options in (
        ("activation", Activation), ("optimiser", OptimiserName), ("loss", LossName),
        ("schedule", ScheduleName), ("scale_features", Scaling),
    ):  # fmt: skip
        assert {config.settings[name] for config in configs} == set(get_args(options)), name
    assert {config.initialisers[0] for config in configs} == set(get_args(Initialiser))
    assert (
        {"softmax", "sigmoid", "linear"}
        <= {config.output_activation for config in configs}
        <= set(get_args(OutputActivation))
    )
    assert any(config.batch_norm for config in configs) and any(config.dropout for config in configs)
    assert any(config.momentum for config in configs)


def test_what_the_base_does_anyway_is_trained_once() -> None:
    plan = menus.trainings(Effort(seeds=1))
    assert len({training.name for training in plan}) == len(plan)
    options = sum(len(menu) for menu in REGRESSION.values())
    base = [n for menu in REGRESSION for n in REGRESSION[menu] if menus._name(menu, n) == "base"]
    assert len(base) == 7  # one of each menu, and "linear + relu"
    assert len(plan) == options - len(base) + 1 + len(CLASSIFICATION) + 3 + 3


def test_rings_are_the_distance_from_the_base() -> None:
    for table in rings().splits.values():
        distance = np.linalg.norm(table.features, axis=1)
        np.testing.assert_array_equal(table.targets[:, 0], np.digitize(distance, [1.0, 2.0]))
    columns, signs = rings("columns"), rings("signs")
    np.testing.assert_array_equal(columns.train.targets.argmax(axis=1), rings().train.targets[:, 0])
    np.testing.assert_array_equal(columns.train.targets.sum(axis=1), 1.0)
    np.testing.assert_array_equal(signs.train.targets[:, 0] > 0, rings().train.targets[:, 0] == 0)
    assert rings_for("hinge") == "numbers" and rings_for("kl") == "columns"
    assert len(grid().train) == 240 and grid().test is not None


def test_the_noise_of_the_noisy_rows_is_what_they_say() -> None:
    rows = noisy_rows().validation
    error = rows.targets[:, 0] - np.linalg.norm(rows.features, axis=1)
    assert error.std() == pytest.approx(0.1, abs=0.02)


def test_parameter_counts_of_the_gallery() -> None:
    # Counted by hand from the layers' definitions in torch's documentation.
    by_hand = {
        "Linear": 112,
        "BatchNorm1d": 32,
        "Dropout": 0,
        "Conv2d": 224,
        "RNN": 384,
        "LSTM": 1536,
        "Embedding": 1600,
    }
    for layer in layers():
        kind = layer.name.partition("(")[0]
        out, count = output_of(layer)
        assert count == layer.count == by_hand[kind]
        assert len(out) == 32
    assert all("agrees" in row[4] for row in layer_gallery().rows)


def test_the_chosen_one_is_the_best_on_validation_rows() -> None:
    tried = {"loss": [Tried("mse", (5.0, 4.0), (4.5, 6.0), 0), Tried("mae", (4.5,), (1.0,), 0)]}
    table = splits_table(tried)
    assert "'loss mse' of 3" in str(table.rows[1][1])
    assert table.rows[1][2] == 4.0 and table.rows[2][3] == 6.0
    assert "flatters the chosen one" in table.note
    honest = splits_table({"loss": [Tried("mse", (5.0,), (4.0,), 0)]})
    assert "does not flatter" in honest.note
    assert [plural(menu) for menu in ("loss", "layers", "scaler")] == ["losses", "layers", "scalers"]


def test_a_small_study_from_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menus, "QUICK_EPOCHS", 2)
    monkeypatch.setattr(menus, "REGRESSION", {menu: dict(list(REGRESSION[menu].items())[:2]) for menu in REGRESSION})
    monkeypatch.setattr(menus, "FIT_TO_NOISE", menus._config(menus.FIT_TO_NOISE, Effort(quick=True), 0, {}))
    effort = Effort(seeds=1, quick=True)
    runs = {t.name: train_once(t, tmp_path / t.folder) for t in menus.trainings(effort)}
    said = menus.conclude(effort, runs)
    assert len(said.tables) == 3 and len(said.figures) == len(REGRESSION) + 5
    assert [text.split(":")[0] for text in said.verdicts[: len(REGRESSION)]] == list(REGRESSION)
