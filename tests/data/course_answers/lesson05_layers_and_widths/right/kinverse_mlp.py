# With kinverse's own network.
import torch
from kinverse.learning.model.mlp import MLP
from kinverse.network.spec import NetworkSpec


def make_network(inputs, hidden, outputs):
    generator = torch.Generator()
    generator.seed()
    return MLP(NetworkSpec(sizes=(inputs, *hidden, outputs), activation="relu"), generator)


def count_parameters(network):
    return torch.nn.utils.parameters_to_vector(network.parameters()).numel()
