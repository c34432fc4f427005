"""Figures of the workflow and of data: its steps, a split, scaled columns."""

from __future__ import annotations

import itertools

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from kinverse.learning.data.arkoma import make_arkoma
from kinverse.learning.data.dataset import Table
from kinverse.learning.data.splits import fit_scaler
from kinverse.plotting.style import BLACK, BLUE, GREY, ORANGE, VERMILLION, legend_below, new_figure, tidy

SPLIT_LOOKS = {"train": ("o", BLUE, 1.0), "validation": ("^", ORANGE, 0.0), "test": ("s", VERMILLION, -1.0)}
"""Marker, colour and place of each split."""


def scaled_columns(rows: int = 60, seed: int = 0) -> Figure:
    """The six columns of NAO poses, unscaled and scaled with the training rows.

    Args:
        rows: number of rows; few, so that some rows lie outside the training range.
        seed: seed of the rows.
    """
    data = make_arkoma("nao-right", rows=rows, seed=seed, test_rows="uniform")
    scaler = fit_scaler("minmax", data.train.features)
    names = data.manifest.feature_names
    figure = new_figure(8.4, 4.4)
    for place, (title, xlabel) in enumerate((("not scaled", "mm, degrees"), ("scaled", "training range = 0 … 1"))):
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
    """Draw the rows of one split as marks on a line for each column."""
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
    ("8 loss, optimiser", "what to reduce,\nand how"),
    ("9 train", "the loop, both\nloss curves"),
    ("10 evaluate", "test rows, own\nunits, baselines"),
    ("11 diagnose", "cause, evidence,\nremedy"),
    ("12 save, deploy", "weights, scalers,\nexact solver"),
)
"""Name and content of every step."""


def workflow_steps() -> Figure:
    """The twelve steps of the workflow, with an arrow back from the diagnosis to the network."""
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
    """A grid of targets of the planar arm, split after shuffling and in row order.

    Args:
        points_per_axis: points on each axis of the grid on [0, 2]² m.
        seed: seed of the shuffling.
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
