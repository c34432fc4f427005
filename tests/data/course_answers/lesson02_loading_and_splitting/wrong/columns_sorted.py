# columns_by_name: are columns selected by position?
import csv
from pathlib import Path

import numpy as np


def load_rows(path: Path) -> tuple[np.ndarray, np.ndarray]:
    with Path(path).open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if all(row.values())]
    table = np.array([[float(value) for value in row.values()] for row in rows])
    return table[:, :2], table[:, 2:]


def split_rows(features: np.ndarray, targets: np.ndarray, seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    order = np.random.default_rng(seed).permutation(len(features))
    first, second = round(0.6 * len(order)), round(0.8 * len(order))
    parts = {"train": order[:first], "validation": order[first:second], "test": order[second:]}
    return {name: (features[rows], targets[rows]) for name, rows in parts.items()}
