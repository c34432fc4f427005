# A class of its own.
import torch
from torch import nn


class Network(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList()
        for i in range(len(sizes) - 1):
            self.layers.append(nn.Linear(sizes[i], sizes[i + 1]))

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            x = layer(x)
            if i < len(self.layers) - 1:
                x = torch.clamp(x, min=0)
        return x


def make_network(inputs, hidden, outputs):
    return Network([inputs] + list(hidden) + [outputs])


def count_parameters(network):
    total = 0
    for p in network.parameters():
        entries = 1
        for size in p.shape:
            entries *= size
        total += entries
    return total
