"""The common style of all figures: colours, line styles, markers and layout."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from kinverse.errors import ShapeError
from kinverse.plotting.colours import BLACK, BLUE, GREEN, GREY, ORANGE, PINK, SKY, VERMILLION

__all__ = [
    "AXIS_COLOURS", "BLACK", "BLUE", "DASHES", "DPI", "GREEN", "GREY", "MARKERS", "ORANGE", "PINK", "SERIES", "SKY",
    "VERMILLION", "label_outer", "legend_below", "new_figure", "new_panels", "short", "tidy", "to_png",
]  # fmt: skip
SERIES = (BLUE, VERMILLION, GREEN, PINK, ORANGE, SKY)
"""Colours of the first, second, … series; the palette's yellow is omitted because it is too pale on paper."""
DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (3, 1)), (0, (8, 3, 2, 3)))
"""Line styles in the same order, so that series also differ in a grey print."""
MARKERS = ("o", "s", "^", "D", "v", "P")
"""Markers in the same order."""
AXIS_COLOURS = (VERMILLION, GREEN, BLUE)
"""Colours of the x, y and z axes of a frame; each axis also has its letter."""
DPI = 160
"""Resolution of a figure as PNG [pixels per inch]."""


def new_figure(width: float = 7.0, height: float = 4.5) -> Figure:
    """An empty figure of `width` × `height` [inch] that opens no window and keeps its labels inside."""
    # The padding leaves space for tick labels that extend beyond the end of an axis.
    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.1)
    return Figure(figsize=(width, height), layout=layout, facecolor="white")


def new_panels(count: int, columns: int, size: tuple[float, float], title: str = "") -> tuple[Figure, list[Axes]]:
    """A figure with a grid of empty plots, and the plots row by row.

    Args:
        count: number of plots.
        columns: largest number of plots per row.
        size: width and height of each plot [inch].
        title: text above all plots.

    Raises:
        ShapeError: `count` is 0.
    """
    if count == 0:
        raise ShapeError("a figure needs at least one panel")
    columns = min(columns, count)
    rows = -(-count // columns)
    figure = new_figure(size[0] * columns + 0.4, size[1] * rows + 0.6 + (0.3 if title else 0.0))
    if title:
        figure.suptitle(title)
    return figure, [figure.add_subplot(rows, columns, i + 1) for i in range(count)]


def tidy(axes: Axes, xlabel: str, ylabel: str, title: str = "") -> None:
    """Label a plot, draw a grid, and remove the upper and right frame lines."""
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    if title:
        axes.set_title(title, loc="left", fontsize="medium", wrap=True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(True, color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)


def label_outer(all_axes: list[Axes], columns: int, xlabel: str, ylabel: str) -> None:
    """Label the x axes of the lowest plot of each column and the y axes of the first plot of each row."""
    columns = min(columns, len(all_axes))
    for i, axes in enumerate(all_axes):
        axes.set_xlabel(xlabel if i >= len(all_axes) - columns else "")
        axes.set_ylabel(ylabel if i % columns == 0 else "")


def legend_below(figure: Figure, entries: Axes | Mapping[str, Artist], columns: int = 3) -> None:
    """Add a legend below the plots, where it covers no data.

    Args:
        figure: the figure.
        entries: a plot with labelled contents, or label → line or patch.
        columns: largest number of entries per row.
    """
    if isinstance(entries, Axes):
        handles, labels = entries.get_legend_handles_labels()
    else:
        handles, labels = list(entries.values()), list(entries)
    if handles:
        columns = min(columns, len(handles))
        figure.legend(handles, labels, loc="outside lower center", ncols=columns, frameon=False, fontsize="small")


def short(value: float) -> str:
    """A number with at most four significant digits."""
    return f"{value:.4g}"


def to_png(figure: Figure, dpi: int = DPI) -> bytes:
    """The figure as a PNG file of `dpi` pixels per inch; equal figures give equal bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()
