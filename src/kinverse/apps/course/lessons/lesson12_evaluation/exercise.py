"""Lesson 12: evaluation. Fill in the three functions, then run: kinverse course check 12."""

from collections.abc import Callable

import numpy as np


def r2_per_joint(actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """R² of every joint: 1 − Σ (error²) / Σ (distance from the joint's own mean)².

    Args:
        actual: (n, joints) true angles [rad].
        predicted: (n, joints) predictions [rad].

    Returns:
        (joints,) one R² each. A joint with a constant true angle gets 1 if every prediction is exact, and 0 otherwise.
    """
    raise NotImplementedError


def tool_errors(forward: Callable[[np.ndarray], np.ndarray], predicted: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The distance of the tool from its target, for every prediction.

    Args:
        forward: forward kinematics, from (n, joints) angles [rad] to (n, 3) positions of the tool [m].
        predicted: (n, joints) predictions [rad].
        targets: (n, 3) target positions of the tool [m].

    Returns:
        (n,) distances [mm].
    """
    raise NotImplementedError


def summary(errors: np.ndarray) -> dict[str, float]:
    """A summary of many errors for a report.

    Args:
        errors: (n,) errors, each ≥ 0.

    Returns:
        "median": half of the errors are below it; "p95": 95 % are below it; "worst": the largest.
    """
    raise NotImplementedError
