"""Rows with a fault of their own: repeated, sorted, shuffled, constant, in other units, or without a relation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from kinverse.learning.data.dataset import Dataset, Table
from tests.support.faulty_trainings.rows import Rows

Change = Callable[[np.ndarray, np.ndarray, np.random.Generator], tuple[np.ndarray, np.ndarray]]


def changed(rows: Rows, change: Change) -> Rows:
    """The same rows with features and targets of each split changed."""

    def made(seed: int) -> Dataset:
        data, generator = rows(seed), np.random.default_rng((seed, 7))
        tables = {name: Table(*change(t.features, t.targets, generator)) for name, t in data.splits.items()}
        return Dataset.from_tables(tables, data.manifest)

    return made


def shuffled(rows: Rows, share: float = 1.0) -> Rows:
    """The targets of a share of the rows belong to other rows of the same split."""

    def change(x: np.ndarray, y: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        y, chosen = y.copy(), generator.permutation(len(y))[: round(share * len(y))]
        y[chosen] = y[generator.permutation(chosen)]
        return x, y

    return changed(rows, change)


def unrelated(rows: Rows) -> Rows:
    """Features drawn anew, which say nothing about the targets."""

    def change(x: np.ndarray, y: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        return generator.uniform(x.min(axis=0), x.max(axis=0), size=x.shape), y

    return changed(rows, change)


def scaled_targets(rows: Rows, factor: float, offset: float = 0.0) -> Rows:
    """Targets in another unit."""
    return changed(rows, lambda x, y, generator: (x, factor * y + offset))


def constant_target(rows: Rows, column: int, value: float) -> Rows:
    """One target column with the same value in every row."""

    def change(x: np.ndarray, y: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        y = y.copy()
        y[:, column] = value
        return x, y

    return changed(rows, change)


def near_copies(rows: Rows, share: float, noise: float) -> Rows:
    """A share of the validation rows are training rows, with noise on the features (relative to each one's spread)."""

    def made(seed: int) -> Dataset:
        data, generator = rows(seed), np.random.default_rng((seed, 8))
        count = round(share * len(data.validation))
        source, x = generator.permutation(len(data.train))[:count], data.train.features
        copies = x[source] + noise * x.std(axis=0) * generator.normal(size=(count, x.shape[1]))
        validation = Table(
            np.concatenate([copies, data.validation.features[count:]]),
            np.concatenate([data.train.targets[source], data.validation.targets[count:]]),
        )
        return Dataset.from_tables({**data.splits, "validation": validation}, data.manifest)

    return made


def noisy_answer(rows: Rows, noise: float, power: int = 1) -> Rows:
    """The first target, raised to a power and with relative noise, as one more feature."""

    def made(seed: int) -> Dataset:
        data, generator = rows(seed), np.random.default_rng((seed, 9))

        def with_answer(table: Table) -> Table:
            y = table.targets[:, :1]
            answer = y**power + noise * y.std() * generator.normal(size=y.shape)
            return Table(np.hstack([table.features, answer]), table.targets)

        manifest = replace(
            data.manifest,
            feature_names=(*data.manifest.feature_names, "answer"),
            feature_units=(*data.manifest.feature_units, ""),
        )
        return Dataset.from_tables({name: with_answer(t) for name, t in data.splits.items()}, manifest)

    return made


def sorted_split(rows: Rows, column: int = 0, by_target: bool = False) -> Rows:
    """The training rows are those with the smallest values of a column, and the validation rows the largest."""

    def made(seed: int) -> Dataset:
        data = rows(seed)
        x = np.concatenate([data.train.features, data.validation.features])
        y = np.concatenate([data.train.targets, data.validation.targets])
        order, count = np.argsort((y if by_target else x)[:, column], kind="stable"), len(data.train)
        tables = {"train": Table(x[order[:count]], y[order[:count]])}
        tables["validation"] = Table(x[order[count:]], y[order[count:]])
        return Dataset.from_tables(tables, data.manifest)

    return made
