"""Lesson 5: layers and widths. Fill in the two functions, then run: kinverse course check 5."""

from collections.abc import Sequence

from torch import nn


def make_network(inputs: int, hidden: Sequence[int], outputs: int) -> nn.Module:
    """A network of linear layers with a ReLU after each hidden layer, and no activation after the last.

    Args:
        inputs: columns of the features.
        hidden: width of each hidden layer; () for a linear network.
        outputs: columns of the predictions.

    Returns:
        A module that maps (n, inputs) to (n, outputs). Every linear layer has a bias.
    """
    raise NotImplementedError


def count_parameters(network: nn.Module) -> int:
    """The number of entries of all weights and biases of a network, which training can change.

    Args:
        network: any module.
    """
    raise NotImplementedError
