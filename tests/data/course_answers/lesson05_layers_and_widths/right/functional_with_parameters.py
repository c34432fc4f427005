# Weights as parameters, without nn.Linear.
import math

import torch
from torch import nn
from torch.nn import functional


class Layers(nn.Module):
    def __init__(self, *sizes):
        super().__init__()
        pairs = list(zip(sizes, sizes[1:]))
        self.weights = nn.ParameterList(nn.Parameter(torch.randn(b, a) / math.sqrt(a)) for a, b in pairs)
        self.biases = nn.ParameterList(nn.Parameter(0.1 * torch.randn(b)) for _, b in pairs)

    def forward(self, x):
        *hidden, last = zip(self.weights, self.biases)
        for weight, bias in hidden:
            x = functional.relu(x @ weight.T + bias)
        return x @ last[0].T + last[1]


def make_network(inputs, hidden, outputs):
    return Layers(inputs, *hidden, outputs)


def count_parameters(network):
    return sum(p.numel() for p in network.parameters() if p.requires_grad)
