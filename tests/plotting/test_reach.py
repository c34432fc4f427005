"""The figure of reachable targets: every target once, in two colours and two shapes, with shares and units."""

from __future__ import annotations

import numpy as np
import pytest

from kinverse.learning.diagnosis.reach import Reachability
from kinverse.plotting.reach import reach_figure


def found(columns: int, rows: int = 40) -> Reachability:
    targets = np.random.default_rng(0).normal(size=(rows, columns))
    miss = np.maximum(np.linalg.norm(targets, axis=1) - 1.0, 0.0)
    return Reachability(targets, miss, miss == 0.0, "angles within ±1 rad")


@pytest.mark.parametrize("columns", [2, 3])
def test_every_target_is_drawn_once_in_each_view(columns: int) -> None:
    reach = found(columns)
    figure = reach_figure(reach)
    for axes, (across, up) in zip(figure.axes, ((0, 1), (0, 2)), strict=False):
        inside, outside = axes.get_lines()
        np.testing.assert_array_equal(np.column_stack(inside.get_data()), reach.targets[reach.reached][:, [across, up]])
        np.testing.assert_array_equal(
            np.column_stack(outside.get_data()), reach.targets[~reach.reached][:, [across, up]]
        )
        assert inside.get_color() != outside.get_color()
        assert inside.get_marker() != outside.get_marker()
        assert axes.get_xlabel() == f"{'xyz'[across]} [m]"
        assert axes.get_ylabel() == f"{'xyz'[up]} [m]"
    assert len(figure.axes) == columns - 1
    title = figure.get_suptitle()
    assert f"{100.0 * reach.share_out:.3g} % of 40 validation targets unreachable" in title
    assert "angles within ±1 rad" in title
    assert f"{reach.miss.max():.4g} m" in title
    figure.canvas.draw()


def test_without_unreachable_targets_the_figure_is_drawn_too() -> None:
    reach = Reachability(np.zeros((3, 2)), np.zeros(3), np.ones(3, dtype=bool), "any joint positions")
    figure = reach_figure(reach)
    assert "0 % of 3" in figure.get_suptitle()
    figure.canvas.draw()
