"""Lesson 1: what a network has to beat. Fill in the three functions, then run: kinverse course check 1."""

import numpy as np


def constant_answer(train_targets: np.ndarray) -> np.ndarray:
    """The best constant prediction: one number for every joint, whatever the pose.

    Args:
        train_targets: (n, joints) angles of the training rows [rad].

    Returns:
        (joints,) the constant with the smallest mean squared error on these rows.
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
    """Whether a network is better than the constant, on rows that neither was fitted on.

    Args:
        train_targets: (n, joints) angles of the training rows [rad].
        test_targets: (m, joints) angles of the test rows [rad].
        predicted: (m, joints) predictions of the network for the test rows [rad].

    Returns:
        True if the network's mean squared error on the test rows is smaller than that of the constant.
    """
    raise NotImplementedError
