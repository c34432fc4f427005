# hidden_layers_bend: the network is equivalent to one linear layer
import itertools
from collections.abc import Sequence

from torch import nn


def make_network(inputs: int, hidden: Sequence[int], outputs: int) -> nn.Module:
    layers: list[nn.Module] = []
    for width_in, width_out in itertools.pairwise([inputs, *hidden, outputs]):
        layers.append(nn.Linear(width_in, width_out))
    return nn.Sequential(*layers)


def count_parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())
