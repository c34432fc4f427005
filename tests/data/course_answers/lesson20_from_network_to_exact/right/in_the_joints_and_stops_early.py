from collections.abc import Callable

import numpy as np

DAMPING = 0.01


def damped_step(J: np.ndarray, error: np.ndarray, damping: float) -> np.ndarray:
    """The joint motion that makes ‖J dq − error‖² + damping² ‖dq‖² as small as possible."""
    n = J.shape[1]
    return np.linalg.inv(J.T @ J + damping**2 * np.eye(n)) @ J.T @ error


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
    place = q.copy()
    for _ in range(steps):
        error = target - forward(place)
        if np.linalg.norm(error) < 1e-12:
            break
        place += damped_step(jacobian(place), error, 0.005)
        place = np.minimum(np.maximum(place, lower), upper)
    return place


def is_solution(
    forward: Callable[[np.ndarray], np.ndarray],
    q: np.ndarray,
    target: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    tolerance: float,
) -> bool:
    """Whether q brings the tool to within tolerance of the target, inside the joint limits."""
    if not np.isfinite(q).all() or (q < lower).any() or (q > upper).any():
        return False
    return bool(np.sqrt(((forward(q) - target) ** 2).sum()) <= tolerance)
