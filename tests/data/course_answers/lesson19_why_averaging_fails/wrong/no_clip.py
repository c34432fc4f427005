# both_answers_reach: holds nan
"""Lesson 19: why averaging fails, solved."""

import numpy as np


def two_answers(x: float, y: float, l1: float, l2: float) -> np.ndarray:
    """Both solutions of a two-link arm for a reachable target."""
    elbow = np.arccos((x * x + y * y - l1 * l1 - l2 * l2) / (2.0 * l1 * l2))
    return np.array([[_shoulder(x, y, l1, l2, q2), q2] for q2 in (elbow, -elbow)])


def _shoulder(x: float, y: float, l1: float, l2: float, q2: float) -> float:
    """The first joint for a given elbow angle."""
    return np.arctan2(y, x) - np.arctan2(l2 * np.sin(q2), l1 + l2 * np.cos(q2))


def squared_error_answer(answers: np.ndarray) -> np.ndarray:
    """The joint positions with the smallest mean squared error to all of them."""
    return answers.mean(axis=0)


def best_head_loss(tools: np.ndarray, targets: np.ndarray) -> float:
    """The mean over the rows of the smallest squared distance among the heads."""
    distances = ((tools - targets[:, None]) ** 2).sum(axis=2)  # (n, heads)
    return float(distances.min(axis=1).mean())


# two_answers gives two rows; the tool at their squared_error_answer is not at the target.
