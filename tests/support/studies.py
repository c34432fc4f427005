"""Trainings of a moment, for tests of the frame of studies."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

import kinverse as kv
from kinverse.apps.studies.study import Training
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.history import History


@dataclass(frozen=True)
class SmallKey:
    """A name and a seed."""

    name: str
    seed: int = 0

    def __str__(self) -> str:
        return f"{self.name}, seed {self.seed}"


@functools.cache
def few_points() -> Dataset:
    """An 8 × 8 grid for the planar arm; a function of a module, so that another process finds it."""
    return kv.grid_dataset("planar3", points_per_axis=8)


def small_training(name: str, epochs: int = 3, seed: int = 0, rate: float = 0.01) -> Training[SmallKey]:
    config = FitConfig.of(hidden=(4,), epochs=epochs, learning_rate=rate, scale_features="none", seed=seed)
    return Training(SmallKey(name, seed), config, few_points)


def history_of(train: list[float], validation: list[float] | None = None) -> History:
    """A history with these losses."""
    validation = train if validation is None else validation
    return History(np.arange(len(train)), np.array(train), np.array(validation), np.full(len(train), 0.1))
