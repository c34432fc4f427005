# every_layer_is_set: have not changed
import numpy as np
import torch
from torch import nn


def he_normal(fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
    return rng.normal(0.0, np.sqrt(2.0 / fan_in), (fan_out, fan_in))


def xavier_uniform(fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
    bound = np.sqrt(6.0 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, (fan_out, fan_in))


def initialise(network: nn.Sequential, seed: int) -> None:
    rng = np.random.default_rng(seed)
    linear = [layer for layer in network if isinstance(layer, nn.Linear)]
    for layer in linear:
        weights = he_normal(layer.in_features, layer.out_features, rng)
        weight = torch.as_tensor(weights)
