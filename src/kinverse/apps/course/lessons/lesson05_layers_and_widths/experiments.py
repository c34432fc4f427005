"""Experiments for the questions of lesson 5."""

import itertools
from collections.abc import Sequence

import numpy as np

import kinverse as kv
from kinverse.learning.training.config import FitConfig
from kinverse.tables import Cell, Table

BASE = FitConfig.of(
    learning_rate=3e-3, epochs=300, scale_features="standard", scale_targets="standard", activation="relu"
)
SEEDS = (0, 1)


def widths() -> Table:
    """One hidden layer of growing width on NAO's right arm."""
    return _compared("One hidden layer, growing width", [(2,), (8,), (32,), (128,), (256,)])


def depths() -> Table:
    """Equal numbers of parameters in 1, 2, 3, 6 and 14 hidden layers."""
    return _compared(
        "Equal numbers of parameters, more and more layers", [(250,), (50, 50), (37, 37, 37), (24,) * 6, (15,) * 14]
    )


def neurons_by_a_rule() -> Table:
    """A width of 2 to the power of the number of layers, compared with other widths."""
    return _compared("Two hidden layers: 2² units each, and other widths", [(4, 4), (16, 16), (64, 64)])


def _compared(title: str, networks: Sequence[tuple[int, ...]]) -> Table:
    data = kv.make_arkoma("nao-right", rows=1000, seed=0, test_rows="uniform")
    rows: list[Sequence[Cell]] = []
    for hidden in networks:
        sizes = (6, *hidden, 5)
        count = sum(a * b + b for a, b in itertools.pairwise(sizes))
        found = [kv.fit(data, BASE.replace(hidden=hidden, seed=seed)).history for seed in SEEDS]
        name = "-".join(map(str, sizes)) if len(sizes) < 6 else f"6-{len(hidden)} × {hidden[0]}-5"
        losses = ([f.train_loss[-1] for f in found], [f.validation_loss.min() for f in found])
        rows.append((name, count, *(float(np.mean(kind)) for kind in losses)))
    columns = ("network", "parameters", "final training loss", "best validation loss")
    note = f"NAO's right arm, 600 training rows, scaled targets, 300 epochs; means of {len(SEEDS)} starts."
    return Table(title, columns, rows, note)
