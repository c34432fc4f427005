"""Lesson 19: why averaging fails. Fill in the three functions, then run: kinverse course check 19."""

import numpy as np


def two_answers(x: float, y: float, l1: float, l2: float) -> np.ndarray:
    """Both joint positions of a two-link arm for a target that it reaches.

    The tool is at (l1 cos q1 + l2 cos(q1 + q2), l1 sin q1 + l2 sin(q1 + q2)).

    Args:
        x: of the target [m].
        y: of the target [m].
        l1: length of the first link [m].
        l2: length of the second link [m].

    Returns:
        (2, 2) one row (q1, q2) [rad] for each way to bend the elbow.
    """
    raise NotImplementedError


def squared_error_answer(answers: np.ndarray) -> np.ndarray:
    """The joint positions that a network learns for a target whose rows in the data are these, with MSE on joints.

    Args:
        answers: (n, dof) joint positions of the rows with this target [rad].

    Returns:
        (dof,) the one answer with the smallest mean squared error to all of them.
    """
    raise NotImplementedError


def best_head_loss(tools: np.ndarray, targets: np.ndarray) -> float:
    """Loss of a network with several heads: each row counts with its best head.

    Args:
        tools: (n, heads, 2) where the tool gets with the joints of each head [m].
        targets: (n, 2) where it should be [m].

    Returns:
        The mean over the rows of the smallest squared distance among the heads [m²].
    """
    raise NotImplementedError
