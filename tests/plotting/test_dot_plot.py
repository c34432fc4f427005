"""Dot plots: every value on the row of its group."""

from __future__ import annotations

import numpy as np
import pytest

from kinverse.errors import ShapeError
from kinverse.plotting.dot_plot import dot_plot
from tests.support.figures import line


def test_every_value_is_a_dot_on_the_row_of_its_group():
    groups = {
        "relu": {"validation": [1.0, 2.0, 3.0], "test": [1.5, 2.5]},
        "a much longer name of an option": {"validation": [20.0]},
    }
    (axes,) = dot_plot(groups, "error [mm]", marks={"published": {"relu": 1.2}}).axes
    assert [text.get_text() for text in axes.get_yticklabels()] == ["relu", "a much longer name of an option"]
    assert list(line(axes, "validation").get_xdata()) == [1.0, 2.0, 3.0]
    assert set(np.round(line(axes, "validation").get_ydata())) == {1.0}
    assert list(line(axes, "published").get_xdata()) == [1.2, 1.2]
    assert line(axes, "validation").get_marker() != line(axes, "test").get_marker()


def test_a_dot_plot_needs_a_value():
    with pytest.raises(ShapeError, match="at least one value"):
        dot_plot({}, "x")
