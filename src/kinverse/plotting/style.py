"""One look for every figure: colours that colour-blind readers tell apart, with line styles; no global state."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

BLUE, VERMILLION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
SKY, PINK, YELLOW, BLACK = "#56B4E9", "#CC79A7", "#F0E442", "#000000"
"""Okabe and Ito's palette ("Color Universal Design", 2008)."""
GREY = "#6B6B6B"
SERIES = (BLUE, VERMILLION, GREEN, PINK, ORANGE, SKY)
"""Colours of the first, second, … series of a figure; yellow is left out, it vanishes on paper."""
DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (3, 1)), (0, (8, 3, 2, 3)))
"""Line styles in the same order, so that a series is known in a grey print too."""
AXES = (VERMILLION, GREEN, BLUE)
"""Colours of the x, y and z axes of a frame; the letters stand beside them."""


def new_figure(width: float = 7.0, height: float = 4.5) -> Figure:
    """An empty figure of `width` × `height` [inch] that keeps its labels inside; it belongs to no window."""
    # Room for the half of a tick's label that stands out beyond the end of its axis.
    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.1)
    return Figure(figsize=(width, height), layout=layout, facecolor="white")


def tidy(axes: Axes, xlabel: str, ylabel: str, title: str = "") -> None:
    """Label a plot and take away what carries no information: the upper and right frame lines."""
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    if title:
        axes.set_title(title, loc="left", fontsize="medium", wrap=True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(True, color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)


def legend_below(figure: Figure, axes: Axes, columns: int = 3) -> None:
    """Put the legend under the plot, where it covers no data."""
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        columns = min(columns, len(handles))
        figure.legend(handles, labels, loc="outside lower center", ncols=columns, frameon=False, fontsize="small")


def short(value: float) -> str:
    """A number with four significant digits at most, as a reader would write it."""
    return f"{value:.4g}"
