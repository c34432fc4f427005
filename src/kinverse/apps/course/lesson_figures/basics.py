"""Figures of the course's lessons; each is made from numbers that are computed here, and takes a moment."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from kinverse.learning.data.arkoma import make_arkoma
from kinverse.learning.data.dataset import Table
from kinverse.learning.data.scalers import fit_scaler
from kinverse.plotting.style import (
    BLACK,
    BLUE,
    DASHES,
    GREY,
    ORANGE,
    SERIES,
    VERMILLION,
    legend_below,
    new_figure,
    tidy,
)

SPLIT_LOOKS = {"train": ("o", BLUE, 1.0), "validation": ("^", ORANGE, 0.0), "test": ("s", VERMILLION, -1.0)}
"""Marker, colour and place of each split."""


def scaled_columns(rows: int = 60, seed: int = 0) -> Figure:
    """The six columns of NAO poses as they come, and scaled by what the training rows say.

    Args:
        rows: in all; few, so that rows beyond the training range are seen.
        seed: of the rows.
    """
    data = make_arkoma("nao-right", rows=rows, seed=seed, test_rows="uniform")
    scaler = fit_scaler("minmax", data.train.features)
    names = data.manifest.feature_names
    figure = new_figure(8.4, 4.4)
    for place, (title, xlabel) in enumerate((("as they come", "mm, degrees"), ("scaled", "training range = 0 … 1"))):
        axes = figure.add_subplot(1, 2, place + 1)
        for split, table in data.splits.items():
            _columns(axes, split, table if place == 0 else Table(scaler.transform(table.features), table.targets))
        if place == 1:
            for edge in (0.0, 1.0):
                axes.axvline(edge, color=BLACK, linewidth=1.0, linestyle="--", zorder=0)
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        tidy(axes, xlabel, "column" if place == 0 else "", title)
    legend_below(figure, figure.axes[0])
    return figure


def _columns(axes: Axes, split: str, table: Table) -> None:
    """The rows of one split as marks on a line for each column."""
    marker, colour, offset = SPLIT_LOOKS[split]
    label: str | None = f"{split} rows"
    for column in range(table.features.shape[1]):
        y = [column - 0.2 * offset] * len(table)
        axes.plot(
            table.features[:, column], y, linestyle="", marker=marker, color=colour, markersize=3.5, alpha=0.7,
            markeredgecolor=GREY, markeredgewidth=0.3, label=label,
        )  # fmt: skip
        label = None


WORKFLOW = (
    ("1 question", "what is given,\nwhat is asked,\nwhat is good"),
    ("2 load", "rows, units,\ncolumns"),
    ("3 split", "train, validation,\ntest"),
    ("4 scale", "fitted on\ntraining rows"),
    ("5 tensors", "float32,\nrows first"),
    ("6 network", "layers, widths,\nactivations"),
    ("7 initialise", "He, Xavier,\nzero biases"),
    ("8 loss, optimiser", "what is small,\nhow to get there"),
    ("9 train", "the loop, both\nloss curves"),
    ("10 evaluate", "test rows, own\nunits, baselines"),
    ("11 diagnose", "cause, evidence,\nremedy"),
    ("12 save, deploy", "weights, scalers,\nexact solver"),
)
"""Name and content of every step of the workflow."""


def workflow_steps() -> Figure:
    """The twelve steps of the workflow, and the way back from the diagnosis to the network."""
    figure = new_figure(8.4, 4.6)
    axes = figure.add_subplot()
    places = [((i % 4) * 2.5, -(i // 4) * 1.9) for i in range(len(WORKFLOW))]
    for (name, content), (x, y) in zip(WORKFLOW, places, strict=True):
        box = FancyBboxPatch((x, y), 2.0, 1.15, boxstyle="round,pad=0.08", facecolor="0.96", edgecolor=BLUE)
        axes.add_patch(box)
        axes.text(x + 1.0, y + 0.98, name, ha="center", va="center", fontweight="bold", fontsize="small")
        axes.text(x + 1.0, y + 0.4, content, ha="center", va="center", fontsize="x-small")
    ahead = {"arrowstyle": "-|>", "color": BLACK, "shrinkA": 0.0, "shrinkB": 0.0}
    for (x, y), (to_x, to_y) in itertools.pairwise(places):
        if y == to_y:
            axes.annotate("", (to_x - 0.08, to_y + 0.57), (x + 2.08, y + 0.57), arrowprops=ahead)
        else:
            path = [(x + 1.0, y - 0.1), (x + 1.0, y - 0.4), (to_x + 1.0, y - 0.4)]
            axes.plot(*zip(*path, strict=True), color=BLACK, linewidth=1.0)
            axes.annotate("", (to_x + 1.0, to_y + 1.23), (to_x + 1.0, y - 0.4), arrowprops=ahead)
    back = {"arrowstyle": "-|>", "color": VERMILLION, "linestyle": "--", "shrinkA": 0.0, "shrinkB": 0.0}
    (x, y), (to_x, to_y) = places[10], places[5]
    start = (x + 0.4, y + 1.23)
    axes.annotate("", (to_x + 1.7, to_y - 0.1), start, arrowprops=back)
    axes.text(x + 0.55, y + 1.36, "improve", ha="left", va="center", fontsize="x-small", color=VERMILLION)
    axes.set_xlim(-0.3, 9.9)
    axes.set_ylim(-4.1, 1.4)
    axes.set_axis_off()
    return figure


def split_plane(points_per_axis: int = 16, seed: int = 0) -> Figure:
    """A grid of targets of the planar arm, split after shuffling and in the order of the rows.

    Args:
        points_per_axis: of the grid on [0, 2]² m.
        seed: of the shuffling.
    """
    axis = np.linspace(0.0, 2.0, points_per_axis)
    points = np.column_stack([a.ravel() for a in np.meshgrid(axis, axis)])
    figure = new_figure(8.4, 4.6)
    shuffled = np.random.default_rng(seed).permutation(len(points))
    for place, (title, order) in enumerate((("shuffled", shuffled), ("in order", np.arange(len(points))))):
        axes = figure.add_subplot(1, 2, place + 1)
        parts = np.split(points[order], [round(0.6 * len(points)), round(0.8 * len(points))])
        for (split, (marker, colour, _)), part in zip(SPLIT_LOOKS.items(), parts, strict=True):
            style = {"marker": marker, "color": colour, "markersize": 4.5, "linestyle": ""}
            hollow = {} if split == "train" else {"markerfacecolor": "none"}
            axes.plot(*part.T, label=f"{split} rows", **style, **hollow)  # type: ignore[arg-type]
        axes.set_aspect("equal")
        tidy(axes, "x [m]", "y [m]" if place == 0 else "", title)
    legend_below(figure, figure.axes[0])
    return figure


def relu_hinges(widths: Sequence[int] = (2, 4, 9)) -> Figure:
    """A curve as one hidden layer of ReLUs can follow it: straight pieces, a bend for every unit.

    The bends stand at even distances and the heights are the best ones for them (least squares), so this is what such a
    network can say, and not what a training finds.

    Args:
        widths: numbers of hidden units, a panel for each.
    """
    x = np.linspace(0.0, 1.0, 401)
    curve = np.sin(5.0 * (x + 0.082))
    figure = new_figure(8.4, 3.4)
    for place, width in enumerate(widths):
        axes = figure.add_subplot(1, len(widths), place + 1)
        bends = np.linspace(0.0, 1.0, width + 1)[:-1]  # the first at the edge, where it makes a line
        basis = np.column_stack([np.ones_like(x), *(np.maximum(x - bend, 0.0) for bend in bends)])
        heights = np.linalg.lstsq(basis, curve, rcond=None)[0]
        followed = basis @ heights
        axes.plot(x, curve, color=BLACK, linestyle=":", label="curve")
        axes.plot(x, followed, color=BLUE, label="a hidden layer of ReLUs")
        at = np.interp(bends, x, followed)
        axes.plot(bends, at, linestyle="", marker="o", color=VERMILLION, markersize=5, label="bend")
        error = float(np.sqrt(np.mean((followed - curve) ** 2)))
        tidy(axes, "x", "y" if place == 0 else "", f"{width} units: error {error:.2g}")
    legend_below(figure, figure.axes[0])
    return figure


def spread_through_layers(depth: int = 12, width: int = 128, rows: int = 512, seed: int = 0) -> Figure:
    """How large numbers are behind each of many ReLU layers, for weights from different rules, before any training.

    Args:
        depth: hidden layers.
        width: units of each.
        rows: inputs, drawn from a standard normal.
        seed: of inputs and weights.
    """
    rules = {
        "He: deviation √(2/fan_in)": np.sqrt(2.0 / width),
        "Glorot: √(2/(fan_in + fan_out))": np.sqrt(1.0 / width),
        "torch's own: 1/√(3 fan_in)": np.sqrt(1.0 / (3.0 * width)),
        "deviation 0.2": 0.2,
    }
    figure = new_figure(7.0, 4.4)
    axes = figure.add_subplot()
    for (name, deviation), colour, dash in zip(rules.items(), SERIES, DASHES, strict=False):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(rows, width))
        sizes = [float(np.sqrt(np.mean(x**2)))]
        for _ in range(depth):
            x = np.maximum(x @ rng.normal(0.0, deviation, (width, width)), 0.0)
            sizes.append(float(np.sqrt(np.mean(x**2))))
        axes.plot(range(depth + 1), sizes, color=colour, linestyle=dash, marker="o", markersize=3.5, label=name)
    axes.set_yscale("log")
    tidy(axes, "layer (0: the inputs)", "root mean square of the numbers")
    legend_below(figure, axes, columns=2)
    return figure


def descents(rates: Sequence[float] = (0.01, 0.13, 0.168), steps: int = 25) -> Figure:
    """Gradient descent on a long bowl, ½ (x² + 12 y²), with learning rates too small, right and too large.

    Args:
        rates: a panel for each; above 2/12 the steps across the bowl grow.
        steps: of each descent.
    """
    bend = np.array([1.0, 12.0])
    x, y = np.meshgrid(np.linspace(-0.5, 2.3, 120), np.linspace(-1.3, 1.3, 120))
    figure = new_figure(8.4, 3.6)
    for place, rate in enumerate(rates):
        axes = figure.add_subplot(1, len(rates), place + 1)
        axes.contour(x, y, 0.5 * (x**2 + 12.0 * y**2), levels=[0.1, 0.5, 1.5, 4.0, 9.0], colors=GREY, linewidths=0.7)
        path = [np.array([2.0, 0.8])]
        for _ in range(steps):
            path.append(path[-1] - rate * bend * path[-1])
        axes.plot(*np.transpose(path), color=BLUE, marker="o", markersize=3.0, linewidth=1.0, label="steps")
        axes.plot([0.0], [0.0], linestyle="", marker="*", color=VERMILLION, markersize=11, label="minimum")
        axes.set_xlim(-0.5, 2.3)
        axes.set_ylim(-1.3, 1.3)
        height = float(0.5 * (bend * path[-1] ** 2).sum())
        tidy(axes, "w₁", "w₂" if place == 0 else "", f"rate {rate:g}\nheight after {steps} steps: {height:.2g}")
    legend_below(figure, figure.axes[0])
    return figure
