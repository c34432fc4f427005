"""Dot plots: one dot for each random start, to show how much a result depends on the start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter

from kinverse.errors import ShapeError
from kinverse.plotting.colours import BLACK, GREY
from kinverse.plotting.style import MARKERS, SERIES, legend_below, new_figure, tidy


def dot_plot(
    groups: Mapping[str, Mapping[str, Sequence[float]]],
    xlabel: str,
    *,
    marks: Mapping[str, Mapping[str, float]] | None = None,
    log: bool = True,
    title: str = "",
) -> Figure:
    """Draw one row per group, one dot per value, and reference marks.

    Args:
        groups: row label → series label → values; a row may lack some series.
        xlabel: label of the value axis, with the unit.
        marks: label of a mark, such as "published" or "floor" → row label → value.
        log: use a logarithmic axis and omit values that are not positive.
        title: text above the plot.

    Raises:
        ShapeError: there are no values.
    """
    series = list(dict.fromkeys(name for group in groups.values() for name in group))
    if not series:
        raise ShapeError("a dot plot needs at least one value")
    figure = new_figure(7.4, 1.5 + 0.42 * len(groups) * max(1.0, 0.6 * len(series)))
    axes = figure.add_subplot()
    rows = {label: len(groups) - 1 - i for i, label in enumerate(groups)}
    for k, name in enumerate(series):
        offset = 0.5 * (0.5 - (k + 0.5) / len(series))
        style = {"linestyle": "", "marker": MARKERS[k % len(MARKERS)], "color": SERIES[k % len(SERIES)]}
        for i, (label, group) in enumerate((label, group) for label, group in groups.items() if name in group):
            x = np.asarray(group[name], dtype=np.float64)
            x = x[x > 0.0] if log else x
            y = np.full(len(x), rows[label] + offset)
            in_legend = name if i == 0 else None
            axes.plot(x, y, markersize=6, alpha=0.75, markeredgecolor="white", label=in_legend, **style)  # type: ignore[arg-type]
    for k, (name, values) in enumerate((marks or {}).items()):
        dash = ("-", (0, (1, 1)))[k % 2]
        for i, (label, value) in enumerate(values.items()):
            ends = [rows[label] - 0.4, rows[label] + 0.4]
            in_legend = name if i == 0 else None
            axes.plot([value] * 2, ends, color=(BLACK, GREY)[k % 2], linestyle=dash, linewidth=2, label=in_legend)
    if log:
        axes.set_xscale("log")
        for set_formatter in (axes.xaxis.set_major_formatter, axes.xaxis.set_minor_formatter):
            set_formatter(LogFormatter(minor_thresholds=(1.5, 0.5)))
    axes.set_yticks(list(rows.values()), list(rows))
    axes.set_ylim(-0.6, len(groups) - 0.4)
    tidy(axes, xlabel, "", title)
    legend_below(figure, axes, columns=4)
    return figure
