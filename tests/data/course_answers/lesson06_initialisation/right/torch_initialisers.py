# With torch's functions and a generator.
import numpy as np
import torch
from torch import nn


def he_normal(fan_in, fan_out, rng):
    generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
    return nn.init.kaiming_normal_(torch.empty(fan_out, fan_in), nonlinearity="relu", generator=generator).numpy()


def xavier_uniform(fan_in, fan_out, rng):
    generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
    return nn.init.xavier_uniform_(torch.empty(fan_out, fan_in), generator=generator)


def initialise(network, seed):
    generator = torch.Generator().manual_seed(seed)
    linear = [m for m in network.modules() if isinstance(m, nn.Linear)]
    for m in linear[:-1]:
        nn.init.kaiming_normal_(m.weight, nonlinearity="relu", generator=generator)
    nn.init.xavier_uniform_(linear[-1].weight, generator=generator)
    for m in linear:
        nn.init.zeros_(m.bias)
