"""Targets in the plane and the tool positions reached for them, for one model or several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from kinverse.errors import ShapeError
from kinverse.learning.evaluation.metrics import finite_pair, mse
from kinverse.plotting.colours import BLACK, BLUE, GREY, VERMILLION
from kinverse.plotting.style import DASHES, label_outer, legend_below, new_panels, short, tidy


@dataclass(frozen=True, eq=False)
class PlanePanel:
    """Targets in the plane and the tool positions reached for them.

    Attributes:
        title: text above the panel; the MSE is added.
        targets: (n, 2) targets [m].
        reached: (n, 2) tool positions [m].
        unreachable: radius of a disc around the base to shade as unreachable [m]; None: no disc.
        arm: (k, 2) base, joints and tool of the arm in one configuration [m]; None: no arm.

    Raises:
        ShapeError: targets and reached positions differ in shape, do not have two columns, or are not finite.
    """

    title: str
    targets: Float[np.ndarray, "n 2"]
    reached: Float[np.ndarray, "n 2"]
    unreachable: float | None = None
    arm: Float[np.ndarray, "k 2"] | None = None

    def __post_init__(self) -> None:
        targets, _ = finite_pair(self.targets, self.reached)
        if targets.shape[1] != 2:
            raise ShapeError(f"targets in the plane must have shape (n, 2), got {targets.shape}")


def plane_errors(
    panels: PlanePanel | Sequence[PlanePanel],
    *,
    square: tuple[float, float] | None = None,
    columns: int = 3,
    title: str = "",
) -> Figure:
    """Draw targets and reached positions, joined by error lines, one panel per model on equal axes.

    Args:
        panels: one model or several.
        square: lower and upper edge of the training square on both axes [m]; None: no square.
        columns: panels per row.
        title: text above all panels.

    Raises:
        ShapeError: there are no panels.
    """
    panels = [panels] if isinstance(panels, PlanePanel) else list(panels)
    figure, all_axes = new_panels(len(panels), columns, (5.2, 5.2) if len(panels) == 1 else (3.6, 3.7), title)
    (left, right), (bottom, top) = _limits(panels, square)
    legend: dict[str, Artist] = {}
    for panel, axes in zip(panels, all_axes, strict=True):
        if square is not None:
            side = square[1] - square[0]
            axes.add_patch(Rectangle((square[0],) * 2, side, side, fill=False, edgecolor=GREY, linestyle=DASHES[1]))
            legend["training square"] = Line2D([], [], color=GREY, linestyle=DASHES[1])
        legend |= _draw(axes, panel, markersize=5.0 if len(panels) == 1 else 3.5)
        axes.set_xlim(left, right)
        axes.set_ylim(bottom, top)
        axes.set_aspect("equal")
        error = f"MSE {short(mse(panel.targets, panel.reached))} m²"
        tidy(axes, "", "", f"{panel.title}\n{error}" if panel.title else error)
    label_outer(all_axes, columns, "x [m]", "y [m]")
    legend_below(figure, legend, columns=5)
    return figure


def _limits(panels: Sequence[PlanePanel], square: tuple[float, float] | None) -> Float[np.ndarray, "2 2"]:
    """Limits (axis, low and high) of both axes; points far outside the training square are cut off."""
    drawn = [points for p in panels for points in (p.targets, p.reached, p.arm) if points is not None]
    points = np.concatenate(drawn)
    low, high = points.min(axis=0) - 0.12, points.max(axis=0) + 0.12
    if square is not None:  # far points would shrink everything else
        beyond = 0.75 * (square[1] - square[0])
        low = np.minimum(np.maximum(low, square[0] - beyond), square[0] - 0.12)
        high = np.maximum(np.minimum(high, square[1] + beyond), square[1] + 0.12)
    return np.stack([low, high], axis=1)


def _draw(axes: Axes, panel: PlanePanel, markersize: float) -> dict[str, Artist]:
    """Draw one model's targets and positions and return the legend entries."""
    entries: dict[str, Artist] = {}
    if panel.unreachable is not None:
        angles = np.linspace(0.0, 2.0 * np.pi, 200)
        circle = panel.unreachable * np.column_stack([np.cos(angles), np.sin(angles)])
        axes.fill(*circle.T, facecolor="0.88", edgecolor=BLACK, linestyle=DASHES[2], linewidth=1.0, zorder=0)
        entries["unreachable"] = Line2D([], [], color=BLACK, linestyle=DASHES[2])
    segments = np.stack([panel.targets, panel.reached], axis=1)  # (n, 2 ends, 2)
    axes.add_collection(LineCollection(list(segments), colors=GREY, linewidths=0.7))
    entries["error"] = Line2D([], [], color=GREY, linewidth=0.7)
    (entries["target"],) = axes.plot(
        *panel.targets.T, "o", color=BLUE, markersize=markersize, markerfacecolor="none", label="target"
    )
    (entries["reached"],) = axes.plot(*panel.reached.T, "x", color=VERMILLION, markersize=markersize, label="reached")
    if panel.arm is not None:
        (entries["arm"],) = axes.plot(
            *panel.arm.T, color=BLACK, linewidth=2.0, marker="o", markersize=4.5, zorder=4, label="arm"
        )
    return entries
