"""Lesson 2: loading and splitting. Fill in the two functions, then run: kinverse course check 2."""

from pathlib import Path

import numpy as np


def load_rows(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read rows of the planar arm from a CSV file.

    The first line names the columns x, y [m] and theta1, theta2, theta3 [rad], in any order. Rows in which a value is
    missing (nothing between two commas) are left out.

    Args:
        path: the file.

    Returns:
        Features (n, 2) with x and y, and targets (n, 3) with the angles, in the order in which they are named here.
    """
    raise NotImplementedError


def split_rows(features: np.ndarray, targets: np.ndarray, seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Shuffle rows and split them: 60 % train, 20 % validation, 20 % test.

    Args:
        features: (n, 2) tool positions.
        targets: (n, 3) angles that belong to them.
        seed: the same seed gives the same split; NumPy's global generator is left alone.

    Returns:
        "train", "validation" and "test" → (features, targets). Every row is in exactly one of them.
    """
    raise NotImplementedError
