# seed: does the generator use the seed?
import numpy as np
import torch
from torch import nn


def he_normal(fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
    return rng.normal(0.0, np.sqrt(2.0 / fan_in), (fan_out, fan_in))


def xavier_uniform(fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
    bound = np.sqrt(6.0 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, (fan_out, fan_in))


def initialise(network: nn.Sequential, seed: int) -> None:
    rng = np.random.default_rng()
    linear = [layer for layer in network if isinstance(layer, nn.Linear)]
    for layer in linear:
        rule = xavier_uniform if layer is linear[-1] else he_normal
        weights = rule(layer.in_features, layer.out_features, rng)
        with torch.no_grad():
            layer.weight.copy_(torch.as_tensor(weights))
            layer.bias.zero_()
