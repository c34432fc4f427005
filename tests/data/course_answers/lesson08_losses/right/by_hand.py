# The largest logit taken out by hand, rows in a loop.
import torch


def mse(outputs, targets):
    return torch.nn.functional.mse_loss(outputs, targets)


def huber(outputs, targets, delta):
    return delta * torch.nn.functional.smooth_l1_loss(outputs, targets, beta=delta)


def cross_entropy(logits, classes):
    total = 0.0
    for row, c in zip(logits, classes):
        top = row.max()
        total = total + top + (row - top).exp().sum().log() - row[c]
    return total / len(logits)
