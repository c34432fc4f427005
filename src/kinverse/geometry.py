"""Rotations, homogeneous transforms and pose errors: pure NumPy functions, float64, batch axes lead."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from jaxtyping import Float

from kinverse.arguments import as_floats
from kinverse.errors import ConfigError, ShapeError, TargetError, require_choice

MAX_DEVIATION = 5e-3
"""A matrix farther from orthonormal than this is no rotation (largest entry of |RᵀR − 1|). Rotations that were printed
with three decimals pass; the solver re-orthonormalises them."""
MIN_NORM = 1e-6
"""A quaternion shorter than this gives no rotation; any other is normalised."""


def rotation_taking_z_to(axis: Float[np.ndarray, " 3"]) -> Float[np.ndarray, "3 3"]:
    """The smallest rotation C with C · z = `axis` (a unit vector); a half turn about x for −z.

    Axes along ±x, ±y, ±z give matrices of exact zeros and ones, so that constants stay exact.
    """
    x, y, z = axis
    sine = np.hypot(x, y)
    if z < 0.0 and sine == 0.0:
        return np.diag([1.0, -1.0, -1.0])
    # Rodrigues with axis z × a, this sine and cosine z. The factor (1 − z) / sine² of the products of x and y equals
    # 1 / (1 + z), which divides by no small number for z ≥ 0; below, x and y are divided by the sine first.
    u, v, k = (x, y, 1.0 / (1.0 + z)) if z >= 0.0 else (x / sine, y / sine, 1.0 - z)
    return np.array([[1.0 - k * u * u, -k * u * v, x], [-k * u * v, 1.0 - k * v * v, y], [-x, -y, z]])


def transform(
    rotation: Float[np.ndarray, "3 3"] | None = None,
    position: Float[np.ndarray, " 3"] | tuple[float, ...] | None = None,
) -> Float[np.ndarray, "4 4"]:
    """Homogeneous transform from a rotation and a position [m]; default of each: the identity."""
    T = np.eye(4)
    if rotation is not None:
        T[:3, :3] = rotation
    if position is not None:
        T[:3, 3] = position
    return T


def rotation_from_vector(vector: Float[np.ndarray, "*batch 3"]) -> Float[np.ndarray, "*batch 3 3"]:
    """Rotation matrices of rotation vectors (axis · angle) [rad], Rodrigues' formula."""
    vector = np.asarray(vector, dtype=np.float64)
    angle = np.linalg.norm(vector, axis=-1)[..., None, None]
    x, y, z = np.moveaxis(vector, -1, 0)
    zero = np.zeros_like(x)
    K = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(*vector.shape[:-1], 3, 3)
    # sin(a)/a and (1 − cos a)/a² without dividing by zero; np.sinc(t) is sin(πt)/(πt).
    first = np.sinc(angle / np.pi)
    second = 0.5 * np.sinc(angle / (2.0 * np.pi)) ** 2
    return np.eye(3) + first * K + second * (K @ K)


def vector_from_rotation(rotation: Float[np.ndarray, "*batch 3 3"]) -> Float[np.ndarray, "*batch 3"]:
    """Rotation vectors (axis · angle) [rad], angle in [0, π], of rotation matrices, through unit quaternions.

    The quaternion comes from the branch with the largest of (R00, R11, R22, trace), so that nothing is divided by a
    small number (Shepperd 1978; Markley 2008). The matrix is taken as it stands, not re-orthogonalised.
    """
    quaternion = quaternion_from_rotation(rotation)  # (..., 4) x y z w
    sine = np.linalg.norm(quaternion[..., :3], axis=-1, keepdims=True)
    angle = 2.0 * np.arctan2(sine, quaternion[..., 3:])
    scale = np.where(sine > 1e-12, angle / np.where(sine > 1e-12, sine, 1.0), 2.0)
    return quaternion[..., :3] * scale


