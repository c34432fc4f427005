"""Losses by name, and the checks of their target columns.

A loss takes outputs (n, k) and targets (n, t) and gives the mean over the batch as a scalar.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from kinverse.errors import ConfigError, DataError
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.training.config import CLASS_NUMBERS

Loss = Callable[..., Tensor]
MAX_CLASSES = 10_000
"""A column with more classes probably holds something else, and the network would take gigabytes."""


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
    # Targets are probabilities over k classes; the outputs are logits and become log-probabilities here, as torch's
    # kl_div expects.
    "kl": lambda logits, probabilities: functional.kl_div(
        functional.log_softmax(logits, dim=-1), probabilities, reduction="batchmean"
    ),
}


def row_losses(name: str, outputs: Tensor, targets: Tensor) -> Tensor:
    """A loss that is a distance, for each row by itself: (..., t) and (..., t) to (...)."""
    return LOSSES[name](outputs, targets.expand_as(outputs), reduction="none").mean(-1)


def _class_numbers(classes: Tensor) -> Tensor:
    return classes.squeeze(-1).long()


def check_targets(dataset: Dataset, loss: str) -> None:
    """Check that the targets fit the loss.

    Raises:
        DataError: bce with values outside [0, 1], kl with rows that are not probabilities, hinge_embedding with values
            other than ±1, or a class column that does not number classes; the split and the row are named.
    """
    if loss in CLASS_NUMBERS:
        count_classes(dataset)
        return
    for split, table in dataset.splits.items():
        y = table.targets
        wrong = {
            "bce": (y < 0.0) | (y > 1.0),
            "hinge_embedding": np.abs(y) != 1.0,
            "kl": (y < 0.0) | (np.abs(y.sum(axis=1, keepdims=True) - 1.0) > 1e-6),
        }.get(loss)
        if wrong is not None and wrong.any():
            row, column = np.argwhere(wrong)[0]
            wanted = {
                "bce": "probabilities in [0, 1]",
                "hinge_embedding": "+1 or −1",
                "kl": "rows of probabilities that sum to 1",
            }[loss]
            name = dataset.manifest.target_names[column]
            raise DataError(
                f"{split}: row {row + 1}, column {name!r} is {y[row, column]:g}; loss {loss!r} needs {wanted}"
            )


def count_classes(dataset: Dataset) -> int:
    """Number of classes of a data set.

    Raises:
        DataError: not one target column, or a value that is not a class number.
        ConfigError: more classes than a network should have outputs.
    """
    if dataset.train.targets.shape[1] != 1:
        raise DataError(f"classes need one target column of numbers 0, 1, 2 …, got {dataset.train.targets.shape[1]}")
    name = dataset.manifest.target_names[0]
    for split, table in dataset.splits.items():
        wrong = (table.targets < 0) | (table.targets != np.round(table.targets))
        if wrong.any():
            row = int(np.argwhere(wrong)[0, 0])
            raise DataError(
                f"{split}: row {row + 1}, column {name!r} is {table.targets[row, 0]:g}; expected a class number 0, 1, …"
            )
    count = int(max(table.targets.max() for table in dataset.splits.values())) + 1
    if count > MAX_CLASSES:
        raise ConfigError(f"column {name!r} numbers {count} classes; at most {MAX_CLASSES} are supported")
    return max(count, 2)
