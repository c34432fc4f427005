# pairs: shuffled separately?
import csv
from pathlib import Path

import numpy as np


def load_rows(path: Path) -> tuple[np.ndarray, np.ndarray]:
    with Path(path).open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if all(row.values())]
    columns = {name: [float(row[name]) for row in rows] for name in ("x", "y", "theta1", "theta2", "theta3")}
    features = np.column_stack([columns["x"], columns["y"]])
    return features, np.column_stack([columns["theta1"], columns["theta2"], columns["theta3"]])


def split_rows(features: np.ndarray, targets: np.ndarray, seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    generator = np.random.default_rng(seed)
    order, other = generator.permutation(len(features)), generator.permutation(len(features))
    targets = targets[other]
    first, second = round(0.6 * len(order)), round(0.8 * len(order))
    parts = {"train": order[:first], "validation": order[first:second], "test": order[second:]}
    return {name: (features[rows], targets[rows]) for name, rows in parts.items()}
