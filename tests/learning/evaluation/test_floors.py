"""The floor of a training against published numbers, and baselines against a plain search."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

import kinverse as kv
from kinverse.errors import ShapeError
from kinverse.learning.evaluation.floors import constant_predictor, nearest_neighbour, reachability_floor
from kinverse.learning.evaluation.metrics import r2_mean

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


def test_floor_is_the_mean_over_coordinates():
    # One link of 1 m: targets on the x axis at 1 m and 3 m are missed by 0 and 2 m; (0 + 4) / 2 rows / 2 axes.
    floor = reachability_floor(kv.planar_arm((1.0,)), np.array([[1.0, 0.0], [3.0, 0.0]]))
    assert floor == pytest.approx(1.0)
