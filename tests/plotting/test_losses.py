"""Loss curves of one training and of several."""

from __future__ import annotations

import numpy as np
import pytest

from kinverse.errors import ShapeError
from kinverse.plotting.losses import LossPanel, loss_curves
from tests.support.figures import legend_texts, line

EPOCHS = np.arange(5)
TRAIN = np.array([4.0, 2.0, 1.0, 0.5, 0.4])
VALIDATION = np.array([5.0, 3.0, 0.9, 1.0, 1.2])


def test_one_training_has_its_curves_best_epoch_and_floors_with_values_in_the_legend():
    panel = LossPanel("model 4", EPOCHS, TRAIN, VALIDATION, {"floor": 0.0164}, best_epoch=2)
    figure = loss_curves(panel, ylabel="MSE [m²]")
    (axes,) = figure.axes
    np.testing.assert_array_equal(line(axes, "training").get_ydata(), TRAIN)
    np.testing.assert_array_equal(line(axes, "validation").get_ydata(), VALIDATION)
    best = line(axes, "best epoch 2: 0.9")
    assert (list(best.get_xdata()), list(best.get_ydata())) == ([2], [0.9])
    np.testing.assert_array_equal(line(axes, "floor: 0.0164").get_ydata(), [0.0164, 0.0164])
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_yscale()) == ("epoch", "MSE [m²]", "log")
    assert axes.get_title(loc="left") == "model 4"
    assert set(legend_texts(figure)) == {"training", "validation", "best epoch 2: 0.9", "floor: 0.0164"}
    # The curves also differ without colour.
    assert line(axes, "training").get_linestyle() != line(axes, "validation").get_linestyle()


def test_without_validation_the_best_epoch_is_marked_on_the_training_curve():
    (axes,) = loss_curves(LossPanel("", EPOCHS, TRAIN, None, best_epoch=4), log=False).axes
    assert axes.get_yscale() == "linear"
    assert list(line(axes, "best epoch 4: 0.4").get_ydata()) == [0.4]


def test_a_logarithmic_axis_leaves_gaps_at_zero_negative_and_missing_losses():
    (axes,) = loss_curves(LossPanel("", EPOCHS, np.array([1.0, np.nan, 0.0, -1.0, 2.0]), None)).axes
    drawn = line(axes, "training").get_ydata()
    np.testing.assert_array_equal(np.isnan(drawn), [False, True, True, True, False])


def test_a_floor_far_below_the_curves_does_not_flatten_them():
    panel = LossPanel("", EPOCHS, TRAIN, None, {"exact": 1e-21, "near": 1e-3})
    figure = loss_curves(panel)
    assert legend_texts(figure) == ["training", "near: 0.001"]
    assert "exact: 1e-21" in legend_texts(loss_curves(panel, log=False))


def test_several_trainings_share_their_axis_and_one_legend():
    panels = [
        LossPanel("one", EPOCHS, TRAIN, 2.0 * TRAIN, {"constant answer": 3.0}, best_epoch=3),
        LossPanel("two", EPOCHS, 9.0 * TRAIN, TRAIN, others={"clean test": TRAIN + 1.0}),
        LossPanel("three", EPOCHS[:1], TRAIN[:1], TRAIN[:1]),
        LossPanel("four", EPOCHS, TRAIN, TRAIN),
    ]
    figure = loss_curves(panels, columns=3)
    assert len(figure.axes) == 4
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    entries = ["training", "validation", "constant answer", "best epoch on validation", "clean test"]
    assert legend_texts(figure) == entries
    np.testing.assert_array_equal(line(figure.axes[0], "validation").get_ydata(), 2.0 * TRAIN)
    assert [axes.get_xlabel() for axes in figure.axes] == ["", "epoch", "epoch", "epoch"]
    assert [axes.get_ylabel() for axes in figure.axes] == ["MSE loss", "", "", "MSE loss"]
    assert loss_curves(panels, log=False, top=0.6).axes[2].get_ylim() == (0.0, 0.6)


def test_curves_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match=r"panel 'x': validation must have as many values as there are epochs"):
        LossPanel("x", EPOCHS, TRAIN, VALIDATION[:2])
    with pytest.raises(ShapeError, match=r"panel 'x': training must have .* got \(4,\) and \(5,\)"):
        LossPanel("x", EPOCHS, TRAIN[:4], None)
    with pytest.raises(ShapeError, match=r"panel 'x': best_epoch 9 is not among the epochs"):
        LossPanel("x", EPOCHS, TRAIN, VALIDATION, best_epoch=9)
    with pytest.raises(ShapeError, match="at least one panel"):
        loss_curves([])
