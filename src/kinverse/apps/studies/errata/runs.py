"""Trainings of four claims, a second or less each."""

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
SECONDS = 0.4


@dataclass(frozen=True)
class WidthKey:
    """Claim 4: a network of some width and depth on the noisy sine."""

    width: int
    depth: int
    seed: int

    def __str__(self) -> str:
        return f"width {self.width}, {self.depth} layers, start {self.seed}"


@dataclass(frozen=True)
class ShortKey:
    """Claims 9 and 12: model 5 and the first step of model 1 on a small grid; claim 11: from zero or random weights."""

    experiment: Literal["model 5", "first step", "zeros", "drawn"]
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
    seeds = effort.starts(5, 1)
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
    model_5 = PLANAR[5].config.replace(epochs=CONSTANT_EPOCHS)
    one_step = PLANAR[1].config.replace(epochs=1)
    found += [Training(ShortKey("model 5", seed), model_5.replace(seed=seed), small_grid, 1.0) for seed in seeds]
    found += [Training(ShortKey("first step", seed), one_step.replace(seed=seed), small_grid, 0.1) for seed in seeds]
    return found
