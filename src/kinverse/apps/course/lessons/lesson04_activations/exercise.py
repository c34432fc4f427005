"""Lesson 4: activations. Fill in the three functions, then run: kinverse course check 4."""

import numpy as np


def sigmoid(x: np.ndarray) -> np.ndarray:
    """The sigmoid 1 / (1 + exp(−x)) of every number.

    Args:
        x: numbers of any size, also ±1000, in an array of any shape.

    Returns:
        An array of the same shape with values in 0 … 1; no overflow and no warning for any x.
    """
    raise NotImplementedError


def sigmoid_slope(x: np.ndarray) -> np.ndarray:
    """The derivative of the sigmoid at x.

    Args:
        x: numbers of any size, as above.

    Returns:
        An array of the same shape.
    """
    raise NotImplementedError


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities of the classes, separately for every row: exp(z_k) / Σ exp(z_j).

    Args:
        logits: (n, classes) numbers of any size.

    Returns:
        (n, classes) numbers ≥ 0; every row sums to 1.
    """
    raise NotImplementedError
