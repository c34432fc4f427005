"""Trainings of the complexity study: every network from several starts, with its last and with its best weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from kinverse.apps.studies.complexity.data import noisy_sine, watched_sine
from kinverse.apps.studies.study import Effort, Training
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.training.config import FitConfig

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
