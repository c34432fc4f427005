# every_row_is_read: was the line of names read as a row, or a row as names?
import csv
from pathlib import Path

import numpy as np


def load_rows(path: Path) -> tuple[np.ndarray, np.ndarray]:
    table = np.loadtxt(path, delimiter=",", skiprows=2)
    return table[:, :2], table[:, 2:]


def split_rows(features: np.ndarray, targets: np.ndarray, seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    order = np.random.default_rng(seed).permutation(len(features))
    first, second = round(0.6 * len(order)), round(0.8 * len(order))
    parts = {"train": order[:first], "validation": order[first:second], "test": order[second:]}
    return {name: (features[rows], targets[rows]) for name, rows in parts.items()}
