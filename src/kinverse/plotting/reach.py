"""Reachable and unreachable targets of a diagnosis."""

from __future__ import annotations

from matplotlib.figure import Figure

from kinverse.learning.diagnosis.reach import Reachability
from kinverse.plotting.colours import BLUE, VERMILLION
from kinverse.plotting.style import legend_below, new_panels, short, tidy

AXES = "xyz"
VIEWS = {2: ((0, 1),), 3: ((0, 1), (0, 2))}
"""Number of coordinates → the pairs of axes to draw: the view from above, in space also from the side."""


def reach_figure(found: Reachability) -> Figure:
    """Draw reachable and unreachable targets with different colours and markers."""
    views = VIEWS[found.targets.shape[1]]
    share = f"{100.0 * found.share_out:.3g} % of {len(found.targets)} validation targets unreachable"
    worst = f"by up to {short(float(found.miss.max()))} m"
    figure, all_axes = new_panels(len(views), len(views), (5.2, 5.2), f"{share}, {worst}\n{found.bounds}")
    names = ("from above", "from the side") if len(views) > 1 else ("",)
    crowded = len(found.targets) > 800
    for axes, (across, up), name in zip(all_axes, views, names, strict=True):
        for rows, color, marker, label in (
            (found.reached, BLUE, "o", "reachable"),
            (~found.reached, VERMILLION, "x", "unreachable"),
        ):
            axes.plot(
                *found.targets[rows][:, [across, up]].T,
                linestyle="",
                color=color,
                marker=marker,
                markersize=2.5 if crowded else 5.0,
                markerfacecolor="none",
                markeredgewidth=0.7,
                label=f"{label}: {int(rows.sum())}",
            )
        axes.set_aspect("equal", adjustable="datalim")
        tidy(axes, f"{AXES[across]} [m]", f"{AXES[up]} [m]", name)
    legend_below(figure, all_axes[0], columns=2)
    return figure
