"""Experiments for the questions of lesson 11."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import kinverse as kv
from kinverse.apps.course.examples import NOISE, UNREGULARISED, noisy_wave
from kinverse.tables import Cell, Table

SEEDS = (0, 1, 2)
REGULARISATIONS: Mapping[str, Mapping[str, Any]] = {
    "none": {},
    "weight decay 1 (AdamW)": {"optimiser": "adamw", "weight_decay": 1.0},
    "L2 penalty 0.1 (Adam)": {"weight_decay": 0.1},
    "dropout 0.1": {"dropout": 0.1},
    "dropout 0.3": {"dropout": 0.3},
}


def regularisation() -> Table:
    """A large network on 20 noisy rows with several regularisations: median losses of three starts."""
    rows: list[Sequence[Cell]] = []
    for name, changes in REGULARISATIONS.items():
        done = [kv.fit(noisy_wave(20, seed), UNREGULARISED.replace(seed=seed, **changes)).history for seed in SEEDS]
        kinds = (
            [one.train_loss[-1] for one in done],
            [one.validation_loss[-1] for one in done],
            [one.validation_loss.min() for one in done],
        )
        rows.append((name, *(float(np.median(losses)) for losses in kinds)))
    columns = ("regularisation", "training loss", "validation loss", "smallest validation loss")
    note = f"Noise floor {NOISE**2:.2f}; 500 validation rows. The last column is the best result of early stopping."
    return Table(
        f"1-64-64-1 after {UNREGULARISED.epochs} epochs on 20 rows, medians of {len(SEEDS)} starts", columns, rows, note
    )


def more_rows() -> Table:
    """The same network without regularisation, by number of rows."""
    rows: list[Sequence[Cell]] = []
    for count in (20, 80, 320):
        done = [kv.fit(noisy_wave(count, seed), UNREGULARISED.replace(seed=seed)).history for seed in SEEDS]
        kinds = [one.train_loss[-1] for one in done], [one.validation_loss[-1] for one in done]
        rows.append((count, *(float(np.median(losses)) for losses in kinds)))
    columns = ("training rows", "training loss", "validation loss")
    note = f"Noise floor {NOISE**2:.2f}; medians of {len(SEEDS)} starts."
    return Table(f"1-64-64-1 after {UNREGULARISED.epochs} epochs", columns, rows, note)


def few_validation_rows() -> Table:
    """Variation of the loss of the true curve, by number of validation rows."""
    rng = np.random.default_rng(0)
    rows: list[Sequence[Cell]] = []
    for count in (5, 50, 500):
        losses = (rng.normal(0.0, NOISE, (2000, count)) ** 2).mean(axis=1)
        low, high = np.quantile(losses, [0.05, 0.95])
        rows.append((count, float(low), float(high)))
    columns = ("validation rows", "5 % are below", "5 % are above")
    return Table("Validation loss of the true curve itself, 2,000 draws of the rows", columns, rows)
