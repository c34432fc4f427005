"""Trainings of the NAO study: the published network and better ones."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kinverse.apps.studies.nao import data
from kinverse.apps.studies.study import Effort, Recipe, Training
from kinverse.learning.training.config import FitConfig

Network = Literal["published", "a", "b"]

NAO_PUBLISHED = Recipe(
    "NAO right arm, 6-16-5",
    FitConfig.of(
        hidden=(16,),
        initialisers=("he_normal", "xavier_normal"),
        bias_initialiser="zeros",
        learning_rate=0.01,
        epochs=300,
        keep_best=False,  # the published script keeps the last weights
    ),
    {"scaled test MSE": 0.0185, "R², global mean": 0.7178},
)

NAO_BETTER = Recipe(
    "NAO right arm, better network",
    FitConfig.of(
        hidden=(128, 128, 128),
        activation="silu",
        inputs="pose",
        scale_features="standard",
        scale_targets="standard",
        learning_rate=3e-3,
        schedule="one_cycle",
        batch_size=128,
        epochs=150,
    ),
)

CONFIGS: dict[Network, FitConfig] = {
    "published": NAO_PUBLISHED.config,
    "a": NAO_BETTER.config.replace(hidden=(128,) * 4, learning_rate=1e-2, epochs=500),
    "b": NAO_BETTER.config.replace(learning_rate=5e-3, batch_size=512, epochs=51),
}
SECONDS: dict[Network, float] = {"published": 1.5, "a": 45.0, "b": 80.0}
QUICK: dict[Network, int] = {"published": 300, "a": 30, "b": 4}
"""Epochs of a quick look."""
LONG_STARTS = 3
"""Starts of track b, whose trainings are long."""


@dataclass(frozen=True)
class Key:
    """One training: an arm, a network and the seed of its rows and weights."""

    arm: str
    network: Network
    seed: int

    def __str__(self) -> str:
        return f"{self.arm}, {self.network}, seed {self.seed}"


def trainings(effort: Effort) -> Sequence[Training[Key]]:
    """Every network that is asked for, both arms, for every seed."""
    found = []
    for network, config in CONFIGS.items():
        if ("as published" if network == "published" else "corrected") not in effort.variants:
            continue
        epochs = QUICK[network] if effort.quick else config.epochs
        seconds = SECONDS[network] * epochs / config.epochs
        make = data.generated_rows if network == "b" else data.rows
        for arm in data.ARMS:
            for seed in effort.starts(LONG_STARTS if network == "b" else 5, quick=1):
                settings = config.replace(epochs=epochs, seed=seed)
                found.append(Training(Key(arm, network, seed), settings, functools.partial(make, arm, seed), seconds))
    return found
