"""Metrics against hand-made cases, against the formulas as papers write them, and against bad input."""

from __future__ import annotations

import math

import numpy as np
import pytest

import kinverse as kv
from kinverse.errors import ShapeError
from kinverse.geometry import rotation_from_vector
from kinverse.learning.evaluation.metrics import (
    Summary,
    limit_violations,
    mae,
    mse,
    proportion_interval,
    r2_global_mean,
    r2_mean,
    r2_per_column,
    summarise,
    tool_errors,
)

ACTUAL = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 60.0]])
PREDICTED = np.array([[1.0, 20.0], [2.0, 20.0], [4.0, 50.0]])
ALL = (mse, mae, r2_per_column, r2_mean, r2_global_mean)


def test_hand_made_case():
    # squared errors: column 0 sums to 1, column 1 to 200; squares about the means 2 and 30: 2 and 1400
    assert mse(ACTUAL, PREDICTED) == pytest.approx(201 / 6)
    assert mae(ACTUAL, PREDICTED) == pytest.approx(21 / 6)
    np.testing.assert_allclose(r2_per_column(ACTUAL, PREDICTED), [1 - 1 / 2, 1 - 200 / 1400])
    assert r2_mean(ACTUAL, PREDICTED) == pytest.approx((1 / 2 + 6 / 7) / 2)
    # about the one mean 16: 225 + 36 + 196 + 16 + 169 + 1936
    assert r2_global_mean(ACTUAL, PREDICTED) == pytest.approx(1 - 201 / 2578)


def test_formulas_on_random_tables():
    rng = np.random.default_rng(0)
    actual = rng.normal(rng.normal(size=5) * 3, rng.uniform(0.1, 2, 5), size=(400, 5))
    predicted = actual + rng.normal(size=actual.shape)
    error = ((actual - predicted) ** 2).sum(axis=0)
    own = 1 - error / ((actual - actual.mean(axis=0)) ** 2).sum(axis=0)
    np.testing.assert_allclose(r2_per_column(actual, predicted), own, rtol=1e-12)
    assert r2_mean(actual, predicted) == pytest.approx(own.mean())
    assert r2_global_mean(actual, predicted) == pytest.approx(1 - error.sum() / ((actual - actual.mean()) ** 2).sum())
    assert mse(actual, predicted) == pytest.approx(error.sum() / actual.size)


def test_column_means_score_nothing_except_by_the_flattering_formula():
    predicted = np.tile(ACTUAL.mean(axis=0), (3, 1))
    assert r2_mean(ACTUAL, predicted) == pytest.approx(0.0)
    assert r2_global_mean(ACTUAL, predicted) > 0.4


def test_r2_can_be_negative_without_bound():
    assert r2_mean(ACTUAL, -100 * ACTUAL) < -1000
    assert r2_global_mean(ACTUAL, -100 * ACTUAL) < -1000


def test_r2_of_a_constant_column_is_one_if_exact_and_zero_if_not():
    # The mean of 0.1 taken 7 times is not 0.1 in floating point: the column must still count as constant.
    actual = np.column_stack([np.full(7, 0.1), np.full(7, 0.1), np.arange(7.0)])
    predicted = actual + np.array([0.0, 0.01, 0.0])
    np.testing.assert_array_equal(r2_per_column(actual, predicted), [1.0, 0.0, 1.0])


@pytest.mark.parametrize("metric", ALL)
def test_float32_tables_are_measured_in_float64(metric):
    assert np.asarray(metric(ACTUAL.astype(np.float32), PREDICTED.astype(np.float32))).dtype == np.float64


