"""The options study: every option is tried, on rows with the stated classes and noise."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch

from kinverse.apps.studies.options import runs
from kinverse.apps.studies.options.findings import Findings, Tried, find
from kinverse.apps.studies.options.layers import layer_gallery
from kinverse.apps.studies.options.report import TEXTS, report, splits_table
from kinverse.apps.studies.options.runs import (
    CLASSIFICATION,
    REGRESSION,
    Key,
    grid,
    noisy_rows,
    option_key,
    rings,
    rings_for,
    trainings,
)
from kinverse.apps.studies.run import train_once
from kinverse.apps.studies.study import Effort
from kinverse.learning.training.config import LossName, OptimiserName, Scaling, ScheduleName
from kinverse.learning.training.history import History
from kinverse.network.names import Activation, Initialiser, OutputActivation
from tests.support.studies import history_of


def sentences(found: Findings) -> list[str]:
    return TEXTS.items("findings", found)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_every_option_of_every_setting_is_tried() -> None:
    configs = [training.config for training in trainings(Effort())]
    for name, options in (
        ("activation", Activation), ("optimiser", OptimiserName), ("loss", LossName),
        ("schedule", ScheduleName), ("scale_features", Scaling),
    ):  # fmt: skip
        assert {config.settings[name] for config in configs} == set(get_args(options)), name
    assert {config.model.initialisers[0] for config in configs} == set(get_args(Initialiser))
    assert (
        {"softmax", "sigmoid", "linear"}
        <= {config.model.output_activation for config in configs}
        <= set(get_args(OutputActivation))
    )
    assert any(config.model.batch_norm for config in configs) and any(config.model.dropout for config in configs)
    assert any(config.optimiser.momentum for config in configs)


def test_what_the_base_does_anyway_is_trained_once() -> None:
    plan = trainings(Effort(seeds=1))
    assert len({training.key for training in plan}) == len({training.folder for training in plan}) == len(plan)
    options = sum(len(setting) for setting in REGRESSION.values())
    keys = [option_key(setting, option, 0) for setting in REGRESSION for option in REGRESSION[setting]]
    base = [key for key in keys if key == Key("base", seed=0)]
    assert len(base) == 7  # one of each setting, and "linear + relu"
    assert str(base[0]) == "base, seed 0" and str(Key("loss", "mae", 2)) == "loss mae, seed 2"
    assert len(plan) == options - len(base) + 1 + len(CLASSIFICATION) + 3 + 3


def test_rings_are_distances_from_the_base() -> None:
    for table in rings().splits.values():
        distance = np.linalg.norm(table.features, axis=1)
        np.testing.assert_array_equal(table.targets[:, 0], np.digitize(distance, [1.0, 2.0]))
    columns, signs = rings("columns"), rings("signs")
    np.testing.assert_array_equal(columns.train.targets.argmax(axis=1), rings().train.targets[:, 0])
    np.testing.assert_array_equal(columns.train.targets.sum(axis=1), 1.0)
    np.testing.assert_array_equal(signs.train.targets[:, 0] > 0, rings().train.targets[:, 0] == 0)
    assert rings_for("hinge") == "numbers" and rings_for("kl") == "columns"
    assert len(grid().train) == 240 and grid().test is not None


def test_the_noise_of_the_noisy_rows_is_as_stated() -> None:
    rows = noisy_rows().validation
    error = rows.targets[:, 0] - np.linalg.norm(rows.features, axis=1)
    assert error.std() == pytest.approx(0.1, abs=0.02)


def test_parameter_counts_of_the_gallery() -> None:
    # Counted by hand from the layers' definitions in torch's documentation.
    by_hand = {
        "Linear": "112",
        "BatchNorm1d": "32",
        "Dropout": "0",
        "Conv2d": "224",
        "RNN": "384",
        "LSTM": "1,536",
        "Embedding": "1,600",
    }
    rows = layer_gallery().rows
    assert {str(row[0]).partition("(")[0]: row[3] for row in rows} == by_hand
    for row in rows:
        assert str(row[2]).startswith("32 × ") and str(row[4]).endswith(": agrees")


def test_the_selected_training_is_the_best_on_validation_rows() -> None:
    found = Findings({"loss": [Tried("mse", (5.0, 4.0), (4.5, 6.0), 0), Tried("mae", (4.5,), (1.0,), 0)]})
    selected = found.selected
    assert (selected.name, selected.count) == ("loss mse", 3)
    assert (selected.validation_mm, selected.test_mm) == (4.0, 6.0)
    assert splits_table(found).note.startswith("The validation error flatters the selected one: 4 mm against 6 mm")
    other = Findings({"loss": [Tried("mse", (5.0,), (4.0,), 0)]})
    assert splits_table(other).note.startswith("The validation error does not flatter the selected one this time:")


def findings_of(tried: dict[str, list[Tried]], **capacities: History) -> Findings:
    classes = {"cross_entropy on logits": [0.9], "cross_entropy after softmax": [0.8]}
    return Findings(tried, classes, {"right": history_of([1.0])}, capacities or {"small": history_of([1.0])})


def test_best_worst_and_close_options() -> None:
    errors = {"a": (2.0, 3.0, 2.5), "b": (9.0, 13.0, 11.0), "c": (2.1, 3.2, 2.6), "d": (2.2, 2.9, 2.9)}
    options = [Tried(option, of_starts, of_starts, 0) for option, of_starts in errors.items()]
    sentence = sentences(findings_of({"loss": options}))[0]
    # c is only 4 to 7 % higher, but in every pair; d is higher in two pairs of three.
    assert sentence == "loss: lowest a (2 mm), highest b (11 mm); no clear difference from the lowest: d."
    assert sentences(findings_of({"loss": options[:2]}))[0] == "loss: lowest a (2 mm), highest b (11 mm)."
    one = [Tried(option, of_starts[:1], of_starts[:1], 0) for option, of_starts in errors.items()]
    first, second = sentences(findings_of({"loss": one}))[:2]
    assert first == "One start of each option: they are not compared; that needs the whole study."
    assert second.startswith("Learning rate")


def test_a_softmax_costs_accuracy_only_where_it_clearly_does() -> None:
    for twice, words in (
        ([0.70, 0.72, 0.71], "costs accuracy here: 71 %"),
        ([0.85, 0.95, 0.80], "makes no clear difference here"),
    ):
        classes = {"cross_entropy on logits": [0.9, 0.91, 0.89], "cross_entropy after softmax": twice}
        found = Findings({}, classes, {}, {"small": history_of([1.0])})
        assert words in sentences(found)[0]


def test_a_capacity_overfits_where_its_validation_loss_rises() -> None:
    rising, level = history_of([1.0, 0.5, 0.1], [1.0, 0.5, 1.0]), history_of([1.0, 0.5])
    large, small = sentences(findings_of({}, large=rising, small=level))[-2:]
    assert large.startswith("Capacity large: overfits: stop at epoch 1, where the validation loss is 50 % lower (")
    assert small.startswith("Capacity small: does not overfit, and its training loss stays high (")
    assert sentences(findings_of({}, small=level))[-1].startswith("Capacity small: does not overfit (")


def test_a_small_study_from_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "QUICK_EPOCHS", 2)
    monkeypatch.setattr(runs, "FIT_TO_NOISE", runs.FIT_TO_NOISE.replace(epochs=2))
    for setting in REGRESSION:
        monkeypatch.setitem(REGRESSION, setting, dict(list(REGRESSION[setting].items())[:2]))
    effort = Effort(seeds=1, quick=True)
    conclusion = report(find(effort, {t.key: train_once(t, tmp_path / t.folder) for t in trainings(effort)}))
    assert len(conclusion.tables) == 3 and len(conclusion.figures) == len(REGRESSION) + 5
    names = ["One start of each option: they are not compared", "Learning rate", *["Capacity"] * 3]
    assert len(conclusion.sentences) == len(names)
    for sentence, name in zip(conclusion.sentences, names, strict=True):
        assert sentence.startswith(name) and sentence.endswith(".")
