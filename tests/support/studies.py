"""Trainings of a moment for the studies' own machinery."""

from __future__ import annotations

import functools

import kinverse as kv
from kinverse.apps.studies.study import Training
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.training.config import FitConfig

TINY = FitConfig(hidden=(4,), epochs=3, learning_rate=0.01, scale_features="none")


@functools.cache
def few_points() -> Dataset:
    """An 8 × 8 grid for the planar arm; a function of a module, so that another process finds it."""
    return kv.grid_dataset("planar3", points_per_axis=8)


def training(name: str, epochs: int = 3, seed: int = 0, rate: float = 0.01) -> Training:
    config = FitConfig(hidden=(4,), epochs=epochs, learning_rate=rate, scale_features="none", seed=seed)
    return Training(name, config, few_points)
