"""What the planar study trains: six models as published, as specified, and with remedies for the three that fail."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Unpack

import kinverse as kv
from kinverse.apps.studies.study import Effort, Recipe, Training
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.training.config import FitConfig, FitSettings

ModelVariant = Literal["as published", "as specified", "remedied"]
QUICK_EPOCHS = 200
MORE_STARTS = {6: 4}
"""Model 6 stops while its loss falls, so its start decides where: it gets this many times the starts of the others."""
SECONDS = {1: 4.0, 2: 6.0, 3: 11.0, 4: 9.0, 5: 9.0, 6: 3.0}
REMEDIES: dict[int, dict[str, Any]] = {
    4: {"max_angle": 2.36},
    5: {"learning_rate": 0.01, "schedule": "exponential"},
    6: {"learning_rate": 0.01, "schedule": "exponential", "epochs": 1000},
}


@functools.cache
def rows() -> Dataset:
    """The published grid: 100 × 100 points on [0, 2]² m, 80/20."""
    return kv.grid_dataset("planar3")


@dataclass(frozen=True)
class Key:
    """One training: a model, its variant and a random start."""

    model: int
    variant: ModelVariant
    seed: int

    def __str__(self) -> str:
        return f"model {self.model}, {self.variant}, seed {self.seed}"


def _planar(number: int, published: dict[str, float], **settings: Unpack[FitSettings]) -> Recipe:
    """One of the six planar models: full-batch Adam on raw coordinates, the published almost constant schedule."""
    base = FitConfig.of(
        learning_rate=0.01,
        schedule="step",
        schedule_step=100,
        gamma=0.995,
        epochs=1000,
        scale_features="none",
        keep_best=False,
    )
    return Recipe(f"planar model {number}", base.replace(**settings), published)


def _losses(first: tuple[float, float], last: tuple[float, float]) -> dict[str, float]:
    return {
        "train loss, epoch 0": first[0],
        "validation loss, epoch 0": first[1],
        "final train loss": last[0],
        "final validation loss": last[1],
    }


PLANAR = {
    1: _planar(1, _losses((4.8425, 4.4216), (0.0014, 0.0015)), hidden=(12,)),
    2: _planar(2, _losses((2.6520, 1.7917), (0.0005, 0.0003)), hidden=(24, 24)),
    3: _planar(3, _losses((2.6872, 2.0361), (0.0004, 0.0004)), hidden=(48, 48, 48)),
    4: _planar(4, _losses((2.2229, 1.5491), (0.0167, 0.0192)), hidden=(48, 48), max_angle=math.pi / 2),
    5: _planar(5, _losses((2.6804, 2.8504), (0.3395, 0.3426)), hidden=(48, 48), learning_rate=1.0, schedule="constant"),
    6: _planar(
        6, _losses((2.4209, 2.4439), (0.6831, 0.7282)), hidden=(48, 48),
        max_angle=2.0, learning_rate=1e-4, schedule="constant", epochs=300,
    ),
}  # fmt: skip


def configs(effort: Effort) -> dict[tuple[int, ModelVariant], FitConfig]:
    """Model and variant → its settings, for the variants asked for."""
    found: dict[tuple[int, ModelVariant], FitConfig] = {}
    for number, recipe in PLANAR.items():
        if "as published" in effort.variants:
            found[number, "as published"] = recipe.config
        if "corrected" in effort.variants:
            if recipe.config.optimiser.schedule == "step":
                found[number, "as specified"] = recipe.config.replace(schedule="exponential", gamma=0.995)
            if number in REMEDIES:
                found[number, "remedied"] = recipe.config.replace(**REMEDIES[number])
    if effort.quick:
        found = {key: config.replace(epochs=min(config.epochs, QUICK_EPOCHS)) for key, config in found.items()}
    return found


def trainings(effort: Effort) -> Sequence[Training[Key]]:
    """Every variant of every model, for every seed."""
    found: list[Training[Key]] = []
    for (number, variant), config in configs(effort).items():
        more = MORE_STARTS.get(number, 1) if variant == "as published" and not effort.quick else 1
        seconds = SECONDS[number] * config.epochs / PLANAR[number].config.epochs
        seeds = range(more * len(effort.starts()))
        found += [Training(Key(number, variant, s), config.replace(seed=s), rows, seconds) for s in seeds]
    return found
