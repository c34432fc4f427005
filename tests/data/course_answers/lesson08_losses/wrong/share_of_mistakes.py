# cross_entropy_value: but has
import torch
from torch import Tensor


def mse(outputs: Tensor, targets: Tensor) -> Tensor:
    return ((outputs - targets) ** 2).mean()


def huber(outputs: Tensor, targets: Tensor, delta: float) -> Tensor:
    size = (outputs - targets).abs()
    return torch.where(size <= delta, 0.5 * size**2, delta * (size - 0.5 * delta)).mean()


def cross_entropy(logits: Tensor, classes: Tensor) -> Tensor:
    return (logits.argmax(dim=1) != classes).double().mean()
