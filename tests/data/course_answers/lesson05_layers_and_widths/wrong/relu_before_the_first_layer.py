# hidden_layers_bend: is there a ReLU before the first layer?
import itertools
from collections.abc import Sequence

from torch import nn


def make_network(inputs: int, hidden: Sequence[int], outputs: int) -> nn.Module:
    layers = []
    for width_in, width_out in itertools.pairwise([inputs, *hidden, outputs]):
        layers += [nn.ReLU(), nn.Linear(width_in, width_out)]
    return nn.Sequential(*layers[1:] if not hidden else layers[:1] + layers[1:2] + layers[3:])


def count_parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())
