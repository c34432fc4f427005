"""Curves of losses and activations: the drawn slopes are the slopes of the drawn curves."""

from __future__ import annotations

import numpy as np
import pytest

from kinverse.plotting.shapes import activation_shapes, loss_shapes


@pytest.mark.parametrize("draw", [loss_shapes, activation_shapes])
def test_slopes_are_the_differences_of_the_curves(draw):
    values, slopes = draw().axes
    for curve, slope in zip(values.get_lines(), slopes.get_lines(), strict=True):
        x, y = curve.get_data()
        measured = np.gradient(y, x)
        kinks = np.abs(np.gradient(np.gradient(y, x), x)) > 5.0
        np.testing.assert_allclose(slope.get_ydata()[~kinks][1:-1], measured[~kinks][1:-1], atol=0.02)
