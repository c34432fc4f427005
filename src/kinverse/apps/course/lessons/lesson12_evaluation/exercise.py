"""Lesson 12: evaluation. Fill in the three functions, then run: kinverse course check 12."""

from collections.abc import Callable

import numpy as np


def r2_per_joint(actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """R² of every joint: 1 − Σ (error²) / Σ (distance from the joint's own mean)².

    Args:
        actual: (n, joints) true angles [rad].
        predicted: (n, joints) answers [rad].

    Returns:
        (joints,) one R² each. A joint whose true angle never changes gets 1 if every answer is exact, and 0 otherwise.
    """
    raise NotImplementedError


def tip_errors(forward: Callable[[np.ndarray], np.ndarray], predicted: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """How far the tip is from its target, for every answer.

    Args:
        forward: forward kinematics, from (n, joints) angles [rad] to (n, 3) positions of the tip [m].
        predicted: (n, joints) answers [rad].
        targets: (n, 3) where the tip should be [m].

    Returns:
        (n,) distances [mm].
    """
    raise NotImplementedError


def summary(errors: np.ndarray) -> dict[str, float]:
    """What a report says about many errors.

    Args:
        errors: (n,) each 0 or more.

    Returns:
        "median": half of the errors are below it; "p95": 95 % are below it; "worst": the largest.
    """
    raise NotImplementedError
