"""Cumulative distributions of errors."""

from __future__ import annotations

import numpy as np
import pytest

from kinverse.errors import ShapeError
from kinverse.plotting.error_distribution import error_distribution
from tests.support.figures import legend_texts, png


def test_error_distribution_is_the_share_below_and_marks_median_and_p95():
    errors = np.arange(1.0, 101.0)[::-1]
    figure = error_distribution(errors, "network", others={"nearest neighbour": 10.0 * errors})
    (axes,) = figure.axes
    curve = axes.get_lines()[0]
    np.testing.assert_array_equal(curve.get_xydata(), np.column_stack([np.arange(1.0, 101.0)] * 2))
    marks = [tuple(item.get_xydata()[0]) for item in axes.get_lines() if item.get_marker() in "o^"]
    np.testing.assert_allclose(marks, [(50.5, 50.0), (95.05, 95.0), (505.0, 50.0), (950.5, 95.0)])
    assert legend_texts(figure) == [
        "network: median 50.5, 95 % below 95.05",
        "nearest neighbour: median 505, 95 % below 950.5",
    ]
    assert (axes.get_xscale(), axes.get_xlabel()) == ("log", "position error [mm]")
    assert axes.get_ylabel() == "share of targets [%]"


@pytest.mark.parametrize("errors", [np.zeros(3), np.array([0.0, 1.0, 2.0])])
def test_error_distribution_draws_exact_zeros(errors):
    figure = error_distribution(errors)
    assert (figure.axes[0].get_lines()[0].get_xdata() > 0.0).all()
    png(figure)


def test_error_distribution_refuses_negative_errors():
    with pytest.raises(ShapeError, match="errors of 'signed' must be ≥ 0, got -1"):
        error_distribution(np.array([1.0, -1.0]), "signed")
