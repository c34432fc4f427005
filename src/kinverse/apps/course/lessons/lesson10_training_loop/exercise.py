"""Lesson 10: the training loop. Fill in the three functions, then run: kinverse course check 10."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

Loss = Callable[[Tensor, Tensor], Tensor]
Rows = tuple[Tensor, Tensor]


def train_epoch(
    model: nn.Module,
    loss_function: Loss,
    optimiser: torch.optim.Optimizer,
    rows: Rows,
    batch_size: int,
    generator: torch.Generator,
) -> None:
    """Step through all rows once, in batches, in training mode.

    Args:
        model: the network.
        loss_function: computes the loss of predictions and targets.
        optimiser: updates the model's weights.
        rows: inputs (n, f) and targets (n, t).
        batch_size: rows in a step; the last batch may be smaller.
        generator: draws the order of the rows, a new one for every epoch, as in torch.randperm(n, generator=generator).
    """
    raise NotImplementedError


def measure(model: nn.Module, loss_function: Loss, rows: Rows) -> float:
    """The loss over all rows as a plain number, in eval mode and without gradients.

    Args:
        model: the network; its mode, training or eval, must be the same afterwards.
        loss_function: computes the loss of predictions and targets.
        rows: inputs (n, f) and targets (n, t).
    """
    raise NotImplementedError


def train(
    model: nn.Module,
    loss_function: Loss,
    optimiser: torch.optim.Optimizer,
    train_rows: Rows,
    validation_rows: Rows,
    epochs: int,
    batch_size: int,
    generator: torch.Generator,
) -> list[tuple[float, float]]:
    """Train for some epochs, and record the losses.

    Args:
        model: the network.
        loss_function: computes the loss of predictions and targets.
        optimiser: updates the model's weights.
        train_rows: inputs and targets to learn from.
        validation_rows: inputs and targets to measure on.
        epochs: passes over the training rows.
        batch_size: rows in a step.
        generator: draws the order of the rows.

    Returns:
        epochs + 1 pairs of training and validation loss, both at the same weights: before the first step, and after
        every epoch.
    """
    raise NotImplementedError