def quaternion_from_rotation(rotation: Float[np.ndarray, "*batch 3 3"]) -> Float[np.ndarray, "*batch 4"]:
    """Unit quaternions (x, y, z, w) with w ≥ 0 of rotation matrices.

    Four branches by the largest of R00, R11, R22, trace. Source: Markley, "Unit quaternion from rotation matrix",
    JGCD 31(2), 2008.
    """
    R = np.asarray(rotation, dtype=np.float64)
    batch = R.shape[:-2]
    R = R.reshape(-1, 3, 3)
    trace = np.trace(R, axis1=-2, axis2=-1)
    candidates = np.empty((4, len(R), 4))
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        candidates[i, :, i] = 1.0 - trace + 2.0 * R[:, i, i]
        candidates[i, :, j] = R[:, j, i] + R[:, i, j]
        candidates[i, :, k] = R[:, k, i] + R[:, i, k]
        candidates[i, :, 3] = R[:, k, j] - R[:, j, k]
    candidates[3] = np.stack(
        [R[:, 2, 1] - R[:, 1, 2], R[:, 0, 2] - R[:, 2, 0], R[:, 1, 0] - R[:, 0, 1], 1.0 + trace], -1
    )
    branch = np.argmax(np.column_stack([R[:, 0, 0], R[:, 1, 1], R[:, 2, 2], trace]), axis=1)
    quaternion = candidates[branch, np.arange(len(R))]
    quaternion /= np.linalg.norm(quaternion, axis=1, keepdims=True)
    quaternion *= np.where(quaternion[:, 3:] < 0.0, -1.0, 1.0)
    return quaternion.reshape(*batch, 4)


