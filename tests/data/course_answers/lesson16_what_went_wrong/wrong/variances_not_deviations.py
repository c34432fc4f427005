# the_spread: without the root
import numpy as np


def spread(predictions: np.ndarray, targets: np.ndarray) -> float:
    """How much predictions differ from row to row, in parts of how much targets do."""
    return float(predictions.var(axis=0).sum() / targets.var(axis=0).sum())


def fall(history: np.ndarray) -> float:
    """By which part the loss fell over the last tenth of the epochs."""
    tenth = max((len(history) - 1) // 10, 1)
    before = history[-tenth - 1]
    return float((before - history[-1]) / before)


def diagnose(history: np.ndarray, floor: float, predictions: np.ndarray, targets: np.ndarray) -> str:
    """Name what went wrong."""
    if spread(predictions, targets) < 0.02:
        return "constant output"
    if floor > 0.0 and history[-1] < 1.5 * floor:
        return "reachability floor"
    if fall(history) > 0.05:
        return "still falling"
    return "nothing found"
