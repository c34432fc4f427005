# From standard draws; weights replaced through data.
import math

import numpy as np
import torch


def he_normal(fan_in, fan_out, rng):
    return rng.standard_normal((fan_in, fan_out)).T * math.sqrt(2 / fan_in)


def xavier_uniform(fan_in, fan_out, rng):
    return (2 * rng.random((fan_out, fan_in)) - 1) * math.sqrt(6) / math.sqrt(fan_in + fan_out)


def initialise(network, seed):
    layers = [m for m in network if hasattr(m, "weight")]
    seeds = np.random.SeedSequence(seed).spawn(len(layers))
    for i, (layer, own) in enumerate(zip(layers, seeds)):
        rng = np.random.default_rng(own)
        fan_out, fan_in = layer.weight.shape
        draw = he_normal if i + 1 < len(layers) else xavier_uniform
        layer.weight.data = torch.tensor(draw(fan_in, fan_out, rng), dtype=torch.float32)
        layer.bias.data = torch.zeros(fan_out)
