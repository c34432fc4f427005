# plain_descent: expected two arrays
import numpy as np


def momentum_step(
    w: np.ndarray, velocity: np.ndarray, gradient: np.ndarray, rate: float, momentum: float
) -> tuple[np.ndarray, np.ndarray]:
    velocity = momentum * velocity + gradient
    return w - rate * velocity


def adam_step(
    w: np.ndarray, m: np.ndarray, v: np.ndarray, gradient: np.ndarray, t: int, rate: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    m = 0.9 * m + 0.1 * gradient
    v = 0.999 * v + 0.001 * gradient**2
    mean, square = m / (1.0 - 0.9**t), v / (1.0 - 0.999**t)
    return w - rate * mean / (np.sqrt(square) + 1e-8), m, v


def exponential_rate(rate: float, gamma: float, epoch: int) -> float:
    return rate * gamma**epoch
