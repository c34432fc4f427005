"""Arms drawn in the plane and in space: points, axes, labels and legends."""

from __future__ import annotations

import numpy as np
import pytest

import kinverse as kv
from kinverse.errors import ShapeError
from kinverse.plotting.arms import arm_pose
from tests.support.figures import legend_texts, line


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
    figure = arm_pose(arm, q, arm.forward_kinematics(q))
    (axes,) = figure.axes
    assert axes.name == "3d"
    tool = arm.forward_kinematics(q)[:3, 3]
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


def test_a_planar_target_is_drawn_in_space_at_height_zero():
    arm = kv.load_arm("nao-left")
    (axes,) = arm_pose(arm, arm.sample(1)[0], np.array([0.1, 0.2])).axes
    np.testing.assert_allclose(np.ravel(line(axes, "target").get_data_3d()), [0.1, 0.2, 0.0])


def test_a_batch_of_poses_has_one_mark_each():
    arm = kv.load_arm("nao-left")
    (axes,) = arm_pose(arm, arm.sample(1)[0], arm.forward_kinematics(arm.sample(4, seed=1))).axes
    assert len([item for item in axes.get_lines() if item.get_marker() == "x"]) == 4


@pytest.mark.parametrize(
    ("q", "target", "message"),
    [
        (np.zeros(3), None, "has 2 joints, got joint positions of shape"),
        (np.zeros((2, 2, 2)), None, r"shape \(2,\) or \(k, 2\), got \(2, 2, 2\)"),
        (np.zeros(2), np.zeros(4), r"must have shape \(2,\), \(3,\) or \(4, 4\), or \(m, …\) of one, got \(4,\)"),
        (np.zeros(2), np.array([np.nan, 0.0]), "target must be finite"),
        (np.zeros(2), 1.0, r"got \(\)"),
    ],
)
def test_poses_and_targets_that_do_not_fit_are_refused(q, target, message):
    with pytest.raises(ShapeError, match=message):
        arm_pose(kv.planar_arm((1.0, 1.0)), q, target)
