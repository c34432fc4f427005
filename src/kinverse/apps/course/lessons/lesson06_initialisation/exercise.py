"""Lesson 6: initialisation. Fill in the three functions, then run: kinverse course check 6."""

import numpy as np
from torch import nn


def he_normal(fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
    """Weights by He's rule: a normal distribution with mean 0 and variance 2 / fan_in.

    Args:
        fan_in: inputs of each unit of this layer.
        fan_out: units of this layer.
        rng: generator of the random numbers.

    Returns:
        (fan_out, fan_in), the shape of torch's weights.
    """
    raise NotImplementedError


def xavier_uniform(fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
    """Weights by Glorot's rule: uniform between −a and a, with a² = 6 / (fan_in + fan_out).

    Args:
        fan_in: inputs of each unit of this layer.
        fan_out: units of this layer.
        rng: generator of the random numbers.

    Returns:
        (fan_out, fan_in), the shape of torch's weights.
    """
    raise NotImplementedError


def initialise(network: nn.Sequential, seed: int) -> None:
    """Initialise all linear layers: the last by `xavier_uniform`, the others by `he_normal`, all biases to 0.

    Args:
        network: linear layers with activations between them; changed in place.
        seed: the same seed gives the same weights.
    """
    raise NotImplementedError
