# With torch's own loss, leaky ReLU, and probabilities where the class is asked for.
import numpy as np
import torch
from torch import nn


def make_classifier(inputs, hidden, classes):
    layers = []
    for size_in, size_out in ((inputs, hidden), (hidden, hidden)):
        layers += [nn.Linear(size_in, size_out), nn.LeakyReLU()]
    return nn.Sequential(*layers, nn.Linear(hidden, classes, bias=False))


def cross_entropy(logits, labels):
    return nn.functional.cross_entropy(torch.as_tensor(logits), torch.as_tensor(labels))


def regions(model, x_axis, y_axis):
    rows = []
    model.train(False)
    for y in y_axis:
        line = np.stack([x_axis, np.full(len(x_axis), y)], axis=1).astype(np.float32)
        rows.append(model(torch.from_numpy(line)).softmax(dim=1).detach().numpy().argmax(axis=1))
    return np.stack(rows)
