"""Fits to points on a line, and the sweep over capacities, by what is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from kinverse.errors import ShapeError
from kinverse.plotting.fits import FitPanel, Points, capacity_sweep, fit_panels
from tests.support.figures import assert_labels_inside, assert_legend_covers_no_plot, legend_texts, line

X = np.linspace(0.0, 1.0, 11)
DATA = {"training points": Points(X[::2], X[::2]), "validation points": Points(X[1::2], X[1::2])}
SERIES = {
    "test": [np.array([0.3, 0.2]), np.array([0.06]), np.array([0.05, 0.055, 0.09])],
    "training": [np.array([0.2]), np.array([]), np.array([0.001])],
}
NAMES, SIZES = ["1-1-1", "1-16-16-1", "1-128-1"], [4, 321, 385]


def test_every_start_is_a_curve_over_the_data():
    starts = np.stack([X, 2.0 * X, 3.0 * X])
    panels = [FitPanel("the data"), FitPanel("net", {"after all epochs": starts, "early stopping": X**2})]
    figure = fit_panels(panels, X, np.sin(X), 0.2, DATA)
    empty, full = figure.axes
    assert len(empty.get_lines()) == 3  # the true curve and two kinds of points
    drawn = [item.get_ydata() for item in full.get_lines()]
    for curve in (np.sin(X), *starts, X**2, DATA["training points"].y, DATA["validation points"].y):
        assert any(np.shape(y) == np.shape(curve) and np.array_equal(y, curve) for y in drawn)
    band = empty.collections[0].get_paths()[0].vertices
    assert band[:, 1].max() == pytest.approx(np.sin(1.0) + 0.2)
    assert full.get_title(loc="left") == "net"
    assert {"after all epochs", "early stopping", "true curve", *DATA} <= set(legend_texts(figure))
    assert_labels_inside(figure)
    assert_legend_covers_no_plot(figure)


def test_curves_over_another_line_are_refused():
    with pytest.raises(ShapeError, match=r"panel 'net': early must be one or several curves of 11 values, got \(10,\)"):
        fit_panels([FitPanel("net", {"early": X[:-1]})], X, X, 0.1, DATA)
    with pytest.raises(ShapeError, match="at least one panel"):
        fit_panels([], X, X, 0.1, DATA)


def test_the_sweep_marks_every_start_and_joins_the_medians():
    figure = capacity_sweep(NAMES, SIZES, SERIES, floor=("noise floor", 0.04), ylabel="MSE", title="sweep")
    (axes,) = figure.axes
    test = line(axes, "test")
    np.testing.assert_array_equal(test.get_xydata(), [[4, 0.25], [321, 0.06], [385, 0.055]])
    np.testing.assert_array_equal(line(axes, "training").get_xdata(), [4, 385])  # none where nothing was trained
    marks = [item.get_ydata() for item in axes.get_lines() if item.get_linestyle() == "None"]
    assert sorted(value for values in marks for value in values) == sorted(
        value for group in SERIES.values() for values in group for value in values
    )
    np.testing.assert_array_equal(line(axes, "noise floor: 0.04").get_ydata(), [0.04, 0.04])
    assert (axes.get_xscale(), axes.get_yscale(), axes.get_ylabel()) == ("log", "log", "MSE")
    above = axes.child_axes[0]
    assert [tick.get_text() for tick in above.get_xticklabels()] == NAMES
    assert test.get_linestyle() != line(axes, "training").get_linestyle()
    assert_labels_inside(figure)
    assert_legend_covers_no_plot(figure)


@pytest.mark.parametrize(("names", "sizes"), [(NAMES[:2], SIZES), (NAMES, SIZES[:2]), ([], [])])
def test_a_sweep_that_does_not_fit_together_is_refused(names, sizes):
    with pytest.raises(ShapeError, match="one entry for each network"):
        capacity_sweep(names, sizes, SERIES, ylabel="MSE")
