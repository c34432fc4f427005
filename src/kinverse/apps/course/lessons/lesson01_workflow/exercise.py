"""Lesson 1: what a network has to beat. Fill in the three functions, then run: kinverse course check 1."""

import numpy as np


def constant_answer(train_targets: np.ndarray) -> np.ndarray:
    """The best answer of someone who never looks at the question: one number for every joint.

    Args:
        train_targets: (n, joints) angles of the training rows [rad].

    Returns:
        (joints,) of all constant answers the one with the smallest mean squared error on these rows.
    """
    raise NotImplementedError


def mean_squared_error(actual: np.ndarray, predicted: np.ndarray) -> float:
    """The mean of the squared differences, over all rows and joints.

    Args:
        actual: (n, joints) angles [rad].
        predicted: (n, joints) angles [rad].

    Returns:
        One number [rad²].
    """
    raise NotImplementedError


def beats_constant(train_targets: np.ndarray, test_targets: np.ndarray, predicted: np.ndarray) -> bool:
    """Whether a network is better than the constant answer, on rows that neither of them has seen.

    Args:
        train_targets: (n, joints) angles of the training rows [rad].
        test_targets: (m, joints) angles of the test rows [rad].
        predicted: (m, joints) what the network answers on the test rows [rad].

    Returns:
        True if the network's mean squared error on the test rows is the smaller one.
    """
    raise NotImplementedError
