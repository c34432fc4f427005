# parameters_are_registered: A plain list does not register them
import itertools
from collections.abc import Sequence

from torch import nn


def make_network(inputs: int, hidden: Sequence[int], outputs: int) -> nn.Module:
    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = [nn.Linear(a, b) for a, b in itertools.pairwise([inputs, *hidden, outputs])]

        def forward(self, x):
            for layer in self.layers[:-1]:
                x = layer(x).relu()
            return self.layers[-1](x)

    return Network()


def count_parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())
