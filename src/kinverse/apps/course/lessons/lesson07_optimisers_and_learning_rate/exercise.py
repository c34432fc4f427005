"""Lesson 7: optimisers and the learning rate. Fill in the three functions, then run: kinverse course check 7."""

import numpy as np


def momentum_step(
    w: np.ndarray, velocity: np.ndarray, gradient: np.ndarray, rate: float, momentum: float
) -> tuple[np.ndarray, np.ndarray]:
    """One step of gradient descent with momentum: v ← momentum · v + gradient, then w ← w − rate · v.

    Args:
        w: weights, any shape.
        velocity: same shape; 0 before the first step.
        gradient: gradient of the loss with respect to the weights.
        rate: learning rate.
        momentum: in [0, 1); 0 is plain gradient descent.

    Returns:
        The new weights and the new velocity; the arguments are not changed.
    """
    raise NotImplementedError


def adam_step(
    w: np.ndarray, m: np.ndarray, v: np.ndarray, gradient: np.ndarray, t: int, rate: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One step of Adam with β₁ = 0.9, β₂ = 0.999 and ε = 1e-8 (Kingma and Ba 2015, algorithm 1).

    m and v follow the gradient and its square; both are divided by 1 − βᵗ before they are used.

    Args:
        w: weights, any shape.
        m: running mean of the gradients; 0 before the first step.
        v: running mean of their squares; 0 before the first step.
        gradient: gradient of the loss with respect to the weights.
        t: number of this step, from 1.
        rate: learning rate.

    Returns:
        The new weights, m and v; the arguments are not changed.
    """
    raise NotImplementedError


def exponential_rate(rate: float, gamma: float, epoch: int) -> float:
    """The learning rate of an epoch under the exponential schedule, which multiplies it by gamma after every epoch.

    Args:
        rate: learning rate of epoch 0.
        gamma: factor, at most 1.
        epoch: number of the epoch, from 0.
    """
    raise NotImplementedError
