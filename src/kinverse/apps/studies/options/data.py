"""The small tasks on which every option is tried."""

from __future__ import annotations

import functools

import numpy as np

import kinverse as kv
from kinverse.learning.data.dataset import Dataset, Manifest, Table
from kinverse.learning.data.splits import split_indices

POINTS_PER_AXIS = 20
SPLIT_SEED = 42


@functools.cache
def grid() -> Dataset:
    """Positions to reach with the three-link arm: 20 × 20 points on [0, 2]² m, without joint positions."""
    arm = kv.load_arm("planar3")
    axis = np.linspace(0.0, 2.0, POINTS_PER_AXIS)
    points = np.column_stack([a.ravel() for a in np.meshgrid(axis, axis)])
    manifest = Manifest(
        name="planar3-grid",
        source=f"grid of {POINTS_PER_AXIS} × {POINTS_PER_AXIS} tool positions on [0, 2]² m",
        encoding="xy",
        feature_names=("x", "y"),
        feature_units=("m", "m"),
        seed=SPLIT_SEED,
    )
    return _split(points, np.empty((len(points), 0)), manifest.with_arm(arm))


@functools.cache
def rings(kind: str = "numbers") -> Dataset:
    """The same points in three classes: closer to the base than 1 m, between 1 and 2 m, farther.

    Args:
        kind: the form of the targets: "numbers" 0, 1, 2; "columns", one for each class, 0 or 1; "signs", +1 for the
            first class and −1 for the others.
    """
    data = grid()
    points = np.concatenate([table.features for table in data.splits.values()])
    number = np.minimum(np.linalg.norm(points, axis=1), 2.999).astype(int)
    targets = {
        "numbers": number[:, None].astype(float),
        "columns": np.eye(3)[number],
        "signs": np.where(number == 0, 1.0, -1.0)[:, None],
    }[kind]
    names = ("near", "middle", "far") if kind == "columns" else ("ring",)
    manifest = Manifest(
        name=f"rings-{kind}",
        source="the grid's points by their distance from the base: below 1 m, 1 to 2 m, above",
        feature_names=("x", "y"),
        feature_units=("m", "m"),
        target_names=names,
        target_units=("",) * len(names),
        seed=SPLIT_SEED,
    )
    return _split(points, targets, manifest)


def rings_for(loss: str) -> str:
    """The form of the classes that a loss takes."""
    return {"bce": "columns", "kl": "columns", "hinge_embedding": "signs"}.get(loss, "numbers")


@functools.cache
def noisy_rows() -> Dataset:
    """Few rows and noise: the distance of 60 points from the base, measured with an error of 0.1 m."""
    generator = np.random.default_rng(0)
    points = generator.uniform(0.0, 2.0, (260, 2))
    targets = np.linalg.norm(points, axis=1, keepdims=True) + generator.normal(0.0, 0.1, (260, 1))
    manifest = Manifest(
        name="noisy-distance",
        source="distance from the base with an error of 0.1 m, 60 training rows",
        feature_names=("x", "y"),
        feature_units=("m", "m"),
        target_names=("distance",),
        target_units=("m",),
    )
    tables = {"train": slice(0, 60), "validation": slice(60, 260)}
    return Dataset.from_tables({k: Table(points[rows], targets[rows]) for k, rows in tables.items()}, manifest)


def _split(features: np.ndarray, targets: np.ndarray, manifest: Manifest) -> Dataset:
    indices = split_indices(len(features), (0.6, 0.2, 0.2), SPLIT_SEED)
    tables = {name: Table(features[rows], targets[rows]) for name, rows in indices.named().items()}
    return Dataset.from_tables(tables, manifest)
