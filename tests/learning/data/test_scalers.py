"""Scalers against scikit-learn, and against their own inverse."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from kinverse.errors import DataError, ShapeError, UnknownNameError
from kinverse.files import from_plain, to_json
from kinverse.learning.data.splits import fit_scaler
from kinverse.network.scaling import SCALERS, Scaler

TABLES = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, max_side=8),
    elements=st.floats(-1e6, 1e6).filter(lambda x: x == 0.0 or abs(x) > 1e-6),
)


@given(TABLES, st.sampled_from(SCALERS))
def test_inverse_undoes_transform(values: np.ndarray, kind: str) -> None:
    scaler = fit_scaler(kind, values)
    back = scaler.inverse(scaler.transform(values))
    np.testing.assert_allclose(back, values, rtol=1e-12, atol=1e-12 * np.abs(values).max())


@given(TABLES, st.sampled_from(["minmax", "standard"]))
def test_equals_scikit_learn(values: np.ndarray, kind: str) -> None:
    theirs = (MinMaxScaler() if kind == "minmax" else StandardScaler()).fit(values)
    ours = fit_scaler(kind, values)
    # Where a column hardly varies, both lose digits of x − shift: compare in units of the column's size.
    tolerance = 1e-12 * (1.0 + np.abs(values).max(axis=0) / ours.scale)
    assert (np.abs(ours.transform(values) - theirs.transform(values)) <= tolerance).all()


def test_minmax_spans_zero_to_one_and_standard_has_unit_variance() -> None:
    values = np.random.default_rng(0).normal(3.0, [0.1, 10.0, 1e3], size=(200, 3))
    scaled = fit_scaler("minmax", values).transform(values)
    assert scaled.min(axis=0).tolist() == [0.0] * 3 and scaled.max(axis=0).tolist() == [1.0] * 3
    scaled = fit_scaler("standard", values).transform(values)
    np.testing.assert_allclose(scaled.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(scaled.var(axis=0), 1.0)
    assert fit_scaler("none", values).transform(values) is not values
    np.testing.assert_array_equal(fit_scaler("none", values).transform(values), values)


@pytest.mark.parametrize("kind", SCALERS)
def test_constant_columns_and_no_columns(kind: str) -> None:
    scaler = fit_scaler(kind, np.full((4, 2), 7.0))
    assert scaler.scale.tolist() == [1.0, 1.0]
    np.testing.assert_array_equal(scaler.inverse(scaler.transform(np.full((1, 2), 9.0))), [[9.0, 9.0]])
    empty = fit_scaler(kind, np.empty((4, 0)))
    assert empty.transform(np.empty((3, 0))).shape == (3, 0)


@pytest.mark.parametrize("kind", SCALERS)
def test_round_trip_through_json(kind: str) -> None:
    scaler = fit_scaler(kind, np.random.default_rng(1).normal(size=(9, 4)))
    back = from_plain(json.loads(to_json(scaler)), Scaler, "a file", DataError)
    assert back.kind == kind
    np.testing.assert_array_equal([back.shift, back.scale], [scaler.shift, scaler.scale])


def test_wrong_use() -> None:
    with pytest.raises(UnknownNameError, match="unknown scaler 'robust': available: minmax, standard, none"):
        fit_scaler("robust", np.ones((2, 2)))
    with pytest.raises(ShapeError, match=r"fitted on 2 columns, got an array of shape \(3,\)"):
        fit_scaler("none", np.ones((2, 2))).transform(np.ones(3))
    for values in (np.empty((0, 2)), np.ones(3), np.array([[np.nan]])):
        with pytest.raises(DataError, match="fitted on a table of finite numbers"):
            fit_scaler("minmax", values)


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        {"kind": "minmax", "shift": [0.0], "scale": [0.0]},
        {"kind": "minmax", "shift": [0.0], "scale": [1.0, 1.0]},
        {"kind": "minmax", "shift": ["a"], "scale": [1.0]},
        {"kind": "minmax", "shift": [float("nan")], "scale": [1.0]},
        {"kind": "minmax", "shift": None, "scale": 1.0},
    ],
)
def test_descriptions_that_cannot_be_trusted(data: dict) -> None:
    with pytest.raises(DataError, match="a file: "):
        from_plain(data, Scaler, "a file", DataError)
