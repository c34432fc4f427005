"""Figures of a diagnosis: which targets are out of reach."""

from __future__ import annotations

from matplotlib.figure import Figure

from kinverse.learning.diagnosis.reach import Reachability
from kinverse.plotting.style import BLUE, VERMILLION, legend_below, new_figure, short, tidy

AXES = "xyz"
VIEWS = {2: ((0, 1),), 3: ((0, 1), (0, 2))}
"""Pairs of coordinates that are drawn, from above and from the side, by the number of coordinates."""


def reach_figure(found: Reachability) -> Figure:
    """Targets that the joint bounds let the tool reach, and those that they do not, told apart by colour and shape.

    Args:
        found: which targets can be reached.
    """
    views = VIEWS[found.targets.shape[1]]
    figure = new_figure(5.2 * len(views) + 0.4, 6.0)
    share = f"{100.0 * found.share_out:.3g} % of {len(found.targets)} validation targets out of reach"
    worst = f"by up to {short(float(found.miss.max()))} m"
    figure.suptitle(f"{share}, {worst}\n{found.bounds}", fontsize="medium")
    for i, (across, up) in enumerate(views):
        axes = figure.add_subplot(1, len(views), i + 1)
        crowd = len(found.targets) > 800
        for rows, color, marker, label in (
            (found.reached, BLUE, "o", "within reach"),
            (~found.reached, VERMILLION, "x", "out of reach"),
        ):
            axes.plot(
                *found.targets[rows][:, [across, up]].T,
                linestyle="",
                color=color,
                marker=marker,
                markersize=2.5 if crowd else 5.0,
                markerfacecolor="none",
                markeredgewidth=0.7,
                label=f"{label}: {int(rows.sum())}",
            )
        axes.set_aspect("equal", adjustable="datalim")
        tidy(
            axes, f"{AXES[across]} [m]", f"{AXES[up]} [m]", ("from above", "from the side")[i] if len(views) > 1 else ""
        )
        if i == 0:
            legend_below(figure, axes, columns=2)
    return figure
