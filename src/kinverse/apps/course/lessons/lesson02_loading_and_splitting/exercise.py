"""Lesson 2: loading and splitting. Fill in the two functions, then run: kinverse course check 2."""

from pathlib import Path

import numpy as np


def load_rows(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read rows of the planar arm from a CSV file.

    The first line names the columns x, y [m] and theta1, theta2, theta3 [rad], in any order. Rows with a missing value
    (nothing between two commas) are skipped.

    Args:
        path: the file.

    Returns:
        Features (n, 2) with x and y, and targets (n, 3) with the angles, in this order.
    """
    raise NotImplementedError


def split_rows(features: np.ndarray, targets: np.ndarray, seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Shuffle rows and split them: 60 % train, 20 % validation, 20 % test.

    Args:
        features: (n, 2) tool positions.
        targets: (n, 3) joint angles of the same rows.
        seed: the same seed gives the same split; NumPy's global generator must not change.

    Returns:
        "train", "validation" and "test" → (features, targets). Every row is in exactly one of them.
    """
    raise NotImplementedError
