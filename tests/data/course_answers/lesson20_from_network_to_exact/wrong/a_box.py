# is_solution: it is a distance
"""Lesson 20: from network to exact, solved."""

from collections.abc import Callable

import numpy as np

DAMPING = 0.01


def damped_step(J: np.ndarray, error: np.ndarray, damping: float) -> np.ndarray:
    """The joint motion that minimises ‖J dq − error‖² + damping² ‖dq‖²."""
    return J.T @ np.linalg.solve(J @ J.T + damping**2 * np.eye(len(error)), error)


def refine(
    forward: Callable[[np.ndarray], np.ndarray],
    jacobian: Callable[[np.ndarray], np.ndarray],
    q: np.ndarray,
    target: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    steps: int,
) -> np.ndarray:
    """Take damped steps from q towards the target, inside the limits."""
    for _ in range(steps):
        step = damped_step(jacobian(q), target - forward(q), DAMPING)
        q = np.clip(q + step, lower, upper)
    return q


def is_solution(
    forward: Callable[[np.ndarray], np.ndarray],
    q: np.ndarray,
    target: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    tolerance: float,
) -> bool:
    """Whether q brings the tool to within tolerance of the target, inside the joint limits."""
    arrives = np.all(np.abs(forward(q) - target) <= tolerance)  # False for NaN, which is smaller than nothing
    return bool(arrives and np.all(q >= lower) and np.all(q <= upper))


# q + step makes a new array each time, so the caller's q never changes.
