"""Rotations, transforms and errors against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

import kinverse as kv
from kinverse import geometry as g
from kinverse.errors import ConfigError, ShapeError, TargetError, UnknownNameError

angles = st.floats(-20.0, 20.0)
seeds = st.integers(0, 2**32 - 1)


def unit_vector(seed: int) -> np.ndarray:
    vector = np.random.default_rng(seed).normal(size=3)
    return vector / np.linalg.norm(vector)


@given(seeds)
def test_the_rotation_that_takes_z_to_an_axis(seed: int) -> None:
    axis = unit_vector(seed)
    C = g.rotation_taking_z_to(axis)
    np.testing.assert_allclose(C @ C.T, np.eye(3), atol=1e-14)
    assert np.linalg.det(C) == pytest.approx(1.0)
    np.testing.assert_allclose(C[:, 2], axis, atol=1e-15)
    # No rotation with this property is smaller than the angle between z and the axis.
    assert Rotation.from_matrix(C).magnitude() == pytest.approx(np.arccos(axis[2]), abs=1e-7)


@pytest.mark.parametrize("tilt", [1e-3, 1e-5, 1e-6, 1e-8, 0.0])
def test_the_rotation_that_takes_z_near_minus_z(tilt: float) -> None:
    axis = np.array([np.sin(tilt), 0.0, -np.cos(tilt)])
    C = g.rotation_taking_z_to(axis)
    np.testing.assert_allclose(C @ C.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(C[:, 2], axis, atol=1e-12)


@pytest.mark.parametrize("row", range(3))
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_axes_of_the_frame_give_exact_entries(row: int, sign: float) -> None:
    axis = np.zeros(3)
    axis[row] = sign
    C = g.rotation_taking_z_to(axis)
    assert set(np.abs(C).ravel()) == {0.0, 1.0}
    assert (C[:, 2] == axis).all()


def test_transform_fills_in_the_identity() -> None:
    np.testing.assert_array_equal(g.transform(), np.eye(4))
    T = g.transform(np.diag([1.0, -1.0, -1.0]), (1.0, 2.0, 3.0))
    assert T.tolist() == [[1, 0, 0, 1], [0, -1, 0, 2], [0, 0, -1, 3], [0, 0, 0, 1]]


@given(seeds, st.sampled_from([0.0, 1e-300, 1e-16, 1e-12, 1e-9, 1e-6, 1e-3, 1.0, 3.0]), st.booleans())
def test_rotation_vectors_there_and_back(seed: int, distance: float, near_pi: bool) -> None:
    angle = np.pi - distance if near_pi else distance
    vector = unit_vector(seed) * angle
    R = g.rotation_from_vector(vector)
    np.testing.assert_allclose(R, Rotation.from_rotvec(vector).as_matrix(), atol=1e-14)
    back = g.vector_from_rotation(R)
    if near_pi and distance < 1e-6:  # +v and −v are the same half turn
        back = back * np.sign(back @ vector)
    # Relative for tiny angles: a loss of digits near 0 shows here.
    np.testing.assert_allclose(back, vector, rtol=1e-7, atol=2e-16 if angle < 0.1 else 1e-12)
    expected = Rotation.from_matrix(R).as_rotvec()
    if np.linalg.norm(expected) < np.pi - 1e-6:
        np.testing.assert_allclose(back, expected, atol=1e-12)


@given(seeds, st.floats(0.0, np.pi))
def test_quaternions(seed: int, angle: float) -> None:
    rotation = Rotation.from_rotvec(unit_vector(seed) * angle)
    quaternion = g.quaternion_from_rotation(rotation.as_matrix())
    assert quaternion[3] >= 0.0
    assert np.linalg.norm(quaternion) == pytest.approx(1.0)
    assert abs(quaternion @ rotation.as_quat()) == pytest.approx(1.0, abs=1e-14)


def test_every_branch_of_the_quaternion_and_batches() -> None:
    vectors = np.array([[np.pi, 0, 0], [0, np.pi, 0], [0, 0, np.pi], [0, 0, 0], [0.1, 0.2, 0.3], [2.0, 2.0, 0.5]])
    R = g.rotation_from_vector(vectors).reshape(2, 3, 3, 3)
    np.testing.assert_allclose(g.vector_from_rotation(R).reshape(6, 3), vectors, atol=1e-14)
    assert g.vector_from_rotation(R[:0]).shape == (0, 3, 3)
    assert g.rotation_from_vector(vectors[:0]).shape == (0, 3, 3)
    np.testing.assert_array_equal(g.vector_from_rotation(R[1, 2]), g.vector_from_rotation(R)[1, 2])


@given(seeds, st.sampled_from([0.0, 1e-12, 1e-9, 1e-6, 1e-3, 1.0, np.pi - 1e-3, np.pi - 1e-9, np.pi]))
def test_rotation_error_keeps_its_digits_near_zero_and_pi(seed: int, angle: float) -> None:
    first = Rotation.random(random_state=seed)
    second = first * Rotation.from_rotvec(unit_vector(seed + 1) * angle)
    T, T_target = g.transform(first.as_matrix())[None], g.transform(second.as_matrix())[None]
    (error,) = g.rotation_error(T, T_target)
    assert error == pytest.approx((first.inv() * second).magnitude(), abs=1e-15 if angle < 1e-5 else 1e-12)
    assert error == pytest.approx(angle, rel=1e-6, abs=1e-15)
    assert error == pytest.approx(g.rotation_error(T_target, T)[0], abs=1e-15)


@given(seeds)
def test_errors_of_random_poses(seed: int) -> None:
    rotations = Rotation.random(10, random_state=seed)
    positions = np.random.default_rng(seed).normal(size=(10, 3))
    T = np.stack([g.transform(R, p) for R, p in zip(rotations.as_matrix(), positions, strict=True)]).reshape(5, 2, 4, 4)
    np.testing.assert_allclose(
        g.rotation_error(T[:, 0], T[:, 1]), (rotations[::2].inv() * rotations[1::2]).magnitude(), atol=1e-12
    )
    differences = positions[::2] - positions[1::2]
    np.testing.assert_allclose(g.position_error(T[:, 0], T[:, 1]), np.sqrt((differences**2).sum(axis=1)), rtol=1e-14)
    assert g.position_error(T[:, 0], T[:, 0]).tolist() == [0.0] * 5


@given(st.integers(0, 2**32 - 1))
def test_poses_from_every_description_of_a_rotation(seed: int) -> None:
    rotation = Rotation.random(5, random_state=seed)
    position = np.random.default_rng(seed).normal(size=(5, 3))
    quaternion = rotation.as_quat()
    expected = kv.poses(position, matrix=rotation.as_matrix())
    np.testing.assert_array_equal(expected[:, :3, 3], position)
    np.testing.assert_array_equal(expected[:, 3], [[0.0, 0.0, 0.0, 1.0]] * 5)
    for made in (
        kv.poses(position, quaternion=quaternion),
        kv.poses(position, quaternion=np.roll(quaternion, 1, axis=1), order="wxyz"),
        kv.poses(position, rotation_vector=rotation.as_rotvec()),
        kv.poses(position, rpy=rotation.as_euler("xyz")),
    ):
        np.testing.assert_allclose(made, expected, atol=1e-12)
    assert kv.poses(position[0], quaternion=quaternion.reshape(1, 5, 4)).shape == (1, 5, 4, 4)
    np.testing.assert_array_equal(kv.poses(position)[0, :3, :3], np.eye(3))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"quaternion": [0, 0, 0, 1], "rpy": [0, 0, 0]}, ConfigError, "got quaternion, rpy"),
        ({"quaternion": [0, 0, 0, 1], "order": "xwyz"}, UnknownNameError, "unknown order 'xwyz': did you mean"),
        ({"quaternion": [[0, 0, 0, 1], [0, 0, 0, 0]]}, TargetError, "quaternion in row 1 .* of norm zero"),
        ({"matrix": 2.0 * np.eye(3)}, TargetError, "matrix in row 0 .* not a rotation"),
        ({"matrix": -np.eye(3)}, TargetError, "not a rotation"),
        ({"rpy": [0.0, 0.0]}, ShapeError, r"rpy must have shape \(…, 3\), got \(2,\)"),
        ({"rpy": [0.0, 0.0, np.nan]}, ShapeError, "rpy holds a value that is not finite"),
        ({"matrix": "text"}, ShapeError, "matrix must be real numbers, got str"),
        ({"rpy": np.zeros((2, 3)), "position": np.zeros((5, 3))}, ShapeError, "different batch axes"),
    ],
)
def test_poses_refuses(arguments: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        kv.poses(**{"position": [0.0, 0.0, 0.0], **arguments})
