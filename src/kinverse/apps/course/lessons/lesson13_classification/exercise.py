"""Lesson 13: classification. Fill in the three functions, then run: kinverse course check 13."""

import numpy as np
from torch import nn


def make_classifier(inputs: int, hidden: int, classes: int) -> nn.Module:
    """A network with two hidden layers and ReLU, for training with torch's CrossEntropyLoss.

    Args:
        inputs: columns of a row.
        hidden: width of both hidden layers.
        classes: number of classes.

    Returns:
        A network from (n, inputs) to (n, classes).
    """
    raise NotImplementedError


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    """The mean of −log softmax(logits) at the correct class, for logits of any size.

    Args:
        logits: (n, classes) outputs of a network.
        labels: (n,) numbers of the correct classes, from 0.
    """
    raise NotImplementedError


def regions(model: nn.Module, x_axis: np.ndarray, y_axis: np.ndarray) -> np.ndarray:
    """The predictions of a trained network on a grid of the plane.

    Args:
        model: from (n, 2) columns x, y, as float32, to (n, classes) logits; it may have dropout.
        x_axis: (a,) grid points along x.
        y_axis: (b,) grid points along y.

    Returns:
        (b, a) numbers of classes: entry [i, j] belongs to the point x_axis[j], y_axis[i].
    """
    raise NotImplementedError
