"""Predicted over actual values, one panel per column."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kinverse.errors import ShapeError
from kinverse.learning.evaluation.metrics import finite_pair, r2_per_column
from kinverse.plotting.colours import BLACK, BLUE
from kinverse.plotting.style import DASHES, new_panels, tidy


def parity(
    actual: Float[np.ndarray, "n t"],
    predicted: Float[np.ndarray, "n t"],
    names: Sequence[str],
    unit: str,
    r2: Float[np.ndarray, " t"] | None = None,
    title: str = "",
) -> Figure:
    """Draw predicted over actual values, one square panel per column, with the diagonal of exact prediction.

    Args:
        actual: (n, t) true values.
        predicted: (n, t) predicted values.
        names: t column names, such as joint names.
        unit: unit of all columns.
        r2: (t,) R² for the panel titles; None: computed per column.
        title: text above the panels.

    Raises:
        ShapeError: tables, names and R² differ in their number of columns, or a value is not finite.
    """
    actual, predicted = finite_pair(actual, predicted, least_rows=2)
    r2 = r2_per_column(actual, predicted) if r2 is None else np.asarray(r2, dtype=np.float64)
    count = actual.shape[1]
    if len(names) != count or r2.shape != (count,):
        raise ShapeError(f"parity of {count} columns needs as many names and R², got {len(names)} and {r2.shape}")
    figure, all_axes = new_panels(count, 3, (3.2, 3.3), title)
    for i, (name, axes) in enumerate(zip(names, all_axes, strict=True)):
        _draw(axes, actual[:, i], predicted[:, i])
        tidy(axes, f"actual [{unit}]", f"predicted [{unit}]", f"{name}   R² = {r2[i]:.4f}")
        axes.set_box_aspect(1.0)
    return figure


def _draw(axes: Axes, actual: Float[np.ndarray, " n"], predicted: Float[np.ndarray, " n"]) -> None:
    """Draw the points and the diagonal; many points are drawn fainter, so that their density shows."""
    low, high = min(actual.min(), predicted.min()), max(actual.max(), predicted.max())
    margin = 0.04 * (high - low) or 1.0
    low, high = low - margin, high + margin
    axes.plot([low, high], [low, high], color=BLACK, linewidth=1.0, linestyle=DASHES[1], zorder=3, label="exact")
    faint = float(np.clip(200.0 / len(actual), 0.15, 0.8))
    size = 9 if len(actual) > 300 else 20
    # Many points are drawn as pixels; a vector file would contain each one.
    axes.scatter(actual, predicted, s=size, color=BLUE, alpha=faint, linewidths=0, rasterized=len(actual) > 300)
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5))  # equal ticks: the diagonal passes through the grid corners
