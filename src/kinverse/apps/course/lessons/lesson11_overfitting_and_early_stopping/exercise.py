"""Lesson 11: early stopping. Fill in the three functions, then run: kinverse course check 11."""

from collections.abc import Callable, Sequence

from torch import nn


def best_epoch(losses: Sequence[float]) -> int:
    """The epoch with the smallest validation loss; the first of equal ones.

    Args:
        losses: validation loss of epoch 0, 1, 2, …; NaN is never the best. Not all are NaN.
    """
    raise NotImplementedError


def stopping_epoch(losses: Sequence[float], patience: int) -> int:
    """The epoch at which early stopping ends a training.

    That is the first epoch that comes `patience` epochs after the best one so far; the best loss is smaller than all
    before it. If there is no such epoch, it is the last epoch.

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
    """Train until early stopping or the last epoch, and restore the best state of the model.

    Args:
        model: the model that one_epoch trains; its whole state must be restored, not only the weights.
        one_epoch: trains the model for one epoch.
        validation_loss: measures the current model.
        epochs: maximum number of epochs.
        patience: see stopping_epoch; epoch 0 is the model before any training.

    Returns:
        The best epoch.
    """
    raise NotImplementedError
