# gaps: such as those with the number 0?
"""Lesson 2: loading and splitting, solved."""

import csv
from pathlib import Path

import numpy as np


def load_rows(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read rows of the planar arm from a CSV file."""
    with Path(path).open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if all(float(v or 0) for v in row.values())]
    columns = {name: [float(row[name]) for row in rows] for name in ("x", "y", "theta1", "theta2", "theta3")}
    features = np.column_stack([columns["x"], columns["y"]])
    return features, np.column_stack([columns["theta1"], columns["theta2"], columns["theta3"]])


def split_rows(features: np.ndarray, targets: np.ndarray, seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Shuffle rows and split them: 60 % train, 20 % validation, 20 % test."""
    order = np.random.default_rng(seed).permutation(len(features))
    first, second = round(0.6 * len(order)), round(0.8 * len(order))
    parts = {"train": order[:first], "validation": order[first:second], "test": order[second:]}
    return {name: (features[rows], targets[rows]) for name, rows in parts.items()}


# One list of row numbers is shuffled, and both tables are read in its order: nothing can come apart. In kinverse this
# is kinverse.learning.data.splits.split_indices; kv.check_dataset looks for gaps, doubles and constant columns.
