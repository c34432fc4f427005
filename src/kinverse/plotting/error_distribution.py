"""Cumulative distributions of errors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from kinverse.errors import ShapeError
from kinverse.learning.evaluation.metrics import finite_array, summarise
from kinverse.plotting.colours import GREY
from kinverse.plotting.style import DASHES, SERIES, legend_below, new_figure, short, tidy


def error_distribution(
    errors: Float[np.ndarray, " n"],
    label: str = "network",
    *,
    others: Mapping[str, Float[np.ndarray, " m"]] | None = None,
    xlabel: str = "position error [mm]",
    title: str = "",
) -> Figure:
    """Draw the cumulative distribution of errors on a logarithmic axis, with median and 95th percentile marked.

    A cumulative plot shows both percentiles directly and, unlike a histogram, needs no choice of bins.

    Args:
        errors: (n,) errors ≥ 0 in the unit of `xlabel`; zeros are drawn at the smallest positive error.
        label: name of the model.
        others: label → errors to compare with, such as those of another model or a baseline.
        xlabel: label of the error axis, with the unit.
        title: text above the plot.

    Raises:
        ShapeError: there are no values, or a value is negative or not finite.
    """
    series = {name: _sorted_errors(name, values) for name, values in {label: errors, **(others or {})}.items()}
    positive = [values[values > 0.0][0] for values in series.values() if values[-1] > 0.0]
    smallest = min(positive, default=1.0)
    figure = new_figure()
    axes = figure.add_subplot()
    for i, (name, values) in enumerate(series.items()):
        summary = summarise(values)
        share = 100.0 * np.arange(1, len(values) + 1) / len(values)
        color, dash = SERIES[i % len(SERIES)], DASHES[i % len(DASHES)]
        text = f"{name}: median {short(summary.median)}, 95 % below {short(summary.p95)}"
        axes.plot(np.maximum(values, smallest), share, drawstyle="steps-post", color=color, linestyle=dash, label=text)
        for mark, value, level in (("o", summary.median, 50.0), ("^", summary.p95, 95.0)):
            axes.plot([max(value, smallest)], [level], linestyle="", marker=mark, color=color, markersize=7)
    for level, text in ((50.0, "● median"), (95.0, "▲ 95 %")):
        axes.axhline(level, color=GREY, linewidth=0.8, zorder=0)
        axes.annotate(
            text, (1.0, level), xycoords=("axes fraction", "data"), xytext=(4, 0), textcoords="offset points",
            va="center", fontsize="small", color=GREY, annotation_clip=False,
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_ylim(0.0, 102.0)
    tidy(axes, xlabel, "share of targets [%]", title)
    legend_below(figure, axes, columns=1)
    return figure


def _sorted_errors(name: str, values: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    errors = np.sort(finite_array(f"errors of {name!r}", values).ravel())
    if errors[0] < 0.0:
        raise ShapeError(f"errors of {name!r} must be ≥ 0, got {errors[0]}")
    return errors
