"""Several trainings side by side: small panels on common axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from kinverse.errors import ShapeError
from kinverse.learning.evaluation.checks import finite_pair
from kinverse.learning.evaluation.metrics import mse
from kinverse.plotting.style import BLACK, BLUE, DASHES, GREY, ORANGE, SERIES, VERMILLION, new_figure, short, tidy

LEVEL_COLOURS = (GREY, ORANGE, BLACK)


@dataclass(frozen=True, eq=False)
class LossPanel:
    """The curves of one training.

    Attributes:
        title: above its panel.
        epochs: (n,) epoch numbers.
        train: (n,) training loss.
        validation: (n,) validation loss.
        floors: label → loss, drawn as level lines.
        best_epoch: an epoch to mark on the validation curve.
        others: label → (n,) further curves, such as another random start or a test loss.
    """

    title: str
    epochs: Int[np.ndarray, " n"]
    train: Float[np.ndarray, " n"]
    validation: Float[np.ndarray, " n"]
    floors: Mapping[str, float] = field(default_factory=dict)
    best_epoch: int | None = None
    others: Mapping[str, Float[np.ndarray, " n"]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, curve in {"train": self.train, "validation": self.validation, **self.others}.items():
            if np.shape(curve) != np.shape(self.epochs) or len(self.epochs) == 0:
                raise ShapeError(
                    f"panel {self.title!r}: {name} must have as many values as there are epochs, "
                    f"got {np.shape(curve)} and {np.shape(self.epochs)}"
                )
        if self.best_epoch is not None and self.best_epoch not in self.epochs:
            raise ShapeError(f"panel {self.title!r}: best_epoch {self.best_epoch} is not among the epochs")


def loss_panels(
    panels: Sequence[LossPanel],
    *,
    columns: int = 3,
    log: bool = True,
    top: float | None = None,
    ylabel: str = "MSE loss",
    title: str = "",
) -> Figure:
    """Loss curves of several trainings, one panel for each, all on the same loss axis, with one legend.

    Args:
        panels: what to draw.
        columns: panels in a row.
        log: logarithmic loss axis, on which zero and negative losses leave a gap.
        top: end of the loss axis; None: what the curves need.
        ylabel: what the loss is, and its unit.
        title: above all panels.

    Raises:
        ShapeError: no panels.
    """
    figure, all_axes = _grid(len(panels), columns, 3.6, 2.9, title)
    legend: dict[str, Line2D] = {}
    first: Axes | None = None
    for i, (panel, axes) in enumerate(zip(panels, all_axes, strict=True)):
        if first is not None:
            axes.sharey(first)
        first = first or axes
        legend |= _draw_curves(axes, panel, log)
        tidy(axes, "epoch" if i >= len(panels) - columns else "", ylabel if i % columns == 0 else "", panel.title)
    assert first is not None
    if log:
        first.set_yscale("log")
    if top is not None:
        first.set_ylim(None if log else 0.0, top)
    _legend(figure, legend)
    return figure


def _draw_curves(axes: Axes, panel: LossPanel, log: bool) -> dict[str, Line2D]:
    """One training's curves; gives what the legend must explain."""
    drawn: dict[str, Line2D] = {}
    curves = {"training": panel.train, "validation": panel.validation, **panel.others}
    marker = "o" if len(panel.epochs) == 1 else None
    for (name, curve), colour, dash in zip(curves.items(), SERIES, DASHES, strict=False):
        y = np.asarray(curve, dtype=np.float64)
        y = np.where(y > 0.0, y, np.nan) if log else y
        (drawn[name],) = axes.plot(panel.epochs, y, color=colour, linestyle=dash, linewidth=1.2, marker=marker)
    for i, (name, level) in enumerate(panel.floors.items()):
        drawn[name] = axes.axhline(level, color=LEVEL_COLOURS[i % 3], linestyle=DASHES[3 + i % 3], linewidth=1.2)
    if panel.best_epoch is not None:
        best = panel.validation[np.flatnonzero(panel.epochs == panel.best_epoch)[0]]
        style = {"linestyle": "", "marker": "D", "color": BLACK, "markersize": 5, "zorder": 5}
        (drawn["best epoch on validation"],) = axes.plot([panel.best_epoch], [best], **style)  # type: ignore[arg-type]
    return drawn


