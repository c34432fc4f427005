"""Loss curves of one training, or of several side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Int
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kinverse.errors import ShapeError
from kinverse.learning.training.history import History
from kinverse.plotting.colours import BLACK, GREY, ORANGE
from kinverse.plotting.style import DASHES, SERIES, label_outer, legend_below, new_panels, short, tidy

FLOOR_COLOURS = (GREY, ORANGE, BLACK)
FAR_BELOW = 1e-4
"""On a logarithmic axis, a floor lower than this times the lowest loss is not drawn: it would flatten the curves."""


@dataclass(frozen=True, eq=False)
class LossPanel:
    """The curves of one training.

    Attributes:
        title: text above the panel.
        epochs: (n,) epoch numbers.
        train: (n,) training loss; NaN leaves a gap.
        validation: (n,) validation loss, or None.
        floors: label → loss, drawn as a horizontal line unless it is far below the curves.
        best_epoch: epoch to mark on the validation curve, or on the training curve without validation.
        others: label → (n,) additional curves, such as a test loss or another random start.

    Raises:
        ShapeError: the curves differ in length or are empty, or `best_epoch` is not among the epochs.
    """

    title: str
    epochs: Int[np.ndarray, " n"]
    train: Float[np.ndarray, " n"]
    validation: Float[np.ndarray, " n"] | None
    floors: Mapping[str, float] = field(default_factory=dict)
    best_epoch: int | None = None
    others: Mapping[str, Float[np.ndarray, " n"]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        title: str,
        history: History,
        floors: Mapping[str, float] | None = None,
        others: Mapping[str, Float[np.ndarray, " n"]] | None = None,
    ) -> LossPanel:
        """Take the curves from a model's history and mark the best epoch."""
        best = int(history.epoch[np.argmin(history.validation_loss)])
        losses = (history.epoch, history.train_loss, history.validation_loss)
        return cls(title, *losses, floors or {}, best, others or {})

    def __post_init__(self) -> None:
        for name, curve in self.curves.items():
            if np.ndim(self.epochs) != 1 or len(self.epochs) == 0 or np.shape(curve) != np.shape(self.epochs):
                raise ShapeError(
                    f"panel {self.title!r}: {name} must have as many values as there are epochs, "
                    f"got {np.shape(curve)} and {np.shape(self.epochs)}"
                )
        if self.best_epoch is not None and self.best_epoch not in self.epochs:
            raise ShapeError(f"panel {self.title!r}: best_epoch {self.best_epoch} is not among the epochs")

    @property
    def curves(self) -> dict[str, Float[np.ndarray, " n"]]:
        """Label → curve, in drawing order."""
        validation = {} if self.validation is None else {"validation": self.validation}
        return {"training": self.train, **validation, **self.others}

    @property
    def lowest_loss(self) -> float:
        """The lowest positive loss of all curves; 0 if no loss is positive."""
        losses = np.concatenate([np.asarray(curve, dtype=np.float64) for curve in self.curves.values()])
        positive = losses[losses > 0.0]
        return float(positive.min()) if len(positive) else 0.0

    @property
    def best_loss(self) -> float:
        """The loss at `best_epoch`."""
        losses = self.train if self.validation is None else self.validation
        return float(np.asarray(losses)[np.flatnonzero(self.epochs == self.best_epoch)[0]])


def loss_curves(
    panels: LossPanel | Sequence[LossPanel],
    *,
    columns: int = 3,
    log: bool = True,
    top: float | None = None,
    ylabel: str = "MSE loss",
    title: str = "",
) -> Figure:
    """Draw losses over epochs, one panel per training, with a common loss axis and one legend.

    The legend of a single panel also lists the values of the floors and the best loss.

    Args:
        panels: one training or several.
        columns: panels per row.
        log: use a logarithmic loss axis, where zero and negative losses leave a gap.
        top: upper end of the loss axis; None: fit the curves.
        ylabel: label of the loss axis, with the unit.
        title: text above all panels.

    Raises:
        ShapeError: there are no panels.
    """
    panels = [panels] if isinstance(panels, LossPanel) else list(panels)
    single = len(panels) == 1
    figure, all_axes = new_panels(len(panels), columns, (6.6, 3.9) if single else (3.6, 2.9), title)
    legend: dict[str, Artist] = {}
    for panel, axes in zip(panels, all_axes, strict=True):
        if axes is not all_axes[0]:
            axes.sharey(all_axes[0])
        legend |= _draw(axes, panel, log, with_values=single)
        tidy(axes, "", "", panel.title)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    label_outer(all_axes, columns, "epoch", ylabel)
    if log:
        all_axes[0].set_yscale("log")
    if top is not None:
        all_axes[0].set_ylim(None if log else 0.0, top)
    legend_below(figure, legend, columns=3 if single else 5)
    return figure


def _draw(axes: Axes, panel: LossPanel, log: bool, with_values: bool) -> dict[str, Artist]:
    """Draw the curves of one training and return the legend entries."""
    entries: dict[str, Artist] = {}
    marker = "o" if len(panel.epochs) == 1 else None
    for (name, curve), colour, dash in zip(panel.curves.items(), SERIES, DASHES, strict=False):
        y = np.asarray(curve, dtype=np.float64)
        y = np.where(y > 0.0, y, np.nan) if log else y
        style = {"color": colour, "linestyle": dash, "linewidth": 1.3, "marker": marker}
        (entries[name],) = axes.plot(panel.epochs, y, label=name, **style)
    for i, (name, floor) in enumerate(panel.floors.items()):
        if log and floor < FAR_BELOW * panel.lowest_loss:
            continue
        label = f"{name}: {short(floor)}" if with_values else name
        style = {"color": FLOOR_COLOURS[i % 3], "linestyle": DASHES[3 + i % 3], "linewidth": 1.3}
        entries[label] = axes.axhline(floor, label=label, **style)
    if panel.best_epoch is not None:
        best = panel.best_loss
        label = f"best epoch {panel.best_epoch}: {short(best)}" if with_values else "best epoch on validation"
        style = {"linestyle": "", "marker": "D", "color": BLACK, "markersize": 5, "zorder": 5}
        (entries[label],) = axes.plot([panel.best_epoch], [best], label=label, **style)
    return entries
