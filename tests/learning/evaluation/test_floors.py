"""Floors against geometry that can be written down, and baselines against a plain search."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

import kinverse as kv
from kinverse.errors import ConfigError, ShapeError
from kinverse.geometry import transform
from kinverse.learning.evaluation.floors import (
    closest_reachable,
    constant_predictor,
    nearest_neighbour,
    reachability_floor,
)
from kinverse.learning.evaluation.metrics import r2_mean
from kinverse.robot.arm import Arm

GRID = np.column_stack([axis.ravel() for axis in np.meshgrid(*2 * [np.linspace(0.0, 2.0, 100)])])
LIMITED = kv.planar_arm((1.0, 1.0, 1.0), max_angle=np.pi / 2)


def test_constant_predictor_repeats_the_training_means():
    predicted = constant_predictor(np.array([[1.0, 2.0], [3.0, 6.0]]), np.zeros((5, 2)))
    np.testing.assert_array_equal(predicted, np.tile([2.0, 4.0], (5, 1)))
    train = np.random.default_rng(0).normal(size=(50, 3))
    assert r2_mean(train, constant_predictor(train, train)) == pytest.approx(0.0)


def test_nearest_neighbour_is_the_plain_search_over_standardised_features():
    rng = np.random.default_rng(1)
    scale = np.array([1e-3, 1.0, 1e3])
    train, asked = rng.normal(size=(80, 3)) * scale, rng.normal(size=(30, 3)) * scale
    targets = rng.normal(size=(80, 2))
    unit = train.std(axis=0)
    plain = np.argmin(np.linalg.norm((train[None] - asked[:, None]) / unit, axis=2), axis=1)
    np.testing.assert_array_equal(nearest_neighbour(train, targets, asked), targets[plain])
    np.testing.assert_array_equal(nearest_neighbour(train, targets, train), targets)


def test_nearest_neighbour_ignores_a_constant_feature():
    train = np.array([[0.0, 7.0], [1.0, 7.0]])
    found = nearest_neighbour(train, np.array([[10.0], [20.0]]), np.array([[0.9, 7.0]]))
    np.testing.assert_array_equal(found, [[20.0]])


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((5, 2), (4, 1), (3, 2)), r"equally many rows, got \(5, 2\) and \(4, 1\)"),
        (((5, 2), (5, 1), (3, 4)), r"features must have shape \(n, 2\), got \(3, 4\)"),
        (((0, 2), (0, 1), (3, 2)), "train_features must hold at least one value"),
    ],
)
def test_nearest_neighbour_refuses_tables_that_do_not_fit(shapes, message):
    with pytest.raises(ShapeError, match=message):
        nearest_neighbour(*(np.zeros(shape) for shape in shapes))


def test_the_published_floor_of_the_limited_planar_arm():
    train, validation = train_test_split(GRID, test_size=0.2, random_state=42)
    floors = reachability_floor(LIMITED, train), reachability_floor(LIMITED, validation)
    assert [round(floor, 4) for floor in floors] == [0.0164, 0.0188]


def test_the_limited_arm_misses_the_quarter_disc_by_its_distance_to_the_unit_circle():
    reach = closest_reachable(LIMITED, GRID)
    np.testing.assert_allclose(reach.miss, np.maximum(0.0, 1.0 - np.hypot(*GRID.T)), atol=1e-8)
    assert LIMITED.within_limits(reach.q, tolerance=0.0).all()
    np.testing.assert_allclose(np.linalg.norm(LIMITED.forward(reach.q) - GRID, axis=1), reach.miss, atol=1e-15)


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
    arm = Arm(
        name="slider",
        joint_names=("turn", "slide"),
        joint_kinds=("continuous", "prismatic"),
        T_offsets=np.array([np.eye(4), transform(along_x), np.eye(4)]),
        lower=np.array([-np.inf, 0.0]),
        upper=np.array([np.inf, 1.0]),
        task="xyz",
    )
    targets = np.array([[0.3, 0.4, 0.0], [0.0, -3.0, 0.0], [0.6, 0.0, 0.8], [-2.0, 0.0, 1.0]])
    reach = closest_reachable(arm, targets)
    np.testing.assert_allclose(reach.miss, [0.0, 2.0, 0.8, np.sqrt(2.0)], atol=1e-8)


@pytest.mark.parametrize("name", ["nao-left", "nao-right"])
def test_a_spatial_arm_reaches_its_own_poses_and_no_seed_comes_closer_elsewhere(name):
    arm = dataclasses.replace(kv.load_arm(name), task="xyz")
    targets = arm.forward(arm.sample(100, seed=5))
    assert closest_reachable(arm, targets).miss.max() < 1e-8
    far = closest_reachable(arm, 1.5 * targets)
    assert arm.within_limits(far.q, tolerance=0.0).all()
    samples = arm.forward(arm.sample(50_000, seed=6))
    plain = np.array([np.linalg.norm(samples - target, axis=1).min() for target in 1.5 * targets])
    assert (far.miss <= plain + 1e-12).all()
    np.testing.assert_allclose(closest_reachable(arm, 1.5 * targets, seed=7).miss, far.miss, atol=1e-5)


def test_same_seed_same_bits_and_blocks_change_nothing(monkeypatch):
    once = closest_reachable(LIMITED, GRID[::37], seed=3)
    monkeypatch.setattr("kinverse.learning.evaluation.floors.BLOCK", 50)
    again = closest_reachable(LIMITED, GRID[::37], seed=3)
    np.testing.assert_array_equal(once.miss, again.miss)


def test_floor_is_the_mean_over_coordinates():
    # One link of 1 m: targets on the x axis at 1 m and 3 m are missed by 0 and 2 m; (0 + 4) / 2 rows / 2 axes.
    floor = reachability_floor(kv.planar_arm((1.0,)), np.array([[1.0, 0.0], [3.0, 0.0]]))
    assert floor == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("targets", "limits", "error", "message"),
    [
        (np.zeros((3, 3)), {}, ShapeError, r"task 'xy' must have shape \(n, 2\), got \(3, 3\)"),
        (np.zeros((0, 2)), {}, ShapeError, "at least one value"),
        (np.array([[0.0, np.nan]]), {}, ShapeError, r"got nan at index \(0, 1\)"),
        (np.zeros((1, 2)), {"lower": np.zeros(2)}, ShapeError, r"lower must be one number or \(3,\) numbers"),
        (np.zeros((1, 2)), {"lower": 2.0}, ConfigError, "must not lie above"),
    ],
)
def test_malformed_requests_are_named(targets, limits, error, message):
    with pytest.raises(error, match=message):
        closest_reachable(LIMITED, targets, **limits)


def test_a_pose_task_is_refused_with_the_way_out():
    with pytest.raises(ConfigError, match=r"dataclasses.replace\(arm, task='xyz'\)"):
        closest_reachable(kv.load_arm("nao-left"), np.zeros((1, 3)))
