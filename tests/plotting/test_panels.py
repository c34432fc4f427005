"""Several trainings side by side, one value for each start, and functions as curves."""

from __future__ import annotations

import numpy as np
import pytest

from kinverse.errors import ShapeError
from kinverse.plotting.dot_plot import strips
from kinverse.plotting.panels import LossPanel, PlanePanel, loss_panels, plane_panels
from kinverse.plotting.shapes import activation_shapes, loss_shapes
from tests.support.figures import assert_labels_inside, assert_legend_covers_no_plot, legend_texts, line

EPOCHS = np.arange(4)
FALLING = np.array([4.0, 2.0, 1.0, 0.5])


def curves():
    floors = {"constant answer": 3.0}
    return [
        LossPanel("one, with a long title of its own", EPOCHS, FALLING, 2.0 * FALLING, floors, best_epoch=3),
        LossPanel("two", EPOCHS, 9.0 * FALLING, FALLING, others={"clean test": FALLING + 1.0}),
        LossPanel("three", EPOCHS[:1], FALLING[:1], FALLING[:1]),
        LossPanel("four", EPOCHS, FALLING, FALLING),
    ]


def planes():
    rng = np.random.default_rng(0)
    targets = rng.uniform(0.0, 2.0, (9, 2))
    arm = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    return [PlanePanel(f"model {i}", targets, targets + 0.01 * i, out_of_reach=1.0, arm=arm) for i in range(1, 4)]


def groups():
    return {
        "relu": {"validation": [1.0, 2.0, 3.0], "test": [1.5, 2.5]},
        "a much longer name of an option": {"validation": [20.0]},
    }


def drawn():
    return {
        "losses": loss_panels(curves()),
        "planes": plane_panels(planes(), square=(0.0, 2.0), title="six"),
        "strips": strips(groups(), "error [mm]", marks={"published": {"relu": 1.2}}),
        "loss shapes": loss_shapes(),
        "activations": activation_shapes(),
    }


@pytest.mark.parametrize("name", drawn())
def test_labels_and_legends_are_whole(name):
    assert_labels_inside(drawn()[name])
    assert_legend_covers_no_plot(drawn()[name])


def test_loss_panels_share_their_axis_and_one_legend():
    figure = loss_panels(curves(), columns=3)
    assert len(figure.axes) == 4
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    assert set(legend_texts(figure)) == {
        "training", "validation", "constant answer", "best epoch on validation", "clean test",
    }  # fmt: skip
    np.testing.assert_array_equal(figure.axes[0].get_lines()[1].get_ydata(), 2.0 * FALLING)
    assert loss_panels(curves(), log=False, top=0.6).axes[2].get_ylim() == (0.0, 0.6)


def test_a_logarithm_leaves_gaps():
    figure = loss_panels([LossPanel("x", EPOCHS, np.array([1.0, 0.0, -1.0, 2.0]), FALLING)])
    np.testing.assert_array_equal(np.isnan(figure.axes[0].get_lines()[0].get_ydata()), [False, True, True, False])


def test_plane_panels_give_the_error_that_they_draw():
    figure = plane_panels(planes())
    assert "MSE 0.0004 m²" in figure.axes[1].get_title(loc="left")
    assert len({(axes.get_xlim(), axes.get_ylim()) for axes in figure.axes}) == 1
    assert {"out of reach", "arm", "target", "reached", "error"} == set(legend_texts(figure))


def test_strips_draw_every_value_on_its_line():
    figure = strips(groups(), "error [mm]", marks={"published": {"relu": 1.2}})
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_yticklabels()] == ["relu", "a much longer name of an option"]
    assert list(line(axes, "validation").get_xdata()) == [1.0, 2.0, 3.0]
    assert set(np.round(line(axes, "validation").get_ydata())) == {1.0}
    assert list(line(axes, "published").get_xdata()) == [1.2, 1.2]
    assert line(axes, "validation").get_marker() != line(axes, "test").get_marker()


def test_what_does_not_fit_is_refused():
    with pytest.raises(ShapeError, match=r"panel 'x': validation must have as many values as there are epochs"):
        LossPanel("x", EPOCHS, FALLING, FALLING[:2])
    with pytest.raises(ShapeError, match=r"panel 'x': best_epoch 9 is not among the epochs"):
        LossPanel("x", EPOCHS, FALLING, FALLING, best_epoch=9)
    for draw in (loss_panels, plane_panels):
        with pytest.raises(ShapeError, match="at least one"):
            draw([])
    with pytest.raises(ShapeError, match="at least one value"):
        strips({}, "x")


def test_slopes_of_the_shapes_are_the_curves_differences():
    for figure in (loss_shapes(), activation_shapes()):
        values, slopes = figure.axes
        for curve, slope in zip(values.get_lines(), slopes.get_lines(), strict=True):
            x, y = curve.get_data()
            measured = np.gradient(y, x)
            kinks = np.abs(np.gradient(np.gradient(y, x), x)) > 5.0
            np.testing.assert_allclose(slope.get_ydata()[~kinks][1:-1], measured[~kinks][1:-1], atol=0.02)
