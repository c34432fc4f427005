"""One value for each random start, side by side: how far a figure depends on the start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter

from kinverse.errors import ShapeError
from kinverse.plotting.style import BLACK, GREY, SERIES, legend_below, new_figure, tidy

MARKERS = ("o", "s", "^", "v", "D", "P")


def strips(
    groups: Mapping[str, Mapping[str, Sequence[float]]],
    xlabel: str,
    *,
    marks: Mapping[str, Mapping[str, float]] | None = None,
    log: bool = True,
    title: str = "",
) -> Figure:
    """A line for each group, on it a dot for each value of each series, and marks to hold them against.

    Args:
        groups: label of a line → label of a series → its values; not all lines need all series.
        xlabel: what the values are, and their unit.
        marks: name of a mark → label of a line → its value: "published", "floor".
        log: logarithmic axis; values that are not positive are left out.
        title: above the plot.

    Raises:
        ShapeError: no values.
    """
    series = list(dict.fromkeys(name for group in groups.values() for name in group))
    if not series:
        raise ShapeError("a figure of strips needs at least one value")
    figure = new_figure(7.4, 1.5 + 0.42 * len(groups) * max(1.0, 0.6 * len(series)))
    axes = figure.add_subplot()
    lines = {label: len(groups) - 1 - i for i, label in enumerate(groups)}
    for k, name in enumerate(series):
        offset = 0.5 * (0.5 - (k + 0.5) / len(series))
        for i, (label, group) in enumerate((label, group) for label, group in groups.items() if name in group):
            x = np.asarray(group[name], dtype=np.float64)
            x = x[x > 0.0] if log else x
            y = np.full(len(x), lines[label] + offset)
            shown = name if i == 0 else None
            style = {"linestyle": "", "marker": MARKERS[k % len(MARKERS)], "color": SERIES[k % len(SERIES)]}
            axes.plot(x, y, markersize=6, alpha=0.75, markeredgecolor="white", label=shown, **style)  # type: ignore[arg-type]
    for k, (name, values) in enumerate((marks or {}).items()):
        for i, (label, value) in enumerate(values.items()):
            low, high = lines[label] - 0.4, lines[label] + 0.4
            dash = ("-", (0, (1, 1)))[k % 2]
            shown = name if i == 0 else None
            axes.plot([value, value], [low, high], color=(BLACK, GREY)[k % 2], linestyle=dash, linewidth=2, label=shown)
    if log:
        axes.set_xscale("log")
        for which in (axes.xaxis.set_major_formatter, axes.xaxis.set_minor_formatter):
            which(LogFormatter(minor_thresholds=(1.5, 0.5)))
    axes.set_yticks(list(lines.values()), list(lines))
    axes.set_ylim(-0.6, len(groups) - 0.4)
    tidy(axes, xlabel, "", title)
    legend_below(figure, axes, columns=4)
    return figure
