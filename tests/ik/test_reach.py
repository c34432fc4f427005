"""The closest reachable positions against geometry that can be written down."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kinverse as kv
from kinverse.errors import ConfigError, ShapeError, TargetError
from kinverse.geometry import transform
from kinverse.ik.reach import closest_reachable, farthest_reach

GRID = np.column_stack([axis.ravel() for axis in np.meshgrid(*2 * [np.linspace(0.0, 2.0, 100)])])
LIMITED = kv.planar_arm((1.0, 1.0, 1.0), max_angle=np.pi / 2)


def test_the_limited_arm_misses_the_quarter_disc_by_its_distance_to_the_unit_circle():
    reach = closest_reachable(LIMITED, GRID)
    np.testing.assert_allclose(reach.miss, np.maximum(0.0, 1.0 - np.hypot(*GRID.T)), atol=1e-8)
    assert LIMITED.within_limits(reach.q, tolerance=0.0).all()
    np.testing.assert_allclose(
        np.linalg.norm(LIMITED.forward_kinematics(reach.q)[:, :2, 3] - GRID, axis=1), reach.miss, atol=1e-15
    )


def test_the_free_arm_reaches_its_disc_and_misses_by_the_distance_to_it():
    targets = np.random.default_rng(2).uniform(-5.0, 5.0, size=(1000, 2))
    reach = closest_reachable(kv.planar_arm((1.0, 1.0, 1.0)), targets)
    np.testing.assert_allclose(reach.miss, np.maximum(0.0, np.hypot(*targets.T) - 3.0), atol=1e-8)


@settings(max_examples=25, deadline=None)
@given(
    lengths=st.lists(st.floats(0.1, 2.0), min_size=1, max_size=5),
    radii=st.lists(st.floats(0.0, 2.0), min_size=1, max_size=6),
    angle=st.floats(-np.pi, np.pi),
)
def test_a_planar_arm_without_limits_reaches_an_annulus(lengths, radii, angle):
    outer = sum(lengths)
    inner = max(0.0, 2.0 * max(lengths) - outer)
    radius = np.array(radii) * outer
    targets = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    miss = closest_reachable(kv.planar_arm(lengths), targets).miss
    expected = np.maximum(np.maximum(radius - outer, inner - radius), 0.0)
    np.testing.assert_allclose(miss, expected, atol=1e-7 * outer)


@settings(max_examples=10, deadline=None)
@given(length=st.floats(0.1, 2.0), limit=st.floats(0.1, 3.0), seed=st.integers(0, 100))
def test_one_limited_link_reaches_an_arc(length, limit, seed):
    targets = np.random.default_rng(seed).normal(size=(20, 2))
    radius, angle = np.hypot(*targets.T), np.arctan2(targets[:, 1], targets[:, 0])
    beyond = np.maximum(np.abs(angle) - limit, 0.0)
    expected = np.sqrt(radius**2 + length**2 - 2.0 * radius * length * np.cos(beyond))
    miss = closest_reachable(kv.planar_arm((length,), max_angle=limit), targets).miss
    np.testing.assert_allclose(miss, expected, atol=1e-7)


def test_limits_of_the_output_layer_replace_those_of_the_arm():
    free = kv.planar_arm((1.0, 1.0, 1.0))
    targets = np.array([[0.2, 0.1], [1.5, 0.5]])
    own = closest_reachable(LIMITED, targets)
    assert own.miss[0] > 0.5
    half = np.full(3, np.pi / 2)
    np.testing.assert_allclose(closest_reachable(free, targets, lower=-half, upper=np.pi / 2).miss, own.miss)
    np.testing.assert_allclose(closest_reachable(LIMITED, targets, lower=-np.inf, upper=np.inf).miss, 0, atol=1e-8)
    np.testing.assert_array_equal(closest_reachable(free, targets, lower=9.0, upper=9.0).q, 9.0)


def test_a_sliding_joint_stops_at_its_end():
    # Turns about z, then slides 0 … 1 m along x: reaches the disc of radius 1 in the plane.
    along_x = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
    arm = kv.Arm(
        name="slider",
        joint_names=("turn", "slide"),
        joint_kinds=("continuous", "prismatic"),
        T_offsets=np.array([np.eye(4), transform(along_x), np.eye(4)]),
        lower=np.array([-np.inf, 0.0]),
        upper=np.array([np.inf, 1.0]),
    )
    targets = np.array([[0.3, 0.4, 0.0], [0.0, -3.0, 0.0], [0.6, 0.0, 0.8], [-2.0, 0.0, 1.0]])
    reach = closest_reachable(arm, targets)
    np.testing.assert_allclose(reach.miss, [0.0, 2.0, 0.8, np.sqrt(2.0)], atol=1e-8)


@pytest.mark.parametrize("name", ["nao-left", "nao-right", "panda"])
def test_a_spatial_arm_reaches_its_own_poses_and_no_sample_comes_closer_elsewhere(name):
    arm = kv.load_arm(name)
    targets = arm.forward_kinematics(arm.sample(100, seed=5))[:, :3, 3]
    assert closest_reachable(arm, targets).miss.max() < 1e-8
    far = closest_reachable(arm, 1.5 * targets)
    assert arm.within_limits(far.q, tolerance=0.0).all()
    samples = arm.forward_kinematics(arm.sample(50_000, seed=6))[:, :3, 3]
    plain = np.array([np.linalg.norm(samples - target, axis=1).min() for target in 1.5 * targets])
    assert (far.miss <= plain + 1e-12).all()


def test_a_target_has_the_same_bits_in_any_batch():
    whole, some = closest_reachable(LIMITED, GRID[::37]), closest_reachable(LIMITED, GRID[::37][::7])
    np.testing.assert_array_equal(whole.miss[::7], some.miss)
    np.testing.assert_array_equal(whole.q[::7], some.q)


def test_a_planar_arm_stretches_to_the_sum_of_its_links():
    assert farthest_reach(kv.planar_arm([1.0, 0.7, 0.2])) == pytest.approx(1.9, abs=1e-12)
    bent = kv.planar_arm([1.0, 1.0], max_angle=1.0).with_base(transform(None, (0.0, 0.0, 0.5)))
    assert farthest_reach(bent) == pytest.approx(np.hypot(2.0, 0.5), abs=1e-12)


def test_nao_reaches_equally_far_with_either_arm():
    assert farthest_reach(kv.load_arm("nao-left")) == pytest.approx(farthest_reach(kv.load_arm("nao-right")), abs=1e-12)


@pytest.mark.parametrize(
    ("targets", "limits", "error", "message"),
    [
        (np.zeros((3, 4)), {}, ShapeError, r"shape \(n, 2\) or \(n, 3\), got \(3, 4\)"),
        (np.array([[0.0, np.nan]]), {}, TargetError, "row 0"),
        (np.zeros((1, 2)), {"lower": np.zeros(2)}, ShapeError, r"lower must be one number or \(3,\) numbers"),
        (np.zeros((1, 2)), {"lower": 2.0}, ConfigError, "must not lie above"),
    ],
)
def test_malformed_requests_are_named(targets, limits, error, message):
    with pytest.raises(error, match=message):
        closest_reachable(LIMITED, targets, **limits)
