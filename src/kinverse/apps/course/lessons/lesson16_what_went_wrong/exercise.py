"""Lesson 16: what went wrong. Fill in the three functions, then run: kinverse course check 16."""

import numpy as np


def spread(predictions: np.ndarray, targets: np.ndarray) -> float:
    """How much predictions differ from row to row, in parts of how much targets do.

    Args:
        predictions: (n, c).
        targets: (n, c).

    Returns:
        √(sum over the columns of the predictions' variance / sum over the columns of the targets' variance): 0 for a
        constant output, about 1 for a good one.
    """
    raise NotImplementedError


def fall(history: np.ndarray) -> float:
    """By which part the loss fell over the last tenth of the epochs.

    Args:
        history: (epochs + 1,) losses, the first one before the first step.

    Returns:
        (before − last) / before, where before is the loss one tenth of the epochs (at least one) ago; negative where
        it rose.
    """
    raise NotImplementedError


def diagnose(history: np.ndarray, floor: float, predictions: np.ndarray, targets: np.ndarray) -> str:
    """Name what went wrong.

    Args:
        history: (epochs + 1,) training losses.
        floor: the lowest loss that the bounds on the outputs allow; 0 where everything can be reached.
        predictions: (n, c) of the network at its end.
        targets: (n, c).

    Returns:
        The first that holds of
        "constant output" (the spread is below 0.02),
        "reachability floor" (there is a floor, and the last loss is below 1.5 times it),
        "still falling" (the fall is above 0.05),
        "nothing found".
    """
    raise NotImplementedError
