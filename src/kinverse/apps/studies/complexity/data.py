"""The noisy sine of the complexity study: 25 published points, 10,000 test points, and the true curve."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from jaxtyping import Float

from kinverse.learning.data.dataset import Dataset, Manifest, Table

POINTS, TRAIN_ROWS = 25, 20
SEED = 5
NOISE, JITTER = 0.2, 0.01
"""Standard deviation of y about the curve, and of x about its even spacing."""
FLOOR = NOISE**2
"""Mean squared error of the true curve on ever more noisy points: no model does better but by luck."""
TEST_ROWS, TEST_SEED = 10_000, 1
WATCH_POINTS = 200
"""Even points of the true curve, without noise, on which an error is followed over a whole training."""


def truth(x: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """The curve without noise."""
    return np.sin(5.0 * (x + 0.082))


@lru_cache(maxsize=1)
def noisy_sine() -> Dataset:
    """20 training and 5 validation points as published, and 10,000 test points that are drawn the same way.

    The published draws come from NumPy's legacy generator with seed 5, in this order: x, y, and the permutation that
    splits. That the true curve scores 0.0188 and 0.0040 on the two splits shows that the order is right.
    """
    legacy = np.random.RandomState(SEED)
    x = legacy.normal(np.linspace(0.0, 1.0, POINTS), JITTER)
    y = legacy.normal(truth(x), NOISE)
    order = legacy.permutation(POINTS)
    rng = np.random.default_rng(TEST_SEED)
    x_test = rng.normal(np.linspace(0.0, 1.0, TEST_ROWS), JITTER)
    y_test = rng.normal(truth(x_test), NOISE)
    train, validation = order[:TRAIN_ROWS], order[TRAIN_ROWS:]
    return _dataset(
        {
            "train": _table(x[train], y[train]),
            "validation": _table(x[validation], y[validation]),
            "test": _table(x_test, y_test),
        }
    )


@lru_cache(maxsize=1)
def watched_sine() -> Dataset:
    """The same training points, and the true curve itself in the place of the validation points."""
    x = np.linspace(0.0, 1.0, WATCH_POINTS)
    return _dataset({"train": noisy_sine().train, "validation": _table(x, truth(x))})


def error_of_truth(table: Table) -> float:
    """Mean squared error of the true curve on the points of a table."""
    return float(np.mean((truth(table.features[:, 0]) - table.targets[:, 0]) ** 2))


def _table(x: Float[np.ndarray, " n"], y: Float[np.ndarray, " n"]) -> Table:
    return Table(x[:, None], y[:, None])


def _dataset(tables: dict[str, Table]) -> Dataset:
    manifest = Manifest(
        name="noisy sine",
        source="y = sin(5 (x + 0.082)) with noise",
        feature_names=("x",),
        feature_units=("",),
        target_names=("y",),
        target_units=("",),
        seed=SEED,
    )
    return Dataset.from_tables(tables, manifest)