@dataclass(frozen=True, eq=False)
class PlanePanel:
    """Targets in the plane and what one arm reaches for them.

    Attributes:
        title: above its panel; the MSE is added.
        targets: (n, 2) what was asked for [m].
        reached: (n, 2) what the tool reaches [m].
        out_of_reach: radius of a disc about the base that is shaded as out of reach [m].
        arm: (k, 2) base, joints and tool of the arm in one pose [m].
    """

    title: str
    targets: Float[np.ndarray, "n 2"]
    reached: Float[np.ndarray, "n 2"]
    out_of_reach: float | None = None
    arm: Float[np.ndarray, "k 2"] | None = None


def plane_panels(
    panels: Sequence[PlanePanel],
    *,
    square: tuple[float, float] | None = None,
    columns: int = 3,
    title: str = "",
) -> Figure:
    """Predictions against targets in the plane, one panel for each training, on the same axes.

    Args:
        panels: what to draw.
        square: low and high side of the training square [m].
        columns: panels in a row.
        title: above all panels.

    Raises:
        ShapeError: no panels, or targets and reached positions that do not fit together.
    """
    figure, all_axes = _grid(len(panels), columns, 3.6, 3.7, title)
    legend: dict[str, Line2D] = {}
    arms = [panel.arm for panel in panels if panel.arm is not None]
    everything = np.concatenate([*(np.concatenate(finite_pair(p.targets, p.reached)) for p in panels), *arms])
    low, high = everything.min(axis=0) - 0.12, everything.max(axis=0) + 0.12
    if square is not None:  # what lies far away would make everything small
        beyond = 0.75 * (square[1] - square[0])
        low, high = np.maximum(low, square[0] - beyond), np.minimum(high, square[1] + beyond)
    for i, (panel, axes) in enumerate(zip(panels, all_axes, strict=True)):
        if square is not None:
            start, side = (square[0], square[0]), square[1] - square[0]
            axes.add_patch(Rectangle(start, side, side, fill=False, edgecolor=GREY, linestyle=DASHES[1]))
            legend["training square"] = Line2D([], [], color=GREY, linestyle=DASHES[1])
        if panel.out_of_reach is not None:
            turn = np.linspace(0.0, 2.0 * np.pi, 200)
            circle = panel.out_of_reach * np.column_stack([np.cos(turn), np.sin(turn)])
            axes.fill(*circle.T, facecolor="0.88", edgecolor=BLACK, linestyle=DASHES[2], linewidth=1.0, zorder=0)
            legend["out of reach"] = Line2D([], [], color=BLACK, linestyle=DASHES[2])
        segments = np.stack([panel.targets, panel.reached], axis=1)
        axes.add_collection(LineCollection(list(segments), colors=GREY, linewidths=0.7))
        legend["error"] = Line2D([], [], color=GREY, linewidth=0.7)
        blue = {"color": BLUE, "markersize": 3.5, "markerfacecolor": "none", "linestyle": "", "marker": "o"}
        (legend["target"],) = axes.plot(*panel.targets.T, **blue)  # type: ignore[arg-type]
        red = {"color": VERMILLION, "markersize": 3.5, "linestyle": "", "marker": "x"}
        (legend["reached"],) = axes.plot(*panel.reached.T, **red)  # type: ignore[arg-type]
        if panel.arm is not None:
            links = {"color": BLACK, "linewidth": 2.0, "marker": "o", "markersize": 4.5, "zorder": 4}
            (legend["arm"],) = axes.plot(*panel.arm.T, **links)  # type: ignore[arg-type]
        axes.set_xlim(low[0], high[0])
        axes.set_ylim(low[1], high[1])
        axes.set_aspect("equal")
        error = f"MSE {short(mse(panel.targets, panel.reached))} m²"
        bottom, left = i >= len(panels) - columns, i % columns == 0
        tidy(axes, "x [m]" if bottom else "", "y [m]" if left else "", f"{panel.title}\n{error}")
    _legend(figure, legend)
    return figure


def _grid(count: int, columns: int, width: float, height: float, title: str) -> tuple[Figure, list[Axes]]:
    if count == 0:
        raise ShapeError("a figure of panels needs at least one")
    columns = min(columns, count)
    rows = -(-count // columns)
    figure = new_figure(width * columns + 0.4, height * rows + 0.6 + (0.3 if title else 0.0))
    if title:
        figure.suptitle(title)
    return figure, [figure.add_subplot(rows, columns, i + 1) for i in range(count)]


def _legend(figure: Figure, entries: Mapping[str, Line2D]) -> None:
    figure.legend(
        list(entries.values()), list(entries), loc="outside lower center", ncols=5, frameon=False, fontsize="small"
    )
