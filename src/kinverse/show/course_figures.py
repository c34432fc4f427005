"""Figures of the course's lessons; each is made from numbers that are computed here, and takes a moment."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kinverse.data.arkoma import make_arkoma
from kinverse.data.dataset import Table
from kinverse.data.scalers import fit_scaler
from kinverse.show.style import BLACK, BLUE, GREY, ORANGE, VERMILLION, legend_below, new_figure, tidy

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
