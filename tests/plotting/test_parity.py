"""Predicted against actual values."""

from __future__ import annotations

import numpy as np
import pytest

from kinverse.errors import ShapeError
from kinverse.plotting.parity import parity
from tests.support.figures import line, png


def test_parity_has_one_square_panel_per_joint():
    rng = np.random.default_rng(0)
    actual = rng.normal(size=(1000, 5))
    predicted = actual + 0.1 * rng.normal(size=actual.shape)
    figure = parity(actual, predicted, [f"joint{i}" for i in range(5)], "rad")
    assert len(figure.axes) == 5
    for i, axes in enumerate(figure.axes):
        (points,) = axes.collections
        np.testing.assert_array_equal(points.get_offsets(), np.column_stack([actual[:, i], predicted[:, i]]))
        assert points.get_rasterized()
        assert points.get_alpha() < 0.5
        diagonal = line(axes, "exact")
        np.testing.assert_array_equal(diagonal.get_xdata(), diagonal.get_ydata())
        assert axes.get_xlim() == axes.get_ylim()
        assert axes.get_box_aspect() == 1.0
        assert (axes.get_xlabel(), axes.get_ylabel()) == ("actual [rad]", "predicted [rad]")
        own = 1 - ((actual - predicted)[:, i] ** 2).sum() / ((actual[:, i] - actual[:, i].mean()) ** 2).sum()
        assert axes.get_title(loc="left") == f"joint{i}   R² = {own:.4f}"


def test_parity_takes_given_r2_and_constant_columns():
    figure = parity(np.ones((3, 1)), np.ones((3, 1)), ["q"], "m", r2=np.array([-0.25]))
    assert figure.axes[0].get_title(loc="left") == "q   R² = -0.2500"
    png(figure)


def test_parity_refuses_names_that_do_not_fit():
    with pytest.raises(ShapeError, match=r"2 columns needs as many names and R², got 1 and \(2,\)"):
        parity(np.eye(2), np.eye(2), ["only one"], "rad")
