# parameters_are_registered: expected
import itertools
from collections.abc import Sequence

from torch import nn


def make_network(inputs: int, hidden: Sequence[int], outputs: int) -> nn.Module:
    return nn.Sequential(nn.Linear(inputs, 16), nn.ReLU(), nn.Linear(16, outputs))


def count_parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())
