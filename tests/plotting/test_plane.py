"""Targets in the plane and the positions reached for them."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import LineCollection

from kinverse.errors import ShapeError
from kinverse.plotting.plane import PlanePanel, plane_errors
from tests.support.figures import legend_texts, line


def test_every_target_is_joined_with_the_position_reached():
    targets = np.array([[0.0, 0.0], [1.0, 2.0]])
    reached = np.array([[0.0, 0.2], [1.4, 2.0]])
    figure = plane_errors(PlanePanel("model 2", targets, reached), square=(0.0, 2.0))
    (axes,) = figure.axes
    segments = next(item for item in axes.collections if isinstance(item, LineCollection)).get_segments()
    np.testing.assert_array_equal(segments, np.stack([targets, reached], axis=1))
    np.testing.assert_array_equal(line(axes, "target").get_xydata(), targets)
    np.testing.assert_array_equal(line(axes, "reached").get_xydata(), reached)
    assert axes.get_title(loc="left") == "model 2\nMSE 0.05 m²"  # (0.04 + 0.16) / 4
    assert axes.get_aspect() == 1.0
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x [m]", "y [m]")
    (square,) = axes.patches
    assert (square.get_xy(), square.get_width(), square.get_height()) == ((0.0, 0.0), 2.0, 2.0)
    assert set(legend_texts(figure)) == {"training square", "error", "target", "reached"}


def test_several_models_share_their_axes():
    targets = np.random.default_rng(0).uniform(0.0, 2.0, (9, 2))
    arm = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    panels = [PlanePanel(f"model {i}", targets, targets + 0.01 * i, unreachable=1.0, arm=arm) for i in range(1, 4)]
    figure = plane_errors(panels)
    assert "MSE 0.0004 m²" in figure.axes[1].get_title(loc="left")
    assert len({(axes.get_xlim(), axes.get_ylim()) for axes in figure.axes}) == 1
    assert {"unreachable", "arm", "target", "reached", "error"} == set(legend_texts(figure))


@pytest.mark.parametrize("far", [-50.0, 50.0])
def test_a_far_point_does_not_shrink_the_training_square(far):
    panel = PlanePanel("", np.array([[1.0, 1.0], [1.5, 0.5]]), np.array([[far, 1.0], [1.5, far]]))
    (axes,) = plane_errors(panel, square=(0.0, 2.0)).axes
    for low, high in (axes.get_xlim(), axes.get_ylim()):
        assert -1.5 <= low <= -0.12
        assert 2.12 <= high <= 3.5


def test_tables_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match=r"\(n, 2\), got \(4, 3\)"):
        PlanePanel("", np.zeros((4, 3)), np.zeros((4, 3)))
    with pytest.raises(ShapeError, match="same shape"):
        PlanePanel("", np.zeros((4, 2)), np.zeros((3, 2)))
    with pytest.raises(ShapeError, match="at least one panel"):
        plane_errors([])
