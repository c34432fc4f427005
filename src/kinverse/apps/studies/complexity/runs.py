"""What the complexity study trains: networks on a noisy sine, with their last and with their best weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np
from jaxtyping import Float

from kinverse.apps.studies.study import Effort, Training
from kinverse.learning.data.dataset import Dataset, Manifest, Table
from kinverse.learning.training.config import FitConfig

POINTS, TRAIN_ROWS = 25, 20
SEED = 5
NOISE, JITTER = 0.2, 0.01
"""Standard deviation of y about the curve, and of x about its even spacing."""
FLOOR = NOISE**2
"""Mean squared error of the true curve on ever more noisy points: no model does better except by chance."""
TEST_ROWS, TEST_SEED = 10_000, 1
WATCH_POINTS = 200
"""Even points of the true curve, without noise, on which an error is followed over a whole training."""

Hidden = tuple[int, ...]
Weights = Literal["last weights", "best epoch", "watched", "ten times the rate"]
"""The last weights, as published; those of the best epoch by validation loss; the last ones of a training that is
watched against the true curve, or that has ten times the learning rate."""

PUBLISHED: dict[Hidden, tuple[float, float]] = {
    (4,): (0.1145, 0.0743),
    (16, 16): (0.0058, 0.0251),
    (128, 128, 128): (0.0014, 0.0380),
}
"""Hidden layers → printed training and validation loss."""
OTHERS: tuple[Hidden, ...] = ((1,), (2,), (8,), (16,), (64, 64), (256, 256, 256))
"""Capacities between, below and beyond the published ones, for the sweep."""
SMALLEST = next(iter(PUBLISHED))
CONFIG = FitConfig.of(
    scale_features="none",
    scale_targets="none",
    learning_rate=1e-4,
    epochs=10_000,
    keep_best=False,
)
"""As published: Adam, all 20 rows in one batch, nothing scaled, the last weights kept."""
FASTER_RATE = 10.0 * CONFIG.optimiser.learning_rate
ALL_STARTS = 10
"""Starts of the published networks in the whole study."""


def truth(x: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
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


def net_name(hidden: Sequence[int]) -> str:
    """A network's layers, input and output included.

    >>> net_name((16, 16))
    '1-16-16-1'
    """
    return "-".join(map(str, (1, *hidden, 1)))


def count_parameters(hidden: Sequence[int]) -> int:
    """Weights and biases of a network with these hidden layers."""
    return sum((a + 1) * b for a, b in pairwise((1, *hidden, 1)))


@dataclass(frozen=True)
class Key:
    """One training: a network, which of its weights are kept, and a random start."""

    hidden: Hidden
    weights: Weights
    seed: int

    def __str__(self) -> str:
        return f"{net_name(self.hidden)}, {self.weights}, start {self.seed}"


def trainings(effort: Effort) -> Sequence[Training[Key]]:
    """Every network from several starts: its last weights as published, those of its best epoch as corrected.

    Both are the same training, since neither validation nor test points reach the weights; the weights kept differ.
    """
    found: list[Training[Key]] = []
    corrected = "corrected" in effort.variants
    networks: list[Hidden] = [*PUBLISHED] if effort.quick else [*PUBLISHED, *OTHERS]
    for hidden in networks:
        if "as published" in effort.variants:
            usual = ALL_STARTS if hidden in PUBLISHED else 3
            found += [_training(Key(hidden, "last weights", seed)) for seed in effort.starts(usual, 1)]
        # A quick run leaves out the smallest one: in its only start the best epoch is the last.
        if corrected and not (effort.quick and hidden == SMALLEST):
            usual = 5 if hidden in PUBLISHED else 3
            found += [_training(Key(hidden, "best epoch", seed)) for seed in effort.starts(usual, 1)]
    if corrected and not effort.quick:
        found += [_training(Key(hidden, "watched", 0), watched_sine) for hidden in PUBLISHED]
        found += [_training(Key(SMALLEST, "ten times the rate", seed)) for seed in effort.starts(5)]
    return found


def _training(key: Key, rows: Callable[[], Dataset] = noisy_sine) -> Training[Key]:
    rate = FASTER_RATE if key.weights == "ten times the rate" else CONFIG.optimiser.learning_rate
    keep_best = key.weights == "best epoch"
    config = CONFIG.replace(hidden=key.hidden, seed=key.seed, learning_rate=rate, keep_best=keep_best)
    return Training(key, config, rows, 4.0 + 1e-4 * count_parameters(key.hidden))
