"""What the network does row by row, against the losses that the training itself wrote down."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from kinverse.learning.data.dataset import Dataset, Table
from kinverse.learning.data.sampling import grid_dataset, joint_dataset
from kinverse.learning.diagnosis.facts import Facts, thinned
from kinverse.learning.diagnosis.predictions import dead_shares, pressed_share
from kinverse.learning.evaluation.report import evaluate
from tests.support.faulty_trainings import rows as make


def with_targets(data: Dataset, columns: object) -> Dataset:
    """The same features with other targets."""
    tables = {s: Table(t.features, columns(t.features)) for s, t in data.splits.items()}  # type: ignore[operator]
    names = tuple(f"y{i}" for i in range(tables["train"].targets.shape[1]))
    manifest = replace(data.manifest, target_names=names, target_units=("",) * len(names))
    return Dataset.from_tables(tables, manifest)


SHARES = with_targets(make.blobs(60, 40)(0), lambda x: np.column_stack([1 / (1 + np.exp(-x[:, 0]))] * 2))
CHANCES = with_targets(make.blobs(60, 40)(0), lambda x: np.exp(x) / np.exp(x).sum(axis=1, keepdims=True))
SIGNS = with_targets(make.blobs(60, 40)(0), lambda x: np.where(x > 0, 1.0, -1.0))
KINDS = {
    "joints": (joint_dataset("nao-right", 300, 1), {}),
    "joints, mae": (joint_dataset("nao-right", 300, 1), {"loss": "mae", "scale_targets": "standard"}),
    "joints, huber": (joint_dataset("nao-right", 300, 1), {"loss": "huber", "bounds": "limits"}),
    "tip, pose": (joint_dataset("nao-right", 300, 1), {"loss_space": "tool", "heads": 3, "inputs": "pose"}),
    "tip, xy": (grid_dataset("planar3", 12), {"max_angle": 2.0, "batch_norm": True}),
    "tip, distance": (grid_dataset("planar3", 12), {"loss": "distance", "heads": 2, "loss_space": "tool"}),
    "classes": (make.blobs(60, 40)(0), {"loss": "cross_entropy"}),
    "hinge": (make.blobs(60, 40)(0), {"loss": "hinge", "dropout": 0.2}),
    "double softmax": (
        make.blobs(60, 40)(0),
        {"loss": "cross_entropy", "output_activation": "softmax", "double_softmax": True},
    ),
    "bce": (SHARES, {"loss": "bce"}),
    "kl": (CHANCES, {"loss": "kl"}),
    "hinge embedding": (SIGNS, {"loss": "hinge_embedding", "output_activation": "sigmoid"}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("keep_best", [True, False])
def test_row_losses_make_up_the_loss_of_the_history(trained, kind: str, keep_best: bool) -> None:  # type: ignore[no-untyped-def]
    data, settings = KINDS[kind]
    run = trained(data, keep_best=keep_best, epochs=4, learning_rate=0.01, **settings)
    facts = Facts(run, evaluate(run, data), data)
    row = run.history.rows()[facts.kept_epoch]
    assert facts.train_rows.losses.shape == (len(data.train),)
    assert facts.train_rows.losses.mean() == pytest.approx(row.train_loss, rel=1e-4)
    assert facts.validation_rows.losses.mean() == pytest.approx(row.validation_loss, rel=1e-4)


@pytest.mark.parametrize("keep_best", [True, False])
def test_the_weights_that_were_kept_are_those_that_are_measured(trained, keep_best: bool) -> None:  # type: ignore[no-untyped-def]
    data, _ = KINDS["joints"]
    run = trained(data, keep_best=keep_best, epochs=6, learning_rate=3.0)
    assert run.best_epoch < 6
    facts = Facts(run, None, data)
    assert facts.kept_epoch == (run.best_epoch if keep_best else 6)
    assert facts.train_rows.losses.mean() == pytest.approx(run.history.train_loss[facts.kept_epoch], rel=1e-4)


@pytest.mark.parametrize("kind", ["joints", "joints, mae", "tip, xy", "tip, distance"])
def test_the_constant_answer_is_that_of_the_report(trained, kind: str) -> None:  # type: ignore[no-untyped-def]
    data, settings = KINDS[kind]
    run = trained(data, epochs=1, **settings)
    report = evaluate(run, data)
    constant = Facts(run, report, data).constant
    assert constant == pytest.approx(report.floors["constant answer"], rel=1e-6)
    assert Facts(run, report, None).constant == report.floors["constant answer"]


def test_the_constant_answer_to_classes_is_their_entropy(trained) -> None:  # type: ignore[no-untyped-def]
    data = make.blobs(3000, 3000)(0)
    constant = Facts(trained(data, loss="cross_entropy", epochs=1), None, data).constant
    assert constant == pytest.approx(np.log(3.0), rel=1e-3)


def test_units_are_dead_where_they_never_answer(trained) -> None:  # type: ignore[no-untyped-def]
    data = make.bump(60, 40)(0)
    facts = Facts(trained(data, hidden=(4, 3), epochs=1), None, data)
    first, second = facts.model.network[0], facts.model.network[2]
    with torch.no_grad():
        first.weight.fill_(1.0)
        first.bias.copy_(torch.tensor([-1e3, 10.0, -1e3, 10.0]))  # two that never answer
        second.weight.copy_(torch.tensor([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0], [0.0, 1.0, 0.0, 1.0]]))
        second.bias.fill_(1.0)  # the first listens to those two only
    assert dead_shares(facts) == [0.5, pytest.approx(1 / 3)]


def test_outputs_pressed_against_their_bounds_are_counted(trained) -> None:  # type: ignore[no-untyped-def]
    data = grid_dataset("planar3", 12)
    facts = Facts(trained(data, max_angle=1.0, epochs=1), None, data)
    assert pressed_share(facts) == 0.0
    with torch.no_grad():
        facts.model.network[-1].bias[1] = 50.0
    assert pressed_share(facts) == 1.0
    assert pressed_share(Facts(trained(data, epochs=1), None, data)) == 0.0


def test_long_tables_are_thinned_evenly() -> None:
    table = Table(np.arange(10_000.0)[:, None], np.zeros((10_000, 0)))
    few = thinned(table, 100)
    assert len(few) == 100
    assert (few.features[0, 0], few.features[-1, 0]) == (0.0, 9999.0)
    assert set(np.diff(few.features[:, 0])) <= {100.0, 101.0}
    assert thinned(table, 10_000) is table
