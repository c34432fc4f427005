"""Small data and settings that train in a moment."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kinverse as kv
from kinverse.learning.data.dataset import Dataset, Manifest, Table
from kinverse.learning.data.sampling import grid_dataset, joint_dataset
from kinverse.learning.training.config import FitConfig


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Small tensors gain nothing from threads, and the tests themselves run in parallel."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def joints() -> Dataset:
    """Joint samples of a NAO arm, 180/60/60 rows."""
    return joint_dataset(kv.load_arm("nao-right"), rows=300, seed=1)


@pytest.fixture(scope="session")
def grid() -> Dataset:
    """Positions without joints for the planar arm."""
    return grid_dataset(kv.load_arm("planar3"), points_per_axis=12)


@pytest.fixture(scope="session")
def classes() -> Dataset:
    """Three classes in the plane, by angle."""
    points = np.random.default_rng(0).normal(size=(120, 2))
    kind = np.digitize(np.arctan2(points[:, 1], points[:, 0]), [-1.0, 1.0]).astype(float)[:, None]
    manifest = Manifest(
        "sectors",
        "drawn",
        feature_names=("x", "y"),
        feature_units=("", ""),
        target_names=("sector",),
        target_units=("",),
    )
    cut = {"train": slice(0, 80), "validation": slice(80, 120)}
    return Dataset.from_tables({name: Table(points[rows], kind[rows]) for name, rows in cut.items()}, manifest)


@pytest.fixture
def quick() -> FitConfig:
    """A dozen epochs of a tiny network."""
    return FitConfig.of(hidden=(8, 8), epochs=12, learning_rate=0.01)
