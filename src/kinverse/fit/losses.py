"""Losses by name. Each takes outputs (n, k) and targets (n, t) and gives the mean over the batch as a scalar."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional as F

Loss = Callable[[Tensor, Tensor], Tensor]

REGRESSION: dict[str, Loss] = {
    "mse": F.mse_loss,
    "mae": F.l1_loss,
    "huber": F.huber_loss,
}
"""Distances between numbers: these serve in joint space and through the forward kinematics."""

CLASSIFICATION: dict[str, Loss] = {
    # Targets are probabilities in [0, 1]; outputs are logits.
    "bce": F.binary_cross_entropy_with_logits,
    # One target column of class numbers 0 … k − 1; outputs are k logits, the softmax is inside the loss.
    "cross_entropy": lambda logits, classes: F.cross_entropy(logits, _class_numbers(classes)),
    # The hinge of support vector machines: max(0, 1 − margin), summed over the wrong classes and divided by their number
    # (Crammer and Singer 2001, as torch.nn.MultiMarginLoss).
    "hinge": lambda scores, classes: F.multi_margin_loss(scores, _class_numbers(classes)),
    # Not the SVM hinge: a loss on distances, with targets +1 (small is good) and −1 (larger than the margin is good).
    "hinge_embedding": F.hinge_embedding_loss,
    # Targets are probabilities over k classes; the outputs are logits and become log-probabilities here, because that is
    # what torch's kl_div wants as its first argument.
    "kl": lambda logits, probabilities: F.kl_div(F.log_softmax(logits, dim=-1), probabilities, reduction="batchmean"),
}

LOSSES: dict[str, Loss] = REGRESSION | CLASSIFICATION
COUNTS_CLASSES = ("cross_entropy", "hinge")
"""Losses whose single target column numbers a class, so that the network has one output for each class."""


def _class_numbers(classes: Tensor) -> Tensor:
    return classes.squeeze(-1).long()
