"""Experiments for the questions of lesson 11."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kinverse.apps.course.examples import NOISE, UNREGULARISED, noisy_wave, train_briefly
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
        done = [train_briefly(noisy_wave(20, seed), UNREGULARISED.replace(seed=seed, **changes)) for seed in SEEDS]
        kinds = ("last_train_loss", "last_validation_loss", "best_loss")
        rows.append((name, *(float(np.median([getattr(one, kind) for one in done])) for kind in kinds)))
    columns = ("regularisation", "training loss", "validation loss", "smallest validation loss")
    note = f"Noise floor {NOISE**2:.2f}; 500 validation rows. The last column is the best result of early stopping."
    return Table(
        f"1-64-64-1 after {UNREGULARISED.epochs} epochs on 20 rows, medians of {len(SEEDS)} starts", columns, rows, note
    )


def more_rows() -> Table:
    """The same network without regularisation, by number of rows."""
    rows: list[Sequence[Cell]] = []
    for count in (20, 80, 320):
        done = [train_briefly(noisy_wave(count, seed), UNREGULARISED.replace(seed=seed)) for seed in SEEDS]
        rows.append(
            (
                count,
                *(
                    float(np.median([getattr(one, kind) for one in done]))
                    for kind in ("last_train_loss", "last_validation_loss")
                ),
            )
        )
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
