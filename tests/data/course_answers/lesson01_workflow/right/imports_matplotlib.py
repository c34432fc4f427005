"""Lesson 1: what a network has to beat, solved."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np


def constant_answer(train_targets: np.ndarray) -> np.ndarray:
    """The mean of every column: the constant with the smallest mean squared error."""
    return train_targets.mean(axis=0)


def mean_squared_error(actual: np.ndarray, predicted: np.ndarray) -> float:
    """The mean of the squared differences, over all rows and joints."""
    return float(((actual - predicted) ** 2).mean())


def beats_constant(train_targets: np.ndarray, test_targets: np.ndarray, predicted: np.ndarray) -> bool:
    """Whether a network is better than the constant, on rows that neither was fitted on."""
    constant = np.broadcast_to(constant_answer(train_targets), test_targets.shape)
    return mean_squared_error(test_targets, predicted) < mean_squared_error(test_targets, constant)


# The constant is learned too, so it comes from the training rows. Reports of kinverse show it beside every network's
# scores as "constant (train mean)", together with the nearest training row, which is harder to beat.
