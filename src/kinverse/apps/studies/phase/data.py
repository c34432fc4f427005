"""The 36 points of the phase study, the published split, and splits that leave points out."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Int

from kinverse.errors import ConfigError
from kinverse.learning.data.dataset import Dataset, Manifest, Table
from kinverse.read_columns import read_matrix

# The points of the published workshop material that this study repeats, every digit as there.
POINTS = Path(__file__).parent / "phase.csv"
PHASES = ("solid", "liquid", "vapour")
"""Names of classes 0, 1 and 2."""
TRAIN_ROWS, SPLIT_SEED = 28, 100
FOLD_SEED, STOPPING_SHARE = 0, 0.2


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
        raise ConfigError(f"{count} points have 2 … {count} folds, numbered from 0; got fold {fold} of {folds}")
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
