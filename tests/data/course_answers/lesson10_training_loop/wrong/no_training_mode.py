# every_row_once: its steps are in eval mode too
"""Lesson 10: the training loop, solved."""

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
    """Step through all rows once, in batches, in training mode."""
    x, y = rows
    for batch in torch.randperm(len(x), generator=generator).split(batch_size):
        loss = loss_function(model(x[batch]), y[batch])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


def measure(model: nn.Module, loss_function: Loss, rows: Rows) -> float:
    """The loss over all rows as a plain number, in eval mode and without gradients."""
    was_training = model.training
    model.eval()
    with torch.no_grad():
        loss = loss_function(model(rows[0]), rows[1]).item()
    model.train(was_training)
    return loss


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
    """Train for some epochs, and record the losses."""
    history = []
    for epoch in range(epochs + 1):
        if epoch > 0:
            train_epoch(model, loss_function, optimiser, train_rows, batch_size, generator)
        pair = measure(model, loss_function, train_rows), measure(model, loss_function, validation_rows)
        history.append(pair)
    return history


# The pair before the first step costs almost nothing and shows whether the network has learned anything.
