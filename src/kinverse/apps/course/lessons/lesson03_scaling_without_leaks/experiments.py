"""Experiments for the questions of lesson 3."""

from collections.abc import Sequence

import numpy as np

import kinverse as kv
from kinverse.learning.data.splits import fit_scaler
from kinverse.learning.training.config import FitConfig, Scaling
from kinverse.tables import Cell, Table

SEEDS = (0, 1, 2)


def unscaled_inputs() -> Table:
    """The published NAO network with and without scaled features: validation loss on scaled targets."""
    data = kv.make_arkoma("nao-right", rows=1000, seed=0)
    rows: list[Sequence[Cell]] = []
    kinds: dict[Scaling, str] = {"minmax": "min-max, 0 … 1", "standard": "mean 0, std 1", "none": "mm and degrees"}
    for kind, label in kinds.items():
        config = FitConfig.of(hidden=(16,), learning_rate=0.01, epochs=150, scale_features=kind)
        rows.append((label, *(kv.fit(data, config, seed=seed).history.validation_loss.min() for seed in SEEDS)))
    columns = ("features", *(f"seed {seed}" for seed in SEEDS))
    return Table("Best validation loss of a 6-16-5 network, 150 epochs", columns, rows, "600 training rows.")


def leak() -> Table:
    """Change of a column's range if validation and test rows take part in the fit, by number of rows."""
    rows = []
    for count in (20, 200, 2000):
        data = kv.make_arkoma("nao-right", rows=count, seed=0, test_rows="uniform")
        alone = fit_scaler("minmax", data.train.features)
        everything = fit_scaler("minmax", np.concatenate([table.features for table in data.splits.values()]))
        rows.append((count, float(100.0 * (everything.scale / alone.scale - 1.0).max())))
    columns = ("all rows", "largest change of a column's range [%]")
    return Table("A scaler fitted on all rows, compared with one fitted on the training rows", columns, rows)
