"""The best epoch of a run, and the panel of its losses in a figure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from kinverse.learning.training.history import History
from kinverse.plotting.losses import LossPanel


def best_epoch(history: History) -> int:
    """The epoch with the lowest validation loss."""
    return int(history.epoch[np.argmin(history.validation_loss)])


def loss_panel(
    title: str,
    history: History,
    floors: Mapping[str, float] | None = None,
    others: Mapping[str, Float[np.ndarray, " n"]] | None = None,
) -> LossPanel:
    """The loss curves of one run, with a mark at its best epoch.

    Args:
        title: above the panel.
        history: of the run.
        floors: label → loss that is drawn as a level line.
        others: label → further curve over the same epochs.
    """
    losses = (history.epoch, history.train_loss, history.validation_loss)
    return LossPanel(title, *losses, floors or {}, best_epoch(history), others or {})
