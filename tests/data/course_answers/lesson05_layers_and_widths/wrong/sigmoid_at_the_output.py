# output_is_free: none of 900 predictions is below 0
import itertools
from collections.abc import Sequence

from torch import nn


def make_network(inputs: int, hidden: Sequence[int], outputs: int) -> nn.Module:
    layers: list[nn.Module] = []
    for width_in, width_out in itertools.pairwise([inputs, *hidden, outputs]):
        layers += [nn.Linear(width_in, width_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1], nn.Sigmoid())


def count_parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())
