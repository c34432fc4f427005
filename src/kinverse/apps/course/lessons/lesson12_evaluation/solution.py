"""Lesson 12: evaluation, solved."""

from collections.abc import Callable

import numpy as np


def r2_per_joint(actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """R² of every joint: 1 − Σ (error²) / Σ (distance from the joint's own mean)²."""
    errors = ((actual - predicted) ** 2).sum(axis=0)
    moves = np.ptp(actual, axis=0) > 0.0
    spread = ((actual - actual.mean(axis=0)) ** 2).sum(axis=0)
    return np.where(moves, 1.0 - errors / np.where(moves, spread, 1.0), np.where(errors == 0.0, 1.0, 0.0))


def tool_errors(forward: Callable[[np.ndarray], np.ndarray], predicted: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The distance of the tool from its target, for every prediction."""
    return 1000.0 * np.linalg.norm(forward(predicted) - targets, axis=1)


def summary(errors: np.ndarray) -> dict[str, float]:
    """A summary of many errors for a report."""
    median, p95 = np.quantile(errors, [0.5, 0.95])
    return {"median": float(median), "p95": float(p95), "worst": float(errors.max())}


# The range shows whether a joint moves: the rounded mean of a constant column need not be that constant.
