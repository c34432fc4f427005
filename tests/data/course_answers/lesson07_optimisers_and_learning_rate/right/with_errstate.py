"""Lesson 7: optimisers and the learning rate, solved."""

import numpy as np


def momentum_step(
    w: np.ndarray, velocity: np.ndarray, gradient: np.ndarray, rate: float, momentum: float
) -> tuple[np.ndarray, np.ndarray]:
    """One step of gradient descent with momentum."""
    velocity = momentum * velocity + gradient
    return w - rate * velocity, velocity


def adam_step(
    w: np.ndarray, m: np.ndarray, v: np.ndarray, gradient: np.ndarray, t: int, rate: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One step of Adam."""
    m = 0.9 * m + 0.1 * gradient
    v = 0.999 * v + 0.001 * gradient**2
    corrected = rate * np.sqrt(1.0 - 0.999**t) / (1.0 - 0.9**t)
    return w - corrected * m / (np.sqrt(v) + 1e-8 * np.sqrt(1.0 - 0.999**t)), m, v


def exponential_rate(rate: float, gamma: float, epoch: int) -> float:
    """The learning rate of an epoch under the exponential schedule."""
    return rate * gamma**epoch


# Adam's first step is rate · sign(gradient) for a gradient of any size: the corrected means are the gradient and its
# square.
