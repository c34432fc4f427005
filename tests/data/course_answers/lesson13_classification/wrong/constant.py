# gives_logits: do they depend on the inputs, or are all weights of a layer 0?
import numpy as np
import torch
from torch import nn


def make_classifier(inputs, hidden, classes):
    class Constant(nn.Module):
        def __init__(self):
            super().__init__()
            self.bias = nn.Parameter(torch.randn(classes))

        def forward(self, x):
            return self.bias.expand(len(x), classes)

    return Constant()


def cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    right = shifted[np.arange(len(labels)), labels]
    return float((np.log(np.exp(shifted).sum(axis=1)) - right).mean())


def regions(model, x_axis, y_axis):
    x, y = np.meshgrid(x_axis, y_axis)
    points = torch.tensor(np.column_stack([x.ravel(), y.ravel()]), dtype=torch.float32)
    model.eval()
    with torch.no_grad():
        said = model(points).argmax(dim=1)
    return said.numpy().reshape(x.shape)
