"""Rows for the bank: arms, waves and classes, each drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

import kinverse as kv
from kinverse.learning.data.dataset import Dataset, Manifest, Table

Rows = Callable[[int], Dataset]


def table_dataset(name: str, tables: dict[str, tuple[np.ndarray, np.ndarray]], columns: tuple[str, ...]) -> Dataset:
    """Features and one target column as a data set without an arm."""
    manifest = Manifest(
        name, "made", feature_names=columns, feature_units=("",) * len(columns), target_names=("y",), target_units=("",)
    )
    return Dataset.from_tables({split: Table(x, y.reshape(-1, 1)) for split, (x, y) in tables.items()}, manifest)


def cut(name: str, x: np.ndarray, y: np.ndarray, validation: int, columns: tuple[str, ...]) -> Dataset:
    """The last rows for validation, the rest for training; rows come in random order."""
    parts = {"train": (x[:-validation], y[:-validation]), "validation": (x[-validation:], y[-validation:])}
    return table_dataset(name, parts, columns)


def sine(train: int, validation: int, noise: float = 0.1, low: float = 0.0, width: float = 1.0) -> Rows:
    """A regression: y = sin(5 x) with noise, x uniform in a range that may lie far from zero."""

    def rows(seed: int) -> Dataset:
        generator = np.random.default_rng((seed, 1))
        u = generator.uniform(size=train + validation)
        y = np.sin(5.0 * u) + noise * generator.normal(size=len(u))
        return cut("sine", (low + width * u)[:, None], y, validation, ("x",))

    return rows


def complexity(seed: int) -> Dataset:
    """The 25 points of the published study of model complexity; always the same."""
    random = np.random.RandomState(5)
    x = random.normal(np.linspace(0, 1, 25), 0.01)
    y = random.normal(np.sin(5.0 * (x + 0.082)), 0.2)
    order = random.permutation(25)
    return cut("complexity", x[order][:, None], y[order], 5, ("x",))


def bump(train: int, validation: int, noise: float = 0.02) -> Rows:
    """A regression: y = exp(−8 r²) over four columns, of which two matter."""

    def rows(seed: int) -> Dataset:
        generator = np.random.default_rng((seed, 2))
        x = generator.uniform(-1.0, 1.0, size=(train + validation, 4))
        y = np.exp(-4.0 * (x[:, 0] ** 2 + x[:, 1] ** 2)) + noise * generator.normal(size=len(x))
        return cut("bump", x, y, validation, ("a", "b", "c", "d"))

    return rows


def wave(train: int, validation: int, noise: float = 0.02) -> Rows:
    """A regression: y = sin(3 a) + sin(3 b)/2 over three columns."""

    def rows(seed: int) -> Dataset:
        generator = np.random.default_rng((seed, 6))
        x = generator.uniform(-1.0, 1.0, size=(train + validation, 3))
        y = np.sin(3.0 * x[:, 0]) + 0.5 * np.sin(3.0 * x[:, 1]) + noise * generator.normal(size=len(x))
        return cut("wave", x, y, validation, ("a", "b", "c"))

    return rows


def blobs(train: int, validation: int, spread: float = 0.5) -> Rows:
    """Three classes around three points of the plane."""

    def rows(seed: int) -> Dataset:
        generator = np.random.default_rng((seed, 3))
        kinds = generator.integers(0, 3, size=train + validation)
        middles = np.array([[0.0, 1.0], [-0.9, -0.5], [0.9, -0.5]])
        x = middles[kinds] + spread * generator.normal(size=(len(kinds), 2))
        return cut("blobs", x, kinds.astype(float), validation, ("x", "y"))

    return rows


def ring(train: int, validation: int) -> Rows:
    """Two classes, one around the other."""

    def rows(seed: int) -> Dataset:
        generator = np.random.default_rng((seed, 4))
        kinds = generator.integers(0, 2, size=train + validation)
        angle = generator.uniform(0.0, 2.0 * np.pi, size=len(kinds))
        radius = 0.5 + kinds + 0.15 * generator.normal(size=len(kinds))
        x = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
        return cut("ring", x, kinds.astype(float), validation, ("x", "y"))

    return rows


def phase(train: int, validation: int) -> Rows:
    """Solid, liquid or vapour by temperature [K] and pressure [atm], with straight borders."""

    def rows(seed: int) -> Dataset:
        generator = np.random.default_rng((seed, 5))
        x = generator.uniform([2.0, 0.05], [50.0, 1.0], size=(train + validation, 2))
        melts, boils = 9.0 + 10.0 * x[:, 1], 10.0 + 38.0 * x[:, 1]
        kinds = np.where(x[:, 0] < np.minimum(melts, boils), 0, np.where(x[:, 0] < boils, 1, 2))
        return cut("phase", x, kinds.astype(float), validation, ("temperature_K", "pressure_atm"))

    return rows


def grid(points: int) -> Rows:
    """The square of the planar arm; the split is always the same."""
    return lambda seed: kv.grid_dataset("planar3", points)


def joints(rows: int, encoding: str | None = None) -> Rows:
    """Joint samples of NAO's right arm."""
    return lambda seed: kv.joint_dataset("nao-right", rows, seed, encoding)


def without_joints(rows: int) -> Rows:
    """Positions that NAO's right arm reaches, with no joints to compare with."""

    def made(seed: int) -> Dataset:
        full = kv.joint_dataset("nao-right", rows, seed, "xyz")
        manifest = replace(full.manifest, target_names=(), target_units=())
        tables = {split: Table(t.features, t.targets[:, :0]) for split, t in full.splits.items()}
        return Dataset.from_tables(tables, manifest)

    return made


def repeated(rows: Rows, share: float) -> Rows:
    """The same rows with a share of the validation rows replaced by training rows."""

    def made(seed: int) -> Dataset:
        data = rows(seed)
        count = round(share * len(data.validation))
        tables = dict(data.splits)
        tables["validation"] = Table(
            *(
                np.concatenate([getattr(data.train, part)[:count], getattr(data.validation, part)[count:]])
                for part in ("features", "targets")
            )
        )
        return Dataset.from_tables(tables, data.manifest)

    return made


def with_answer(rows: Rows) -> Rows:
    """The same rows with the target as one more feature."""

    def made(seed: int) -> Dataset:
        data = rows(seed)
        tables = {s: Table(np.hstack([t.features, 3.0 * t.targets + 1.0]), t.targets) for s, t in data.splits.items()}
        manifest = replace(
            data.manifest,
            feature_names=(*data.manifest.feature_names, "answer"),
            feature_units=(*data.manifest.feature_units, ""),
        )
        return Dataset.from_tables(tables, manifest)

    return made