def rotation_from_quaternion(quaternion: Float[np.ndarray, "*batch 4"]) -> Float[np.ndarray, "*batch 3 3"]:
    """Rotation matrices of quaternions (x, y, z, w) of any length; NaN for one of norm zero."""
    quaternion = np.asarray(quaternion, dtype=np.float64)
    norm = np.linalg.norm(quaternion, axis=-1, keepdims=True)
    x, y, z, w = np.moveaxis(quaternion / np.where(norm > MIN_NORM, norm, np.nan), -1, 0)
    rows = [
        [w * w + x * x - y * y - z * z, 2.0 * (x * y - z * w), 2.0 * (x * z + y * w)],
        [2.0 * (x * y + z * w), w * w - x * x + y * y - z * z, 2.0 * (y * z - x * w)],
        [2.0 * (x * z - y * w), 2.0 * (y * z + x * w), w * w - x * x - y * y + z * z],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def position_error(
    T: Float[np.ndarray, "*#batch 4 4"], T_target: Float[np.ndarray, "*#batch 4 4"]
) -> Float[np.ndarray, "*#batch"]:
    """Distance between the origins of two poses [m]."""
    return np.linalg.norm(T[..., :3, 3] - T_target[..., :3, 3], axis=-1)


def rotation_error(
    T: Float[np.ndarray, "*#batch 4 4"], T_target: Float[np.ndarray, "*#batch 4 4"]
) -> Float[np.ndarray, "*#batch"]:
    """Angle of the rotation between two poses [rad], in [0, π].

    atan2 of sine and cosine is accurate at every angle; the arccosine of a trace loses half the digits near 0 and π.
    """
    R = np.swapaxes(T[..., :3, :3], -1, -2) @ T_target[..., :3, :3]
    sine = np.linalg.norm(R - np.swapaxes(R, -1, -2), axis=(-2, -1)) / np.sqrt(8.0)
    cosine = (np.trace(R, axis1=-2, axis2=-1) - 1.0) / 2.0
    return np.arctan2(sine, cosine)


def rotation_from_rpy(rpy: Float[np.ndarray, "*batch 3"]) -> Float[np.ndarray, "*batch 3 3"]:
    """Rotation matrices of roll, pitch and yaw [rad]: turns about the fixed axes x, then y, then z, as in URDF."""
    roll, pitch, yaw = np.moveaxis(np.asarray(rpy, dtype=np.float64), -1, 0)
    (ca, sa), (cb, sb), (cc, sc) = ((np.cos(angle), np.sin(angle)) for angle in (roll, pitch, yaw))
    rows = [
        [cc * cb, cc * sb * sa - sc * ca, cc * sb * ca + sc * sa],
        [sc * cb, sc * sb * sa + cc * ca, sc * sb * ca - cc * sa],
        [-sb, cb * sa, cb * ca],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def poses(
    position: Any,
    *,
    quaternion: Any = None,
    order: Literal["xyzw", "wxyz"] = "xyzw",
    matrix: Any = None,
    rotation_vector: Any = None,
    rpy: Any = None,
) -> Float[np.ndarray, "*batch 4 4"]:
    """Homogeneous transforms from positions and, at most, one description of the rotations.

    Batch axes broadcast: one rotation serves all positions, and one position all rotations.

    Args:
        position: (..., 3) [m].
        quaternion: (..., 4) quaternions, in the order that `order` says; they are normalised.
        order: "xyzw" (ROS, SciPy) or "wxyz" (Eigen's constructor, MuJoCo).
        matrix: (..., 3, 3) rotation matrices.
        rotation_vector: (..., 3) axis · angle [rad].
        rpy: (..., 3) roll, pitch, yaw [rad] about fixed axes, as in URDF.

    Returns:
        (..., 4, 4) homogeneous transforms [m]; without a rotation, the identity rotation.

    Raises:
        ConfigError: more than one rotation.
        UnknownNameError: an unknown order.
        ShapeError: arrays of other shapes, or non-finite values.
        TargetError: a quaternion of norm zero, or a matrix that is not a rotation to `MAX_DEVIATION`.

    Example:
        >>> kv.poses([0.4, 0.0, 0.5], quaternion=[1.0, 0.0, 0.0, 0.0])[2]
        array([ 0. ,  0. , -1. ,  0.5])
    """
    given = {"quaternion": quaternion, "matrix": matrix, "rotation_vector": rotation_vector, "rpy": rpy}
    given = {name: value for name, value in given.items() if value is not None}
    if len(given) > 1:
        raise ConfigError(f"poses: one description of the rotation, got {', '.join(given)}")
    require_choice("order", order, ("xyzw", "wxyz"))
    p = _numbers("position", position, (3,))
    rotation = np.eye(3)
    for name, value in given.items():
        rotation = _rotations(name, value, order)
    try:
        batch = np.broadcast_shapes(p.shape[:-1], rotation.shape[:-2])
    except ValueError:
        shapes = f"positions {p.shape} and rotations {rotation.shape}"
        raise ShapeError(f"poses: {shapes} have different batch axes") from None
    T = np.zeros((*batch, 4, 4))
    T[..., :3, :3], T[..., :3, 3], T[..., 3, 3] = rotation, p, 1.0
    return T


def _rotations(name: str, value: Any, order: str) -> Float[np.ndarray, "*batch 3 3"]:
    if name == "matrix":
        rotation = _numbers(name, value, (3, 3))
        off = np.abs(np.swapaxes(rotation, -1, -2) @ rotation - np.eye(3)).max(axis=(-2, -1))
        fits = (off <= MAX_DEVIATION) & (np.linalg.det(rotation) > 0.0)
        _require_all("matrix", fits, rotation, f"not a rotation to {MAX_DEVIATION:g}")
        return rotation
    if name == "quaternion":
        quaternion = _numbers(name, value, (4,))
        norm = np.linalg.norm(quaternion, axis=-1)
        _require_all("quaternion", norm > MIN_NORM, quaternion, "of norm zero, so it gives no rotation")
        return rotation_from_quaternion(quaternion if order == "xyzw" else np.roll(quaternion, -1, axis=-1))
    return (rotation_from_rpy if name == "rpy" else rotation_from_vector)(_numbers(name, value, (3,)))


def _require_all(name: str, fits: np.ndarray, values: np.ndarray, fault: str) -> None:
    if not fits.all():
        row = int(np.argmin(fits.ravel()))
        got = values.reshape(fits.size, -1)[row].tolist()
        raise TargetError(f"poses: {name} in row {row} is {got}, which is {fault}", row=row, value=got)


def _numbers(name: str, value: Any, shape: tuple[int, ...]) -> Float[np.ndarray, "*batch"]:
    """`value` as finite float64 whose last axes are `shape`."""
    numbers = as_floats(value, f"poses: {name}")
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise ShapeError(f"poses: {name} has masked values")
    if numbers.shape[-len(shape) :] != shape:
        raise ShapeError(f"poses: {name} must have shape (…, {', '.join(map(str, shape))}), got {numbers.shape}")
    if not np.isfinite(numbers).all():
        raise ShapeError(f"poses: {name} holds a value that is not finite")
    return numbers
