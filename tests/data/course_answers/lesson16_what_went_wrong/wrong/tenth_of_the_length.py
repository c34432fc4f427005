# the_fall: over the last
"""Lesson 16: what went wrong, solved."""

import numpy as np


def spread(predictions: np.ndarray, targets: np.ndarray) -> float:
    """The spread of the predictions over the rows, as a fraction of the spread of the targets."""
    return float(np.sqrt(predictions.var(axis=0).sum() / targets.var(axis=0).sum()))


def fall(history: np.ndarray) -> float:
    """The fraction by which the loss fell over the last tenth of the epochs."""
    tenth = max(len(history) // 10, 1)
    before = history[-tenth - 1]
    return float((before - history[-1]) / before)


def diagnose(history: np.ndarray, floor: float, predictions: np.ndarray, targets: np.ndarray) -> str:
    """Find the cause of a bad training."""
    if spread(predictions, targets) < 0.02:
        return "constant output"
    if floor > 0.0 and history[-1] < 1.5 * floor:
        return "reachability floor"
    if fall(history) > 0.05:
        return "still falling"
    return "nothing found"


# The order of the rules matters: an earlier cause explains the evidence for a later one.
