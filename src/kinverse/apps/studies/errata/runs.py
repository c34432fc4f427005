"""Trainings of four claims, two seconds or less each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from kinverse.apps.studies.complexity.runs import noisy_sine, watched_sine
from kinverse.apps.studies.planar.runs import PLANAR
from kinverse.apps.studies.study import Effort, Training
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.data.sampling import grid_dataset
from kinverse.learning.training.config import FitConfig

SINE = FitConfig.of(
    scale_features="none", scale_targets="none", learning_rate=1e-2, epochs=600, keep_best=False, hidden=(16,)
)
"""A short training on the noisy sine."""
DEPTHS, WIDTHS = (1, 2, 3), (16, 32)
"""Hidden layers, and widths to compare with 2^n."""
POINTS_PER_AXIS = 30
"""Of a small planar grid."""
CONSTANT_EPOCHS = 1000
"""Epochs of model 5."""
LONGER = 5
"""Times the epochs of model 6."""
FACTOR = 100.0
"""Between the learning rates of models 5 and 6 and the ones that they are compared with."""
SECONDS = 0.4


Experimented = Literal[
    "model 5", "model 5, slower", "model 6", "model 6, longer", "model 6, faster", "zeros", "drawn"
]  # fmt: skip


@dataclass(frozen=True)
class WidthKey:
    """A network of some width and depth on the noisy sine."""

    width: int
    depth: int
    seed: int

    def __str__(self) -> str:
        return f"width {self.width}, {self.depth} layers, start {self.seed}"


@dataclass(frozen=True)
class ShortKey:
    """Models 5 and 6 on a small grid, with other rates or more epochs; a network from zero or random weights."""

    experiment: Experimented
    seed: int | None = None

    def __str__(self) -> str:
        return self.experiment if self.seed is None else f"{self.experiment}, start {self.seed}"


Key = WidthKey | ShortKey


@lru_cache(maxsize=1)
def small_grid() -> Dataset:
    """The planar grid of study 4 with fewer points."""
    return grid_dataset("planar3", POINTS_PER_AXIS)


def trainings(effort: Effort) -> Sequence[Training[Key]]:
    """All of them."""
    seeds = effort.starts(5, 5)  # a verdict needs them all, and they take seconds
    found: list[Training[Key]] = []
    for depth in DEPTHS:
        for width in (2**depth, *WIDTHS):
            config = SINE.replace(hidden=(width,) * depth)
            keys = [WidthKey(width, depth, seed) for seed in seeds]
            found += [Training(key, config.replace(seed=key.seed), watched_sine, SECONDS) for key in keys]
    zeros = SINE.replace(activation="sigmoid", initialisers=("zeros",), bias_initialiser="zeros")
    found += [
        Training(ShortKey("zeros"), zeros, noisy_sine, SECONDS),
        Training(ShortKey("drawn"), zeros.replace(initialisers=("xavier_uniform",)), noisy_sine, SECONDS),
    ]
    model_5, model_6 = PLANAR[5].config.replace(epochs=CONSTANT_EPOCHS), PLANAR[6].config
    rate_5, rate_6 = model_5.optimiser.learning_rate, model_6.optimiser.learning_rate
    on_grid: dict[Experimented, FitConfig] = {
        "model 5": model_5,
        "model 5, slower": model_5.replace(learning_rate=rate_5 / FACTOR),
        "model 6": model_6,
        "model 6, longer": model_6.replace(epochs=LONGER * model_6.epochs),
        "model 6, faster": model_6.replace(learning_rate=rate_6 * FACTOR),
    }
    for name, config in on_grid.items():
        seconds = config.epochs / 1000
        found += [Training(ShortKey(name, seed), config.replace(seed=seed), small_grid, seconds) for seed in seeds]
    return found
