"""Lesson 11: early stopping. Fill in the three functions, then run: kinverse course check 11."""

from collections.abc import Callable, Sequence

from torch import nn


def best_epoch(losses: Sequence[float]) -> int:
    """The epoch with the smallest validation loss; of equal ones the first.

    Args:
        losses: of epoch 0, 1, 2, …; a loss may be NaN, which is never the best. Not all are NaN.
    """
    raise NotImplementedError


def stopping_epoch(losses: Sequence[float], patience: int) -> int:
    """The epoch at which early stopping ends a training.

    That is the first epoch that lies `patience` epochs behind the best one so far; a loss has to be smaller than all
    before it to be the best. If that never happens, it is the last epoch.

    Args:
        losses: validation loss of epoch 0, 1, 2, … of a training that was not stopped; none is NaN.
        patience: at least 1.
    """
    raise NotImplementedError


def train_with_early_stopping(
    model: nn.Module,
    one_epoch: Callable[[], None],
    validation_loss: Callable[[], float],
    epochs: int,
    patience: int,
) -> int:
    """Train until early stopping or the last epoch, and leave the model as it was at its best.

    Args:
        model: what one_epoch trains; whatever is part of its state comes back, weights and all else.
        one_epoch: trains the model for an epoch.
        validation_loss: measures the model as it is now.
        epochs: how many at most.
        patience: see stopping_epoch; epoch 0 is the model before any training.

    Returns:
        The best epoch.
    """
    raise NotImplementedError
