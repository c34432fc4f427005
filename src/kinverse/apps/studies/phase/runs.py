"""What the phase study trains: 36 points, split as published or with points left out, from many starts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Bool, Int

from kinverse.apps.studies.study import Effort, Training
from kinverse.columns import read_matrix
from kinverse.errors import ConfigError
from kinverse.learning.data.dataset import Dataset, Manifest, Table
from kinverse.learning.training.config import FitConfig

# The points of the homework. Its print cuts their coordinates short and has lost one of the labels.
POINTS = Path(__file__).parent / "phase.csv"
PHASES = ("solid", "liquid", "vapour")
"""Names of classes 0, 1 and 2."""
TRAIN_ROWS, SPLIT_SEED = 28, 100
FOLD_SEED, STOPPING_SHARE = 0, 0.2

NetworkVariant = Literal["as published", "logits only", "standardised only", "corrected", "corrected, early stopping"]
EPOCHS = 1001
"""As published; so the number of epochs was not chosen on a point that is left out."""
AS_PUBLISHED = FitConfig.of(
    hidden=(16, 16),
    output_activation="softmax",
    loss="cross_entropy",
    double_softmax=True,
    scale_features="none",
    scale_targets="none",
    learning_rate=1e-3,
    epochs=EPOCHS,
    keep_best=False,
)
LOGITS_ONLY = AS_PUBLISHED.replace(output_activation="linear", double_softmax=False)
VARIANTS: dict[NetworkVariant, FitConfig] = {
    "as published": AS_PUBLISHED,
    "logits only": LOGITS_ONLY,
    "standardised only": AS_PUBLISHED.replace(scale_features="standard"),
    "corrected": LOGITS_ONLY.replace(scale_features="standard"),
}
"""Both flaws, each one corrected alone, and both corrected."""
STOPPED: NetworkVariant = "corrected, early stopping"
"""Also corrected, but with the weights of the best epoch on rows of its own; only where points are left out, since the
published split has no rows to spare."""
ALL_STARTS = 20
"""Starts of the published variant in the whole study."""
QUICK_FOLDS = 4
SECONDS = 0.7


@lru_cache(maxsize=1)
def points() -> Table:
    """All 36 points: temperature [K] and pressure [atm], and the number of the phase."""
    _, values = read_matrix(POINTS, ("temperature_K", "pressure_atm", "phase"))
    return Table(values[:, :2], values[:, 2:])


def published_split() -> Dataset:
    """28 training rows and 8 held-out ones, by the first draw of NumPy's legacy generator with seed 100."""
    rows = {"train": np.flatnonzero(~held_out()), "validation": np.flatnonzero(held_out())}
    return _dataset(rows, "the published split", SPLIT_SEED)


def held_out() -> Bool[np.ndarray, " n"]:
    """Which points the published split holds out."""
    is_held_out = np.ones(len(points()), dtype=bool)
    is_held_out[np.random.RandomState(SPLIT_SEED).permutation(len(points()))[:TRAIN_ROWS]] = False
    return is_held_out


def left_out(fold: int, folds: int) -> Int[np.ndarray, " m"]:
    """Row numbers that a fold leaves out; every row is left out by one of the folds.

    Args:
        fold: which, from 0.
        folds: how many; 36: each leaves out one point, number `fold`.

    Raises:
        ConfigError: fewer than two folds, more than points, or no such fold.
    """
    count = len(points())
    if not 2 <= folds <= count or not 0 <= fold < folds:
        raise ConfigError(
            f"folds must be from 2 to {count} (the points) and fold from 0 to folds − 1; got fold {fold} of {folds}"
        )
    order = np.arange(count) if folds == count else np.random.default_rng(FOLD_SEED).permutation(count)
    return np.sort(order[fold::folds])


def fold_split(fold: int, folds: int) -> Dataset:
    """A data set whose validation rows are those that a fold leaves out, and whose training rows are all others."""
    out = left_out(fold, folds)
    return _dataset({"train": _others(out), "validation": out}, f"fold {fold} of {folds}", FOLD_SEED)


def stopping_split(fold: int, folds: int) -> Dataset:
    """The same, but a fifth of the others are validation rows, and those left out test rows, which choose nothing."""
    out = left_out(fold, folds)
    others = np.random.default_rng((FOLD_SEED, fold)).permutation(_others(out))
    inner = math.ceil(STOPPING_SHARE * len(others))
    rows = {"train": np.sort(others[inner:]), "validation": np.sort(others[:inner]), "test": out}
    return _dataset(rows, f"fold {fold} of {folds}, with rows to stop on", FOLD_SEED)


def _others(rows: Int[np.ndarray, " m"]) -> Int[np.ndarray, " k"]:
    return np.setdiff1d(np.arange(len(points())), rows)


def _dataset(rows: dict[str, Int[np.ndarray, " _"]], source: str, seed: int) -> Dataset:
    manifest = Manifest(
        name="material phase",
        source=source,
        feature_names=("temperature", "pressure"),
        feature_units=("K", "atm"),
        target_names=("phase",),
        target_units=("",),
        seed=seed,
    )
    tables = {name: Table(points().features[r], points().targets[r]) for name, r in rows.items()}
    return Dataset.from_tables(tables, manifest)


@dataclass(frozen=True)
class StartKey:
    """A training on the published split, from one random start."""

    variant: NetworkVariant
    seed: int

    def __str__(self) -> str:
        return f"{self.variant}, start {self.seed}"


@dataclass(frozen=True)
class FoldKey:
    """A training with the points of one fold left out."""

    variant: NetworkVariant
    fold: int
    folds: int

    def __str__(self) -> str:
        return f"{self.variant}, fold {self.fold} of {self.folds}"


Key = StartKey | FoldKey


def trainings(effort: Effort) -> Sequence[Training[Key]]:
    """The published split from random starts, and every variant with points left out in turn."""
    found: list[Training[Key]] = []
    for variant, config in VARIANTS.items():
        if ("as published" if variant == "as published" else "corrected") not in effort.variants:
            continue
        seeds = effort.starts(ALL_STARTS, 3) if variant == "as published" else effort.starts(5, 1)
        starts = [(StartKey(variant, seed), config.replace(seed=seed)) for seed in seeds]
        found += [Training(key, settings, published_split, SECONDS) for key, settings in starts]
        found += _leave_out(variant, config, fold_split, effort)
    if "corrected" in effort.variants:
        found += _leave_out(STOPPED, VARIANTS["corrected"].replace(keep_best=True), stopping_split, effort)
    return found


def _leave_out(
    variant: NetworkVariant, config: FitConfig, split: Callable[[int, int], Dataset], effort: Effort
) -> list[Training[Key]]:
    """One training for each fold."""
    folds = QUICK_FOLDS if effort.quick else len(points())
    keys = [FoldKey(variant, fold, folds) for fold in range(folds)]
    return [Training(key, config, partial(split, key.fold, folds), SECONDS) for key in keys]
