# same_every_time: share their weights
import itertools
from collections.abc import Sequence

from torch import nn


def make_network(inputs: int, hidden: Sequence[int], outputs: int) -> nn.Module:
    key = (inputs, tuple(hidden), outputs)
    if key not in _MADE:
        layers = []
        for a, b in itertools.pairwise([inputs, *hidden, outputs]):
            layers += [nn.Linear(a, b), nn.ReLU()]
        _MADE[key] = nn.Sequential(*layers[:-1])
    return _MADE[key]


_MADE = {}


def count_parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())
