"""Lesson 9: backprop by hand. Fill in the three functions, then run: kinverse course check 9."""

from collections.abc import Callable

import numpy as np


def forward(x: np.ndarray, W1: np.ndarray, W2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A network with one hidden layer of sigmoids, a linear output and no biases.

    Args:
        x: (n, i) inputs, one row for each example.
        W1: (h, i) weights of the hidden layer.
        W2: (o, h) weights of the output layer.

    Returns:
        The hidden values (n, h), after the sigmoid, and the outputs (n, o). Inputs of any size give finite numbers
        and no warning.
    """
    raise NotImplementedError


def gradients(x: np.ndarray, t: np.ndarray, W1: np.ndarray, W2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The gradients of L = ½ Σ (y − t)², the sum over all rows and outputs, by the chain rule.

    Args:
        x: (n, i) inputs.
        t: (n, o) targets.
        W1: (h, i) weights of the hidden layer.
        W2: (o, h) weights of the output layer.

    Returns:
        ∂L/∂W1 (h, i) and ∂L/∂W2 (o, h).
    """
    raise NotImplementedError


def numeric_gradient(loss: Callable[[np.ndarray], float], W: np.ndarray, step: float) -> np.ndarray:
    """The gradient by central differences: every weight is increased and decreased by a step.

    Args:
        loss: returns the loss for a matrix of weights.
        W: (a, b) weights at which the gradient is computed, also whole numbers; they must not change.
        step: change of a weight to either side.

    Returns:
        ∂loss/∂W (a, b).
    """
    raise NotImplementedError
