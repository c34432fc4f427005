"""Experiments for the questions of lesson 1."""

from collections.abc import Sequence

import numpy as np

import kinverse as kv
from kinverse.learning.evaluation.floors import constant_predictor, nearest_neighbour
from kinverse.learning.evaluation.metrics import mse, r2_mean
from kinverse.tables import Cell, Table

ROWS = (250, 1000, 4000, 16000)


def without_a_network() -> Table:
    """MSE and R² of a constant and of the nearest training row on NAO's right arm, by number of rows."""
    rows: list[Sequence[Cell]] = []
    for count in ROWS:
        data = kv.make_arkoma("nao-right", rows=count, seed=0, test_rows="uniform")
        assert data.test is not None
        constant = constant_predictor(data.train.targets, data.test.targets)
        span = np.ptp(data.train.features, axis=0)  # distances between rows in columns of equal size
        nearest = nearest_neighbour(data.train.features / span, data.train.targets, data.test.features / span)
        scores = [
            (mse(data.test.targets, answer), r2_mean(data.test.targets, answer)) for answer in (constant, nearest)
        ]
        rows.append((len(data.train), *(value for pair in scores for value in pair)))
    columns = ("training rows", "constant: MSE [rad²]", "R²", "nearest row: MSE [rad²]", "R² ")
    return Table("NAO's right arm without a network, on test rows drawn like the training rows", columns, rows)
