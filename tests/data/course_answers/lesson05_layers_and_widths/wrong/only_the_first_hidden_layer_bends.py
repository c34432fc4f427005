# hidden_layers_bend: hidden layer 2 of make_network(3, (40, 1), 2) has one unit
import itertools
from collections.abc import Sequence

from torch import nn


def make_network(inputs: int, hidden: Sequence[int], outputs: int) -> nn.Module:
    layers = []
    for i, (a, b) in enumerate(itertools.pairwise([inputs, *hidden, outputs])):
        layers.append(nn.Linear(a, b))
        if i == 0 and hidden:
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


def count_parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())
