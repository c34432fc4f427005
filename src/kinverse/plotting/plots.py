"""Old names of `losses`, `parity` and `error_distribution`, until every caller uses the new ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from kinverse.plotting import losses
from kinverse.plotting.error_distribution import error_distribution
from kinverse.plotting.parity import parity

__all__ = ["error_distribution", "loss_curves", "parity"]


def loss_curves(
    epochs: np.ndarray, train: np.ndarray, validation: np.ndarray | None, *, ylabel: str = "MSE loss", **options: Any
) -> Figure:
    """Losses of one training."""
    return losses.loss_curves(losses.LossPanel("", epochs, train, validation, **options), ylabel=ylabel)
