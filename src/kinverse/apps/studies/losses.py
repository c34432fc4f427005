"""The losses of a run as columns, and their panel in a figure of losses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from kinverse.learning.training.run import Run
from kinverse.plotting.losses import LossPanel


@dataclass(frozen=True, eq=False)
class History:
    """The losses of a run; row 0 is the untrained network.

    Attributes:
        epoch: (n,) passes finished.
        train_loss: (n,) over all training rows.
        validation_loss: (n,) over all validation rows.
        learning_rate: (n,) of the next step.
    """

    epoch: Int[np.ndarray, " n"]
    train_loss: Float[np.ndarray, " n"]
    validation_loss: Float[np.ndarray, " n"]
    learning_rate: Float[np.ndarray, " n"]

    @classmethod
    def of(cls, run: Run) -> History:
        """The history of a run."""
        return cls(*(np.array([getattr(row, name) for row in run.history]) for name in cls.__dataclass_fields__))

    @property
    def best_epoch(self) -> int:
        """The epoch with the lowest validation loss."""
        return int(self.epoch[np.argmin(self.validation_loss)])


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
    return LossPanel(title, *losses, floors or {}, history.best_epoch, others or {})
