"""Lesson 19: why averaging fails. Fill in the three functions, then run: kinverse course check 19."""

import numpy as np


def two_answers(x: float, y: float, l1: float, l2: float) -> np.ndarray:
    """Both solutions of a two-link arm for a reachable target; at the edge of its reach they are one.

    The tool is at (l1 cos q1 + l2 cos(q1 + q2), l1 sin q1 + l2 sin(q1 + q2)).

    Args:
        x: x coordinate of the target [m].
        y: y coordinate of the target [m].
        l1: length of the first link [m].
        l2: length of the second link [m].

    Returns:
        (2, 2) one row (q1, q2) [rad] for each side of the elbow.
    """
    raise NotImplementedError


def squared_error_answer(answers: np.ndarray) -> np.ndarray:
    """The joint positions that a network learns with MSE on joints, if several rows have the same target.

    Args:
        answers: (n, dof) joint positions of the rows with this target [rad].

    Returns:
        (dof,) the joint positions with the smallest mean squared error to all of them.
    """
    raise NotImplementedError


def best_head_loss(tools: np.ndarray, targets: np.ndarray) -> float:
    """The loss of a network with several heads: each row uses its best head.

    Args:
        tools: (n, heads, 2) tool positions for the joints of each head [m].
        targets: (n, 2) target positions [m].

    Returns:
        The mean over the rows of the smallest squared distance among the heads [m²].
    """
    raise NotImplementedError
