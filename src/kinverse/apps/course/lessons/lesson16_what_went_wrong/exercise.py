"""Lesson 16: what went wrong. Fill in the three functions, then run: kinverse course check 16."""

import numpy as np


def spread(predictions: np.ndarray, targets: np.ndarray) -> float:
    """The spread of the predictions over the rows, as a fraction of the spread of the targets.

    Args:
        predictions: (n, c) predictions.
        targets: (n, c) targets.

    Returns:
        √(sum over the columns of the predictions' variance / sum over the columns of the targets' variance): 0 for a
        constant output, about 1 for a good one.
    """
    raise NotImplementedError


def fall(history: np.ndarray) -> float:
    """The fraction by which the loss fell over the last tenth of the epochs.

    Args:
        history: (epochs + 1,) losses, the first one before the first step.

    Returns:
        (before − last) / before, where before is the loss one tenth of the epochs (at least one) ago; negative if it
        rose.
    """
    raise NotImplementedError


def diagnose(history: np.ndarray, floor: float, predictions: np.ndarray, targets: np.ndarray) -> str:
    """Find the cause of a bad training.

    Args:
        history: (epochs + 1,) training losses.
        floor: the smallest loss that the bounds on the outputs allow; 0 if every target can be reached.
        predictions: (n, c) predictions of the trained network.
        targets: (n, c) targets.

    Returns:
        The first that holds of
        "constant output" (the spread is below 0.02),
        "reachability floor" (there is a floor, and the last loss is below 1.5 times it),
        "still falling" (the fall is above 0.05),
        "nothing found".
    """
    raise NotImplementedError
