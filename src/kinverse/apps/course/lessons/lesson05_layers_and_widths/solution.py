"""Lesson 5: layers and widths, solved."""

import itertools
from collections.abc import Sequence

from torch import nn


def make_network(inputs: int, hidden: Sequence[int], outputs: int) -> nn.Module:
    """A network of linear layers with a ReLU after each hidden layer, and no activation after the last."""
    layers: list[nn.Module] = []
    for width_in, width_out in itertools.pairwise([inputs, *hidden, outputs]):
        layers += [nn.Linear(width_in, width_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def count_parameters(network: nn.Module) -> int:
    """The number of entries of all weights and biases of a network."""
    return sum(parameter.numel() for parameter in network.parameters())


# kinverse.learning.model.mlp.MLP is the same with all activations, batch norm and dropout, as a Sequential. A 6-16-5
# network has 6·16 + 16 + 16·5 + 5 = 197 parameters.
