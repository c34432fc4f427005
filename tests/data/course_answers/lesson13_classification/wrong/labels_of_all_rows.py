# cross_entropy: is it the logarithm of the correct class of each row
import numpy as np
import torch
from torch import nn


def make_classifier(inputs, hidden, classes):
    return nn.Sequential(
        nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, classes)
    )


def cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    right = shifted[:, labels].mean(axis=1)
    return float((np.log(np.exp(shifted).sum(axis=1)) - right).mean())


def regions(model, x_axis, y_axis):
    x, y = np.meshgrid(x_axis, y_axis)
    points = torch.tensor(np.column_stack([x.ravel(), y.ravel()]), dtype=torch.float32)
    model.eval()
    with torch.no_grad():
        said = model(points).argmax(dim=1)
    return said.numpy().reshape(x.shape)
