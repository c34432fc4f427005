"""Poses as columns and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kinverse as kv
from kinverse.errors import ShapeError, UnknownNameError
from kinverse.geometry import position_error, rotation_error
from kinverse.robot.encodings import (
    ARKOMA,
    ENCODINGS,
    POSE,
    XY,
    XYZ,
    default_encoding,
    encoding_named,
    round_decimal,
)


@pytest.fixture(scope="module")
def poses() -> np.ndarray:
    arm = kv.load_arm("nao-left")
    return arm.forward_kinematics(arm.sample(600, seed=0)).reshape(20, 30, 4, 4)


@pytest.mark.parametrize("name", ENCODINGS)
def test_shapes_names_and_batches(name: str, poses: np.ndarray) -> None:
    encoding = ENCODINGS[name]
    features = encoding.encode(poses)
    assert len(encoding.names) == len(encoding.units) == features.shape[-1]
    assert features.shape[:-1] == (20, 30)
    assert encoding.decode(features).shape == poses.shape
    np.testing.assert_array_equal(encoding.encode(poses[3, 4]), features[3, 4])
    np.testing.assert_array_equal(encoding.decode(features[3, 4]), encoding.decode(features)[3, 4])
    assert encoding.encode(poses[:0]).shape == (0, 30, features.shape[-1])


def test_positions_are_exact_and_the_rest_is_the_identity(poses: np.ndarray) -> None:
    for encoding, count in ((XY, 2), (XYZ, 3)):
        T = encoding.decode(encoding.encode(poses))
        np.testing.assert_array_equal(T[..., :count, 3], poses[..., :count, 3])
        expected = np.broadcast_to(np.eye(4), T.shape).copy()
        expected[..., :count, 3] = poses[..., :count, 3]
        np.testing.assert_array_equal(T, expected)


def test_pose_goes_there_and_back(poses: np.ndarray) -> None:
    np.testing.assert_allclose(POSE.decode(POSE.encode(poses)), poses, atol=1e-14)


def test_arkoma_goes_there_and_back_up_to_its_rounding(poses: np.ndarray) -> None:
    T = ARKOMA.decode(ARKOMA.encode(poses))
    assert position_error(T, poses).max() < 0.9e-5  # √3 · 0.005 mm
    assert np.rad2deg(rotation_error(T, poses)).max() < 1.0
    np.testing.assert_allclose(T[..., :3, :3] @ np.swapaxes(T[..., :3, :3], -1, -2) - np.eye(3), 0.0, atol=1e-14)


def test_arkoma_rounds_the_matrix_before_the_rotation_vector(poses: np.ndarray) -> None:
    late = np.round(np.rad2deg(POSE.encode(poses)[..., 3:]), 2)
    assert np.abs(ARKOMA.encode(poses)[..., 3:] - late).max() > 0.1


def test_identity_and_half_turns() -> None:
    assert ARKOMA.encode(np.eye(4)).tolist() == [0.0] * 6
    half_turn = np.diag([1.0, -1.0, -1.0, 1.0])
    np.testing.assert_allclose(ARKOMA.encode(half_turn), [0.0, 0.0, 0.0, 180.0, 0.0, 0.0])
    np.testing.assert_allclose(POSE.decode(POSE.encode(half_turn)), half_turn, atol=1e-15)


@given(st.integers(-(10**12), 10**12), st.integers(0, 5))
def test_rounded_numbers_print_and_read_back_as_the_same_bits(k: int, decimals: int) -> None:
    text = f"{'-' if k < 0 else ''}{abs(k) // 10**decimals}.{abs(k) % 10**decimals:0{decimals}d}"
    value = float(round_decimal(np.array([np.nextafter(float(text), np.inf)]), decimals)[0])
    if abs(k) < 10**9:  # beyond, one unit in the last place reaches the rounding
        assert value == float(text)
    assert float(f"{value:.{decimals}f}") == value
    assert not (value == 0.0 and np.signbit(value))


def test_small_negative_numbers_round_to_plain_zero() -> None:
    assert f"{round_decimal(np.array([-0.004]), 2)[0]:.2f}" == "0.00"


def test_the_default_is_that_of_the_arm_and_names_are_looked_up() -> None:
    assert default_encoding(kv.load_arm("planar3")) is XY
    assert default_encoding(kv.load_arm("nao-left")) is POSE
    assert encoding_named("arkoma") is ARKOMA
    with pytest.raises(
        UnknownNameError, match="unknown encoding 'euler': available: xy, xyz, pose, quaternion, matrix, arkoma"
    ):
        encoding_named("euler")


def test_wrong_shapes() -> None:
    with pytest.raises(ShapeError, match=r"takes poses of shape \(..., 4, 4\), got \(3, 3\)"):
        XY.encode(np.eye(3))
    with pytest.raises(ShapeError, match=r"has 2 columns x, y; got features of shape \(5, 3\)"):
        XY.decode(np.zeros((5, 3)))
