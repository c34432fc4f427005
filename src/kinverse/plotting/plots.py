"""Figures of training and errors: every function takes arrays and returns a matplotlib `Figure`; nothing is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from kinverse.errors import ShapeError
from kinverse.learning.evaluation.checks import finite_array, finite_pair
from kinverse.learning.evaluation.metrics import mse, r2_per_column, summarise
from kinverse.plotting.style import BLACK, BLUE, DASHES, GREY, SERIES, VERMILLION, legend_below, new_figure, short, tidy


def loss_curves(
    epochs: Int[np.ndarray, " n"],
    train: Float[np.ndarray, " n"],
    validation: Float[np.ndarray, " n"] | None,
    *,
    log: bool = True,
    best_epoch: int | None = None,
    floors: Mapping[str, float] | None = None,
    title: str = "",
    ylabel: str = "MSE loss",
) -> Figure:
    """Training and validation loss over the epochs, with the best epoch and the floors that they can be held against.

    Args:
        epochs: (n,) epoch numbers.
        train: (n,) training loss; NaN leaves a gap.
        validation: (n,) validation loss, or None.
        log: logarithmic loss axis, on which zero and negative losses leave a gap.
        best_epoch: an epoch of `epochs` to mark on the validation curve (on the training curve if there is none).
        floors: label → loss, drawn as level lines.
        title: above the plot.
        ylabel: what the loss is, and its unit.

    Raises:
        ShapeError: the curves differ in length, are empty, or `best_epoch` is not among the epochs.
    """
    curves = {"training": train} if validation is None else {"training": train, "validation": validation}
    x = np.asarray(epochs)
    for name, curve in curves.items():
        if x.ndim != 1 or len(x) == 0 or np.shape(curve) != x.shape:
            raise ShapeError(
                f"epochs and {name} loss must have the same shape (n,), got {x.shape} and {np.shape(curve)}"
            )
    figure = new_figure()
    axes = figure.add_subplot()
    for i, (name, curve) in enumerate(curves.items()):
        y = np.asarray(curve, dtype=np.float64)
        y = np.where(y > 0.0, y, np.nan) if log else y
        axes.plot(x, y, label=name, color=SERIES[i], linestyle=DASHES[i], marker="o" if len(x) == 1 else None)
    if best_epoch is not None:
        _mark_best(axes, x, np.asarray(train if validation is None else validation), best_epoch)
    for i, (label, value) in enumerate((floors or {}).items()):
        axes.axhline(value, color=GREY, linestyle=DASHES[2 + i % 4], linewidth=1.2, label=f"{label}: {short(value)}")
    if log:
        axes.set_yscale("log")
    tidy(axes, "epoch", ylabel, title)
    legend_below(figure, axes)
    return figure


def _mark_best(axes: Axes, x: Int[np.ndarray, " n"], losses: Float[np.ndarray, " n"], best_epoch: int) -> None:
    """A diamond at the best epoch; its number and loss go to the legend, where they cover nothing."""
    found = np.flatnonzero(x == best_epoch)
    if len(found) == 0:
        raise ShapeError(f"best_epoch must be one of the epochs {x[0]} … {x[-1]}, got {best_epoch}")
    best = float(losses[found[0]])
    label = f"best epoch {best_epoch}: {short(best)}"
    axes.plot([best_epoch], [best], linestyle="", marker="D", color=BLACK, markersize=6, label=label, zorder=5)


def parity(
    actual: Float[np.ndarray, "n t"],
    predicted: Float[np.ndarray, "n t"],
    names: Sequence[str],
    unit: str,
    r2: Float[np.ndarray, " t"] | None = None,
    title: str = "",
) -> Figure:
    """Predicted against actual values, one square panel per column, with the diagonal of exact prediction.

    Args:
        actual: (n, t) true values.
        predicted: (n, t) what the model says.
        names: t column names, the joints'.
        unit: of all columns, on both axes.
        r2: (t,) R² for the panel titles; None: computed here, per column.
        title: above the panels.

    Raises:
        ShapeError: the tables, the names and the R² do not fit together, or a value is not finite.
    """
    actual, predicted = finite_pair(actual, predicted, least_rows=2)
    r2 = r2_per_column(actual, predicted) if r2 is None else np.asarray(r2, dtype=np.float64)
    count = actual.shape[1]
    if len(names) != count or r2.shape != (count,):
        raise ShapeError(f"parity of {count} columns needs as many names and R², got {len(names)} and {r2.shape}")
    columns = min(count, 3)
    rows = -(-count // columns)
    figure = new_figure(max(3.2 * columns, 3.8), 3.4 * rows + (0.3 if title else 0.0))
    for i, name in enumerate(names):
        axes = figure.add_subplot(rows, columns, i + 1)
        _parity_panel(axes, actual[:, i], predicted[:, i])
        tidy(axes, f"actual [{unit}]", f"predicted [{unit}]", f"{name}   R² = {r2[i]:.4f}")
        axes.set_box_aspect(1.0)
    if title:
        figure.suptitle(title)
    return figure


def _parity_panel(axes: Axes, actual: Float[np.ndarray, " n"], predicted: Float[np.ndarray, " n"]) -> None:
    """Points over the diagonal; the more points, the fainter each, so that a crowd shows as a crowd."""
    low, high = min(actual.min(), predicted.min()), max(actual.max(), predicted.max())
    margin = 0.04 * (high - low) or 1.0
    low, high = low - margin, high + margin
    axes.plot([low, high], [low, high], color=BLACK, linewidth=1.0, linestyle=DASHES[1], zorder=3, label="exact")
    # Above a few hundred points a vector file would hold every one of them: drawn as pixels inside it.
    faint = float(np.clip(200.0 / len(actual), 0.15, 0.8))
    size = 9 if len(actual) > 300 else 20
    axes.scatter(actual, predicted, s=size, color=BLUE, alpha=faint, linewidths=0, rasterized=len(actual) > 300)
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5))  # the same ticks both ways, so that the diagonal runs through corners


def plane(
    targets: Float[np.ndarray, "n 2"],
    predictions: Float[np.ndarray, "n 2"],
    square: tuple[float, float] | None = None,
    title: str = "",
) -> Figure:
    """Targets in the plane, what was reached for each, and the error between them as a line; the MSE is in the title.

    Args:
        targets: (n, 2) what was asked for [m].
        predictions: (n, 2) what the tool reaches [m].
        square: low and high side of the training square [m], drawn around its targets; None: none.
        title: above the plot.

    Raises:
        ShapeError: the tables differ in shape, have not two columns, or hold a value that is not finite.
    """
    targets, predictions = finite_pair(targets, predictions)
    if targets.shape[1] != 2:
        raise ShapeError(f"targets in the plane must have shape (n, 2), got {targets.shape}")
    figure = new_figure(5.6, 5.8)
    axes = figure.add_subplot()
    if square is not None:
        low, high = square
        side = Rectangle((low, low), high - low, high - low, fill=False, edgecolor=GREY, linestyle=DASHES[1])
        side.set_label("training square")
        axes.add_patch(side)
    segments = np.stack([targets, predictions], axis=1)  # (n, 2 ends, 2)
    axes.add_collection(LineCollection(list(segments), colors=GREY, linewidths=0.8, label="error"))
    axes.plot(*targets.T, "o", color=BLUE, markersize=5, markerfacecolor="none", label="target")
    axes.plot(*predictions.T, "x", color=VERMILLION, markersize=5, label="reached")
    axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.06)
    error = f"MSE {short(mse(targets, predictions))} m²"
    tidy(axes, "x [m]", "y [m]", f"{title} — {error}" if title else error)
    legend_below(figure, axes, columns=4)
    return figure


def error_distribution(
    errors: Float[np.ndarray, " n"],
    label: str = "network",
    *,
    others: Mapping[str, Float[np.ndarray, " m"]] | None = None,
    xlabel: str = "position error [mm]",
    title: str = "",
) -> Figure:
    """Which share of the targets has an error below x: cumulative, on a logarithmic axis, median and p95 marked.

    Cumulative because median and 95th percentile are then read off, and no choice of bins changes the picture.

    Args:
        errors: (n,) errors ≥ 0, in the unit that `xlabel` names; zeros are drawn at the smallest positive error.
        label: what made them.
        others: label → errors to hold against: another model, the nearest neighbour, the column means.
        xlabel: what the error is, and its unit.
        title: above the plot.

    Raises:
        ShapeError: no values, a negative one, or one that is not finite.
    """
    series = {name: _sorted_errors(name, values) for name, values in {label: errors, **(others or {})}.items()}
    positive = [values[values > 0.0][0] for values in series.values() if values[-1] > 0.0]
    smallest = min(positive, default=1.0)
    figure = new_figure()
    axes = figure.add_subplot()
    for i, (name, values) in enumerate(series.items()):
        found = summarise(values)
        share = 100.0 * np.arange(1, len(values) + 1) / len(values)
        x = np.maximum(values, smallest)
        color, dash = SERIES[i % len(SERIES)], DASHES[i % len(DASHES)]
        text = f"{name}: median {short(found.median)}, 95 % below {short(found.p95)}"
        axes.plot(x, share, drawstyle="steps-post", color=color, linestyle=dash, label=text)
        marks = np.maximum([found.median, found.p95], smallest)
        axes.plot(marks[:1], [50.0], linestyle="", marker="o", color=color, markersize=7)
        axes.plot(marks[1:], [95.0], linestyle="", marker="^", color=color, markersize=7)
    for level, mark in ((50.0, "● median"), (95.0, "▲ 95 %")):
        axes.axhline(level, color=GREY, linewidth=0.8, zorder=0)
        axes.annotate(
            mark,
            (1.0, level),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            va="center",
            textcoords="offset points",
            fontsize="small",
            color=GREY,
            annotation_clip=False,
        )
    axes.set_xscale("log")
    axes.set_ylim(0.0, 102.0)
    tidy(axes, xlabel, "share of targets [%]", title)
    legend_below(figure, axes, columns=1)
    return figure


def _sorted_errors(name: str, values: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """The errors in rising order, checked."""
    errors = np.sort(finite_array(f"errors of {name!r}", values).ravel())
    if errors[0] < 0.0:
        raise ShapeError(f"errors of {name!r} must be ≥ 0, got {errors[0]}")
    return errors
