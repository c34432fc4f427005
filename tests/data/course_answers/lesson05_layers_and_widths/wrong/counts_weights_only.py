# count: are all of their entries counted
import itertools
from collections.abc import Sequence

from torch import nn


def make_network(inputs: int, hidden: Sequence[int], outputs: int) -> nn.Module:
    layers: list[nn.Module] = []
    for width_in, width_out in itertools.pairwise([inputs, *hidden, outputs]):
        layers += [nn.Linear(width_in, width_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def count_parameters(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters() if p.ndim == 2)
