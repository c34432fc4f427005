"""What the NAO study trains: the published network and better ones, on ARKOMA's rows and on many generated ones."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

import kinverse as kv
from kinverse.apps.studies.study import Effort, Recipe, Training
from kinverse.learning.data.arkoma import DRAWS, SPACING, Draw, joint_trajectory, printed_table
from kinverse.learning.data.dataset import Dataset, Table
from kinverse.learning.training.config import FitConfig

ARMS = ("nao-right", "nao-left")
GENERATED_ROWS = 200_000
GENERATED_SEED = 1000
"""Added to the seed, so that the generated rows of track b are none of the data set's own."""

Kind = Literal["drawn", "trajectory"]
KINDS: tuple[Kind, ...] = ("drawn", "trajectory")
"""Test rows drawn like the training rows, and test rows along a joint trajectory, as the published ones are."""

Network = Literal["published", "closest", "a", "b"]
"""The published network on uniform rows and on the closest match to the published ones, and two better ones."""

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
"""The figures are printed in the solutions of the workshop's session 3 (June 2025), not in its exercises."""

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
    "closest": NAO_PUBLISHED.config,
    "a": NAO_BETTER.config.replace(hidden=(128,) * 4, learning_rate=1e-2, epochs=500),
    "b": NAO_BETTER.config.replace(learning_rate=5e-3, batch_size=512, epochs=51),
}
SECONDS: dict[Network, float] = {"published": 1.5, "closest": 1.5, "a": 45.0, "b": 80.0}
QUICK: dict[Network, int] = {"published": 300, "a": 30, "b": 4}  # without the closest match
"""Epochs of a quick look."""
LONG_STARTS = 3
"""Starts of track b, whose trainings are long."""


@functools.lru_cache(maxsize=4)
def rows(arm: str, seed: int) -> Dataset:
    """ARKOMA's 6,000, 2,000 and 2,000 rows; the test rows along a joint trajectory, as published."""
    return kv.make_arkoma(arm, seed=seed)


def closest_rows(arm: str, seed: int) -> Dataset:
    """The same numbers of rows, from the closest match to the published ones."""
    return kv.make_arkoma(arm, seed=seed, draw="normal")


@functools.lru_cache(maxsize=2)
def generated_rows(arm: str, seed: int) -> Dataset:
    """Many generated training rows; validation and test rows are those of the data set itself."""
    own = rows(arm, seed)
    more = kv.make_arkoma(arm, rows=GENERATED_ROWS * 10 // 6, seed=GENERATED_SEED + seed).train
    manifest = replace(own.manifest, source=f"{len(more)} generated training rows; {own.manifest.source}")
    assert own.test is not None
    return Dataset.from_tables({"train": more, "validation": own.validation, "test": own.test}, manifest)


def test_rows(arm: str, seed: int) -> dict[Kind, Table]:
    """Both kinds of test rows of a data set; its training and validation rows are the same for both."""
    drawn, along = kv.make_arkoma(arm, seed=seed, test_rows="uniform").test, rows(arm, seed).test
    assert drawn is not None and along is not None
    return {"drawn": drawn, "trajectory": along}


@dataclass(frozen=True)
class RowDraw:
    """How test rows are drawn: their waypoints, and the fewest and most rows between two of them."""

    waypoints: Draw
    spacing: tuple[int, int]


ROW_DRAWS = [RowDraw(draw, spacing) for draw in DRAWS for spacing in SPACING.values()]
"""Plausible ones: how the published waypoints were drawn is not known."""


@functools.lru_cache(maxsize=40)
def rows_along(arm: str, seed: int, draw: RowDraw) -> Table:
    """As many test rows as were published."""
    chain, generator = kv.load_arm(arm), np.random.default_rng((seed, ROW_DRAWS.index(draw)))
    return printed_table(chain, joint_trajectory(chain, 2000, generator, draw.waypoints, draw.spacing))


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
    make: dict[Network, Callable[[str, int], Dataset]] = {
        "published": rows,
        "closest": closest_rows,
        "a": rows,
        "b": generated_rows,
    }
    for network, config in CONFIGS.items():
        if ("as published" if network in ("published", "closest") else "corrected") not in effort.variants:
            continue
        if effort.quick and network not in QUICK:
            continue
        epochs = QUICK[network] if effort.quick else config.epochs
        seconds = SECONDS[network] * epochs / config.epochs
        for arm in ARMS[:1] if network == "closest" else ARMS:  # the published figures are of the right arm
            for seed in effort.starts(LONG_STARTS if network == "b" else 5, quick=1):
                settings = config.replace(epochs=epochs, seed=seed)
                data = functools.partial(make[network], arm, seed)
                found.append(Training(Key(arm, network, seed), settings, data, seconds))
    return found
