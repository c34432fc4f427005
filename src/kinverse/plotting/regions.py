"""Figures of classifiers: decision regions and confusion matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from kinverse.errors import ShapeError
from kinverse.plotting.colours import BLACK, BLUE, GREEN, GREY, ORANGE, PINK, VERMILLION
from kinverse.plotting.style import MARKERS, label_outer, legend_below, new_panels, tidy

COLOURS = (BLUE, VERMILLION, GREEN, PINK, ORANGE)
TINTS = ("#D6E6F2", "#F7E0D2", "#D3EEE5", "#F3E2EC", "#FBEFD3")
HATCHES = ("", "///", "..", "\\\\\\", "++")
"""One hatch per class, so that the regions also differ in a grey print."""


@dataclass(frozen=True, eq=False)
class RegionPanel:
    """Predictions of one classifier on a grid, and the data points.

    Attributes:
        title: text above the panel.
        regions: (rows, columns) predicted classes on a regular grid over both axes; row 0 is at the bottom.
        points: (n, 2) data points.
        classes: (n,) true classes of the points.
        held_out: (n,) whether each point was held out of the training.
    """

    title: str
    regions: Int[np.ndarray, "rows columns"]
    points: Float[np.ndarray, "n 2"]
    classes: Int[np.ndarray, " n"]
    held_out: Bool[np.ndarray, " n"]


def decision_regions(
    panels: Sequence[RegionPanel],
    names: Sequence[str],
    spans: tuple[tuple[float, float], tuple[float, float]],
    labels: tuple[str, str],
    title: str = "",
) -> Figure:
    """Draw decision regions and data points, one panel per classifier; held-out points have a ring.

    Args:
        panels: the predictions of each classifier.
        names: names of the classes 0, 1, …
        spans: lower and upper end of the horizontal and of the vertical axis.
        labels: labels of both axes, with units.
        title: text above all panels.

    Raises:
        ShapeError: there are no panels, more classes than colours, or a class without a name.
    """
    if not panels or len(names) > len(COLOURS):
        raise ShapeError(f"1 to {len(COLOURS)} classes and at least one panel, got {len(names)} and {len(panels)}")
    largest = max(int(max(panel.regions.max(), panel.classes.max())) for panel in panels)
    if largest >= len(names):
        raise ShapeError(f"class {largest} has no name; there are {len(names)}: {', '.join(names)}")
    figure, all_axes = new_panels(len(panels), len(panels), (4.6, 3.8), title)
    for panel, axes in zip(panels, all_axes, strict=True):
        _draw_regions(axes, panel, spans)
        tidy(axes, "", "", panel.title)
        axes.grid(False)
    label_outer(all_axes, len(panels), *labels)
    kinds = [
        Line2D([], [], linestyle="", marker=MARKERS[k], color=COLOURS[k], markeredgecolor=BLACK, label=name)
        for k, name in enumerate(names)
    ]
    areas = [
        Patch(facecolor=TINTS[k], edgecolor=GREY, hatch=HATCHES[k], linewidth=0.0, label=f"predicted: {name}")
        for k, name in enumerate(names)
    ]
    ring = Line2D(
        [], [], linestyle="", marker="o", markersize=12, markerfacecolor="none", color=BLACK, label="held out"
    )
    # The legend is filled column by column: each class above its region, the ring last.
    entries = [*(entry for pair in zip(kinds, areas, strict=True) for entry in pair), ring]
    columns = 2 if len(panels) == 1 else len(names) + 1
    legend_below(figure, {str(entry.get_label()): entry for entry in entries}, columns)
    return figure


def _draw_regions(axes: Axes, panel: RegionPanel, spans: tuple[tuple[float, float], tuple[float, float]]) -> None:
    rows, columns = panel.regions.shape
    x, y = np.linspace(*spans[0], columns), np.linspace(*spans[1], rows)
    # Draw one class at a time: contours of the class numbers would show class 1 between classes 0 and 2.
    for k in np.unique(panel.regions):
        inside = (panel.regions == k).astype(float)
        filled = axes.contourf(x, y, inside, levels=[0.5, 1.5], colors=[TINTS[k]], hatches=[HATCHES[k]])
        filled.set_edgecolor("0.72")  # colour of the hatch
        filled.set_linewidth(0.0)
        if inside.min() < 0.5:
            axes.contour(x, y, inside, levels=[0.5], colors=[BLACK], linewidths=0.8)
    for k in np.unique(panel.classes):
        chosen = panel.classes == k
        x, y = panel.points[chosen].T
        axes.scatter(x, y, marker=MARKERS[k], color=COLOURS[k], edgecolors=BLACK, linewidths=0.7, s=34, zorder=3)
    x, y = panel.points[panel.held_out].T
    axes.scatter(x, y, marker="o", facecolors="none", edgecolors=BLACK, linewidths=1.3, s=150, zorder=4)
    axes.set_xlim(*spans[0])
    axes.set_ylim(*spans[1])


def confusion_matrices(counts: Mapping[str, Int[np.ndarray, "k k"]], names: Sequence[str], title: str = "") -> Figure:
    """Draw confusion matrices, one panel per classifier.

    Args:
        counts: panel title → (k, k) counts; rows are true classes, columns are predicted classes.
        names: names of the k classes.
        title: text above all panels.

    Raises:
        ShapeError: there are no panels, or counts do not have shape (k, k).
    """
    if not counts or any(np.shape(table) != (len(names), len(names)) for table in counts.values()):
        got = {label: np.shape(table) for label, table in counts.items()}
        raise ShapeError(f"counts of {len(names)} classes must be ({len(names)}, {len(names)}), got {got}")
    figure, all_axes = new_panels(len(counts), len(counts), (3.3, 2.9), title)
    for axes, (label, table) in zip(all_axes, counts.items(), strict=True):
        largest = max(int(table.max()), 1)
        axes.imshow(table, cmap="Blues", vmin=0, vmax=1.3 * largest)  # keeps numbers readable in the darkest cell
        for row, column in np.ndindex(table.shape):
            dark = table[row, column] > 0.8 * largest
            axes.text(column, row, str(table[row, column]), ha="center", va="center", color="white" if dark else BLACK)
        right, total = int(np.trace(table)), int(table.sum())
        tidy(axes, "", "", f"{label}\n{right} of {total} correct")
        axes.grid(False)
        axes.set_xticks(range(len(names)), names)
        axes.set_yticks(range(len(names)), names)
    label_outer(all_axes, len(counts), "predicted", "true")
    return figure
