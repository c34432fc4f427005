"""The rows of the planar study."""

from __future__ import annotations

import functools

import kinverse as kv
from kinverse.learning.data.dataset import Dataset


@functools.cache
def rows() -> Dataset:
    """The published grid: 100 × 100 points on [0, 2]² m, 80/20."""
    return kv.grid_dataset("planar3")
