"""Fits of functions of one variable: fitted curves, and the error as a function of network size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from kinverse.errors import ShapeError
from kinverse.learning.evaluation.metrics import finite_array
from kinverse.plotting.colours import BLACK, GREY, ORANGE, SKY, VERMILLION
from kinverse.plotting.style import (
    DASHES,
    MARKERS,
    SERIES,
    label_outer,
    legend_below,
    new_figure,
    new_panels,
    short,
    tidy,
)


@dataclass(frozen=True, eq=False)
class Points:
    """Points of a function of one variable: x (n,) and y (n,)."""

    x: Float[np.ndarray, " n"]
    y: Float[np.ndarray, " n"]


@dataclass(frozen=True, eq=False)
class FitPanel:
    """Curves of one network.

    Attributes:
        title: text above the panel.
        curves: label → one curve (m,), or the curves of s starts (s, m), at the x of the figure; empty: only the data.
    """

    title: str
    curves: Mapping[str, Float[np.ndarray, "*starts m"]] = field(default_factory=dict)


def fit_panels(
    panels: Sequence[FitPanel],
    x: Float[np.ndarray, " m"],
    truth: Float[np.ndarray, " m"],
    noise: float,
    data: Mapping[str, Points],
    *,
    columns: int = 2,
) -> Figure:
    """Draw fitted curves and data, one panel per network, with the true curve and a band for the noise.

    Args:
        panels: the curves of each network.
        x: (m,) positions of the curves' points.
        truth: (m,) the true curve at x.
        noise: standard deviation of the noise; the band extends this far on both sides of the true curve.
        data: label → points for every panel, training points first.
        columns: panels per row.

    Raises:
        ShapeError: there are no panels, or the length of a curve differs from that of x.
    """
    for panel in panels:
        for label, curves in panel.curves.items():
            if np.shape(curves)[-1:] != np.shape(x) or np.ndim(curves) > 2:
                raise ShapeError(
                    f"panel {panel.title!r}: {label} must be one or several curves of {len(x)} values, "
                    f"got {np.shape(curves)}"
                )
    figure, all_axes = new_panels(len(panels), columns, (4.2, 3.1))
    legend: dict[str, Artist] = {}
    for panel, axes in zip(panels, all_axes, strict=True):
        axes.fill_between(x, truth - noise, truth + noise, color="0.9", linewidth=0.0)
        legend["one standard deviation of the noise"] = Line2D([], [], color="0.85", linewidth=8)
        (legend["true curve"],) = axes.plot(x, truth, color=BLACK, linestyle=DASHES[2], linewidth=1.4)
        legend |= _draw_curves(axes, panel, x)
        for (label, points), marker, colour in zip(data.items(), MARKERS, (VERMILLION, SKY, ORANGE), strict=False):
            style = {"linestyle": "", "markeredgecolor": BLACK, "markeredgewidth": 0.6, "markersize": 5}
            (legend[label],) = axes.plot(points.x, points.y, marker=marker, color=colour, **style)  # type: ignore[arg-type]
        tidy(axes, "", "", panel.title)
    label_outer(all_axes, columns, "x", "y")
    legend_below(figure, legend, columns=3)
    return figure


def _draw_curves(axes: Axes, panel: FitPanel, x: Float[np.ndarray, " m"]) -> dict[str, Artist]:
    """Draw the curves of one panel and return the legend entries; several starts share one thin line style."""
    entries: dict[str, Artist] = {}
    for i, (label, curves) in enumerate(panel.curves.items()):
        colour, dash = SERIES[(0, 2, 3)[i % 3]], DASHES[i % 2]
        for curve in np.atleast_2d(curves):
            width = 1.8 if np.ndim(curves) == 1 else 0.9
            (entries[label],) = axes.plot(x, curve, color=colour, linestyle=dash, linewidth=width)
    return entries


def capacity_sweep(
    names: Sequence[str],
    parameters: Sequence[int],
    series: Mapping[str, Sequence[Float[np.ndarray, " _starts"]]],
    *,
    floor: tuple[str, float] | None = None,
    ylabel: str,
    title: str = "",
) -> Figure:
    """Draw the error over the number of parameters: a marker for every start, a line through the medians.

    Args:
        names: names of the networks, smallest first; shown along the top.
        parameters: number of weights and biases of each network.
        series: label → the errors of each network's starts; an empty entry is skipped.
        floor: label and value of a horizontal line; None: no line.
        ylabel: label of the error axis, with the unit.
        title: text above the plot.

    Raises:
        ShapeError: names, parameters and series differ in length, or an error is not finite.
    """
    if not names or len(names) != len(parameters) or any(len(errors) != len(names) for errors in series.values()):
        got = {label: len(errors) for label, errors in series.items()}
        raise ShapeError(f"one entry for each network expected, got {len(names)} names, {len(parameters)} sizes, {got}")
    figure = new_figure(7.6, 5.0)
    axes = figure.add_subplot()
    for i, (label, errors) in enumerate(series.items()):
        colour, dash, marker = SERIES[i % len(SERIES)], DASHES[i % len(DASHES)], MARKERS[i % len(MARKERS)]
        measured = [(p, finite_array(label, e)) for p, e in zip(parameters, errors, strict=True) if len(e)]
        for count, values in measured:
            x = np.full(len(values), count)
            axes.plot(x, values, linestyle="", marker=marker, color=colour, markersize=4, alpha=0.5)
        medians = [float(np.median(values)) for _, values in measured]
        axes.plot([p for p, _ in measured], medians, color=colour, linestyle=dash, marker=marker, label=label)
    if floor is not None:
        axes.axhline(floor[1], color=GREY, linestyle=DASHES[3], linewidth=1.4, label=f"{floor[0]}: {short(floor[1])}")
    axes.set_xscale("log")
    axes.set_yscale("log")
    above = axes.secondary_xaxis("top")
    above.set_xticks(list(parameters), list(names), rotation=35, ha="left", rotation_mode="anchor", fontsize="small")
    above.minorticks_off()
    tidy(axes, "parameters (weights and biases)", ylabel, title)
    legend_below(figure, axes, columns=2)
    return figure
