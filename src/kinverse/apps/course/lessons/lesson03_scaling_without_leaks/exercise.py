"""Lesson 3: scaling without leaks. Fill in the three functions, then run: kinverse course check 3."""

import numpy as np


def fit_minmax(train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Learn the min-max scaling of every column.

    Args:
        train: (n, f) rows.

    Returns:
        shift (f,) and scale (f,) such that (train - shift) / scale runs from 0 to 1 in every column. A constant column
        gets the scale 1, which avoids a division by zero.
    """
    raise NotImplementedError


def scale_splits(
    train: np.ndarray, validation: np.ndarray, test: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scale the rows of all three splits by (x - shift) / scale, without a leak.

    Args:
        train: (n, f) rows.
        validation: (m, f) rows.
        test: (k, f) rows.

    Returns:
        The three scaled tables, in the same order.
    """
    raise NotImplementedError


def unscale(scaled: np.ndarray, shift: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Convert scaled numbers, such as a network's predictions, back to their own units.

    Args:
        scaled: (n, f) scaled rows.
        shift: (f,) from `fit_minmax`.
        scale: (f,) from `fit_minmax`.

    Returns:
        (n, f) rows in their own units.
    """
    raise NotImplementedError
