"""Figures by what is drawn: lines, labels, units and legends; and that nothing is clipped or left open."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from matplotlib.collections import LineCollection

import kinverse as kv
from kinverse.errors import ShapeError
from kinverse.plotting.plots import error_distribution, loss_curves, parity, plane
from kinverse.plotting.pose import arm_pose
from kinverse.robot.planar import is_planar
from tests.support.figures import assert_labels_inside, assert_legend_covers_no_plot, legend_texts, line, png

EPOCHS = np.arange(5)
TRAIN = np.array([4.0, 2.0, 1.0, 0.5, 0.4])
VALIDATION = np.array([5.0, 3.0, 0.9, 1.0, 1.2])


NAMES = ("loss", "parity", "plane", "errors", "pose", "space")


def figures():
    """One of each, as a caller would make them."""
    rng = np.random.default_rng(0)
    table = rng.normal(size=(400, 5))
    arm = kv.planar_arm((1.0, 1.0, 1.0))
    nao = kv.load_arm("nao-right")
    floors = {"reachability floor": 0.3, "column means": 3.0}
    return {
        "loss": loss_curves(EPOCHS, TRAIN, VALIDATION, best_epoch=2, floors=floors, title="a title " * 20),
        "parity": parity(table, table + 0.1, list("abcde"), "rad", title="five"),
        "plane": plane(table[:, :2], table[:, 2:4], (0.0, 2.0), "grid"),
        "errors": error_distribution(np.abs(table[:, 0]), others={"nearest neighbour": np.abs(table[:, 1]) * 9}),
        "pose": arm_pose(arm, arm.sample(3), np.array([2.5, 2.5]), "in the plane"),
        "space": arm_pose(nao, nao.sample(2), nao.forward(nao.sample(1, seed=1))[0], "in space"),
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_label_lies_inside_the_picture(name):
    assert_labels_inside(figures()[name], in_space=name == "space")


@pytest.mark.parametrize("name", NAMES)
def test_the_legend_covers_no_plot(name):
    assert_legend_covers_no_plot(figures()[name])


def test_figures_leave_no_global_state():
    first = png(figures()["errors"])
    assert png(figures()["errors"]) == first
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []


def test_loss_curves_draw_the_curves_the_best_epoch_and_the_floors():
    figure = loss_curves(
        EPOCHS, TRAIN, VALIDATION, best_epoch=2, floors={"floor": 0.0164}, title="model 4", ylabel="MSE [m²]"
    )
    (axes,) = figure.axes
    np.testing.assert_array_equal(line(axes, "training").get_ydata(), TRAIN)
    np.testing.assert_array_equal(line(axes, "validation").get_ydata(), VALIDATION)
    best = line(axes, "best epoch 2: 0.9")
    assert (list(best.get_xdata()), list(best.get_ydata())) == ([2], [0.9])
    np.testing.assert_array_equal(line(axes, "floor: 0.0164").get_ydata(), [0.0164, 0.0164])
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_yscale()) == ("epoch", "MSE [m²]", "log")
    assert axes.get_title(loc="left") == "model 4"
    assert set(legend_texts(figure)) == {"training", "validation", "best epoch 2: 0.9", "floor: 0.0164"}
    # Known apart without colour, too.
    assert line(axes, "training").get_linestyle() != line(axes, "validation").get_linestyle()


def test_loss_curves_without_validation_mark_the_training_curve():
    (axes,) = loss_curves(EPOCHS, TRAIN, None, log=False, best_epoch=4).axes
    assert axes.get_yscale() == "linear"
    assert list(line(axes, "best epoch 4: 0.4").get_ydata()) == [0.4]


def test_loss_curves_leave_gaps_where_a_logarithm_has_none():
    (axes,) = loss_curves(EPOCHS, np.array([1.0, np.nan, 0.0, -1.0, 2.0]), None).axes
    drawn = line(axes, "training").get_ydata()
    np.testing.assert_array_equal(np.isnan(drawn), [False, True, True, True, False])


@pytest.mark.parametrize(
    ("train", "options", "message"),
    [
        (TRAIN[:4], {}, r"training loss must have the same shape \(n,\), got \(5,\) and \(4,\)"),
        (TRAIN, {"best_epoch": 9}, "one of the epochs 0 … 4, got 9"),
    ],
)
def test_loss_curves_refuse_what_does_not_fit(train, options, message):
    with pytest.raises(ShapeError, match=message):
        loss_curves(EPOCHS, train, None, **options)


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


def test_plane_joins_every_target_with_what_was_reached():
    targets = np.array([[0.0, 0.0], [1.0, 2.0]])
    reached = np.array([[0.0, 0.2], [1.4, 2.0]])
    figure = plane(targets, reached, (0.0, 2.0), "model 2")
    (axes,) = figure.axes
    segments = next(item for item in axes.collections if isinstance(item, LineCollection)).get_segments()
    np.testing.assert_array_equal(segments, np.stack([targets, reached], axis=1))
    np.testing.assert_array_equal(line(axes, "target").get_xydata(), targets)
    np.testing.assert_array_equal(line(axes, "reached").get_xydata(), reached)
    assert axes.get_title(loc="left") == "model 2 — MSE 0.05 m²"  # (0.04 + 0.16) / 4
    assert axes.get_aspect() == 1.0
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x [m]", "y [m]")
    (square,) = axes.patches
    assert (square.get_xy(), square.get_width(), square.get_height()) == ((0.0, 0.0), 2.0, 2.0)
    assert set(legend_texts(figure)) == {"training square", "error", "target", "reached"}


def test_plane_wants_two_columns():
    with pytest.raises(ShapeError, match=r"\(n, 2\), got \(4, 3\)"):
        plane(np.zeros((4, 3)), np.zeros((4, 3)))


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


def test_planar_arm_is_drawn_in_the_plane_from_base_to_tool():
    arm = kv.planar_arm((1.0, 2.0))
    figure = arm_pose(arm, np.array([0.0, np.pi / 2]), np.array([1.5, 2.5]), "bent")
    (axes,) = figure.axes
    assert axes.name == "rectilinear"
    np.testing.assert_allclose(line(axes, "arm").get_xydata(), [[0, 0], [0, 0], [1, 0], [1, 2]], atol=1e-12)
    np.testing.assert_allclose(line(axes, "tool").get_xydata(), [[1, 2]], atol=1e-12)
    np.testing.assert_allclose(line(axes, "base").get_xydata(), [[0, 0]])
    np.testing.assert_allclose(line(axes, "target").get_xydata(), [[1.5, 2.5]])
    assert legend_texts(figure) == ["arm", "joint", "tool", "base", "target"]
    assert {text.get_text() for text in axes.texts} == {"x", "y"}
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_aspect()) == ("x [m]", "y [m]", 1.0)


def test_spatial_arm_is_drawn_in_space_with_equal_scales():
    arm = kv.load_arm("nao-right")
    q = arm.sample(1, seed=1)[0]
    figure = arm_pose(arm, q, arm.forward(q))
    (axes,) = figure.axes
    assert axes.name == "3d"
    tool = arm.pose(q)[:3, 3]
    np.testing.assert_allclose(np.ravel(line(axes, "tool").get_data_3d()), tool, atol=1e-12)
    np.testing.assert_allclose(np.ravel(line(axes, "target").get_data_3d()), tool, atol=1e-12)
    sides = [high - low for low, high in (axes.get_xlim(), axes.get_ylim(), axes.get_zlim())]
    np.testing.assert_allclose(sides, sides[0])
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_zlabel()) == ("x [m]", "y [m]", "z [m]")
    assert {text.get_text() for text in axes.texts} >= {"x", "y", "z"}


def test_few_poses_are_named_and_many_are_a_motion():
    arm = kv.planar_arm((1.0, 1.0))
    assert legend_texts(arm_pose(arm, arm.sample(2))) == ["pose 1", "pose 2", "joint", "tool", "base"]
    assert legend_texts(arm_pose(arm, arm.sample(9))) == ["pose 1", "pose 9", "joint", "tool", "base"]


def test_only_arms_that_stay_in_the_plane_are_planar():
    assert is_planar(kv.planar_arm((1.0, 1.0)))
    assert not is_planar(kv.load_arm("nao-left"))
    assert not is_planar(kv.load_arm("nao-left", task="xy"))


def test_an_xy_arm_in_space_has_its_target_at_height_zero():
    arm = kv.load_arm("nao-left", task="xy")
    (axes,) = arm_pose(arm, arm.sample(1)[0], np.array([0.1, 0.2])).axes
    np.testing.assert_allclose(np.ravel(line(axes, "target").get_data_3d()), [0.1, 0.2, 0.0])


@pytest.mark.parametrize(
    ("q", "target", "message"),
    [
        (np.zeros(3), None, "has 2 joints, got joint positions of shape"),
        (np.zeros((2, 2, 2)), None, r"shape \(2,\) or \(k, 2\), got \(2, 2, 2\)"),
        (np.zeros(2), np.zeros(3), r"task 'xy' must have shape \(2,\) or \(m, …\), got \(3,\)"),
        (np.zeros(2), np.array([np.nan, 0.0]), "target must be finite"),
        (np.zeros(2), 1.0, r"got \(\)"),
    ],
)
def test_poses_and_targets_that_do_not_fit_are_refused(q, target, message):
    with pytest.raises(ShapeError, match=message):
        arm_pose(kv.planar_arm((1.0, 1.0)), q, target)