@pytest.mark.parametrize("metric", ALL)
@pytest.mark.parametrize(
    ("actual", "predicted", "message"),
    [
        (np.zeros((3, 2)), np.zeros((3, 1)), r"got \(3, 2\) and \(3, 1\)"),
        (np.zeros((3, 2)), np.zeros((4, 2)), r"got \(3, 2\) and \(4, 2\)"),
        (np.zeros(3), np.zeros(3), r"shape \(n, t\), got \(3,\)"),
        (np.zeros((0, 2)), np.zeros((0, 2)), r"empty array of shape \(0, 2\)"),
        (np.array([[1.0], [np.nan]]), np.zeros((2, 1)), r"actual must be finite, got nan at index \(1, 0\)"),
        (np.zeros((2, 1)), np.array([[np.inf], [0.0]]), r"predicted must be finite, got inf at index \(0, 0\)"),
        (np.array([["a"], ["b"]]), np.zeros((2, 1)), "array of numbers"),
    ],
)
def test_malformed_tables_are_named(metric, actual, predicted, message):
    with pytest.raises(ShapeError, match=message):
        metric(actual, predicted)


@pytest.mark.parametrize("metric", [r2_per_column, r2_mean, r2_global_mean])
def test_r2_of_one_value_is_refused(metric):
    with pytest.raises(ShapeError, match=r"at least 2 .*\(1, 1\)"):
        metric(np.ones((1, 1)), np.ones((1, 1)))


def test_summary():
    assert summarise(np.arange(101.0)) == Summary(mean=50.0, median=50.0, p95=95.0, max=100.0)
    assert summarise(np.array([3.0])) == Summary(3.0, 3.0, 3.0, 3.0)
    with pytest.raises(ShapeError, match="at least one value"):
        summarise(np.array([]))


def test_tip_errors_of_positions():
    arm = kv.planar_arm((1.0, 1.0))
    errors = tool_errors(arm, np.zeros((2, 2)), np.array([[2.0, 0.0], [2.0, 0.5]]))
    np.testing.assert_allclose(errors.position, [0.0, 0.5], atol=1e-15)
    assert errors.rotation is None


def test_tip_errors_of_poses():
    arm = kv.load_arm("nao-right")
    q = arm.sample(20, seed=3)
    targets = arm.forward_kinematics(q)
    targets[:, :3, 3] += [0.003, 0.0, -0.004]
    targets[:, :3, :3] = targets[:, :3, :3] @ rotation_from_vector(np.array([0.0, 0.2, 0.0]))
    errors = tool_errors(arm, q, targets)
    np.testing.assert_allclose(errors.position, 0.005, rtol=1e-9)
    np.testing.assert_allclose(errors.rotation, 0.2, rtol=1e-9)


@pytest.mark.parametrize(
    ("q", "targets", "message"),
    [
        (np.zeros((4, 3)), np.zeros((4, 2)), r"q must have shape \(n, 2\), got \(4, 3\)"),
        (np.zeros((4, 2)), np.zeros((3, 2)), r"targets for q \(4, 2\) must have shape .*, got \(3, 2\)"),
        (np.zeros((4, 2)), np.zeros((4, 4, 3)), r"must have shape .*, got \(4, 4, 3\)"),
        (np.zeros((1, 2)), np.array([[np.nan, 0.0]]), "targets must be finite"),
    ],
)
def test_tip_errors_refuse_what_does_not_fit(q, targets, message):
    with pytest.raises(ShapeError, match=message):
        tool_errors(kv.planar_arm((1.0, 1.0)), q, targets)


def test_limit_violations_are_counted_by_row_and_joint():
    arm = kv.planar_arm((1.0, 1.0), max_angle=1.0)
    q = np.array([[0.0, 0.0], [1.5, -1.2], [1.0 + 1e-12, 0.0], [-1.1, 0.0], [0.0, 1.2]])
    found = limit_violations(arm, q)
    assert found.count_rows == 3
    assert found.per_joint == {"theta1": 2, "theta2": 2}
    assert found.worst == pytest.approx(0.5)


def test_a_continuous_joint_has_no_limit_to_break():
    found = limit_violations(kv.planar_arm((1.0,)), np.array([[1e3]]))
    assert (found.count_rows, found.per_joint, found.worst) == (0, {"theta1": 0}, 0.0)


def test_the_interval_of_a_proportion_is_wilsons():
    # Wilson 1927: (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)
    z, n, p = 1.959963985, 36, 0.75
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + (z / (2 * n)) ** 2)
    assert proportion_interval(27, 36) == pytest.approx((middle - half, middle + half), rel=1e-6)
    assert proportion_interval(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
