"""Experiments for the questions of lesson 13."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import kinverse as kv
from kinverse.apps.course.examples import CLASSIFIER, reach_classes
from kinverse.tables import Cell, Table

SEEDS = (0, 1, 2)


def double_softmax() -> Table:
    """Training and validation loss with one softmax and with two."""
    variants: dict[str, dict[str, Any]] = {
        "logits": {},
        "softmax at the output": {"output_activation": "softmax", "double_softmax": True},
    }
    rows: list[Sequence[Cell]] = []
    for name, changes in variants.items():
        for seed in SEEDS:
            losses = kv.fit(reach_classes(200, seed, 500), CLASSIFIER.replace(seed=seed, **changes)).history
            rows.append((name, seed, losses.train_loss[-1], losses.validation_loss[-1]))
    columns = ("network", "start", "training loss", "validation loss")
    note = f"The smallest loss with two softmaxes is log(1 + 2/e) = {math.log(1.0 + 2.0 / math.e):.4f}."
    return Table(f"2-16-16-3 after {CLASSIFIER.epochs} epochs on 200 targets", columns, rows, note)


def hidden_layers() -> Table:
    """Loss without a hidden layer, with one and with two."""
    rows: list[Sequence[Cell]] = []
    for hidden in ((), (4,), (16,), (16, 16)):
        done = [kv.fit(reach_classes(1000, seed, 500), CLASSIFIER.replace(hidden=hidden, seed=seed)) for seed in SEEDS]
        rows.append(("-".join(map(str, (2, *hidden, 3))), *(one.history.validation_loss.min() for one in done)))
    columns = ("network", *(f"seed {seed}" for seed in SEEDS))
    return Table("Best validation loss on 500 targets, 1,000 training targets", columns, rows)


def accuracy_of_few() -> Table:
    """The range of the measured accuracy of a classifier, by number of points."""
    rng = np.random.default_rng(0)
    rows: list[Sequence[Cell]] = []
    for count in (8, 36, 200, 2000):
        found = 100.0 * rng.binomial(count, 0.85, 20_000) / count
        rows.append((count, *(float(value) for value in np.quantile(found, [0.05, 0.95]))))
    columns = ("points", "5 % are below [%]", "5 % are above [%]")
    return Table("Measured accuracy of a classifier that is correct in 85 % of all cases", columns, rows)
