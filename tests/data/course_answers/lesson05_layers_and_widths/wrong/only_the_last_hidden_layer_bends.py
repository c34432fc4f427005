# hidden_layers_bend: hidden layer 1 of make_network(3, (1, 40), 2) has one unit
import itertools
from collections.abc import Sequence

from torch import nn


def make_network(inputs: int, hidden: Sequence[int], outputs: int) -> nn.Module:
    widths = [inputs, *hidden]
    layers = [nn.Linear(a, b) for a, b in itertools.pairwise(widths)]
    if hidden:
        layers.append(nn.ReLU())
    return nn.Sequential(*layers, nn.Linear(widths[-1], outputs))


def count_parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())
