"""Losses by name. Each takes outputs (n, k) and targets (n, t) and gives the mean over the batch as a scalar."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

Loss = Callable[..., Tensor]


def _distance(outputs: Tensor, targets: Tensor, reduction: str = "mean") -> Tensor:
    lengths = torch.linalg.vector_norm(outputs - targets, dim=-1, keepdim=True)
    return lengths if reduction == "none" else lengths.mean()


LOSSES: dict[str, Loss] = {
    "mse": functional.mse_loss,
    "mae": functional.l1_loss,
    "huber": functional.huber_loss,
    # The length of a row's difference: unlike the mean of absolute values it is the same in any axes, and unlike the
    # square it does not spend the network on the few worst rows.
    "distance": _distance,
    # Targets are probabilities in [0, 1]; outputs are logits.
    "bce": functional.binary_cross_entropy_with_logits,
    # One target column of class numbers 0 … k − 1; outputs are k logits, the softmax is inside the loss.
    "cross_entropy": lambda logits, classes: functional.cross_entropy(logits, _class_numbers(classes)),
    # The hinge of support vector machines: max(0, 1 − margin), summed over the wrong classes and divided by the number
    # of classes (Crammer and Singer 2001, as torch.nn.MultiMarginLoss).
    "hinge": lambda scores, classes: functional.multi_margin_loss(scores, _class_numbers(classes)),
    # Not the SVM hinge: a loss on distances, with targets +1 (small is good) and −1 (larger than the margin is good).
    "hinge_embedding": functional.hinge_embedding_loss,
    # Targets are probabilities over k classes; the outputs are logits and become log-probabilities here, because that
    # is what torch's kl_div wants as its first argument.
    "kl": lambda logits, probabilities: functional.kl_div(
        functional.log_softmax(logits, dim=-1), probabilities, reduction="batchmean"
    ),
}


def row_losses(name: str, outputs: Tensor, targets: Tensor) -> Tensor:
    """A loss that is a distance, for each row by itself: (..., t) and (..., t) to (...)."""
    return LOSSES[name](outputs, targets.expand_as(outputs), reduction="none").mean(-1)


def _class_numbers(classes: Tensor) -> Tensor:
    return classes.squeeze(-1).long()
