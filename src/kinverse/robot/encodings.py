"""Encodings of tool poses as columns, for data sets and files of targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from kinverse.errors import ShapeError, require_choice
from kinverse.geometry import (
    quaternion_from_rotation,
    rotation_from_quaternion,
    rotation_from_rpy,
    rotation_from_vector,
    vector_from_rotation,
)
from kinverse.robot.arm import Arm

_METRES = {"m": 1.0, "mm": 1e-3}


@dataclass(frozen=True)
class Encoding:
    """An encoding of tool poses, or of tool positions, as columns.

    Attributes:
        name: name in manifests and configs.
        names: column names.
        units: unit of each column: "m" or "mm", "rad" or "deg", "" for a number without a unit.
        rotation: form of the rotation. "vector": axis · angle; "rpy": roll, pitch, yaw (decoded only); "quaternion":
            x, y, z, w; "matrix": the columns are the upper three rows of the homogeneous matrix, position included;
            None: no rotation.
        decimals: None for exact values. Otherwise the matrix is rounded to this many decimals *before* the rotation
            vector is computed, and the columns are rounded again, as in the published ARKOMA files.
    """

    name: str
    names: tuple[str, ...]
    units: tuple[str, ...]
    rotation: Literal["vector", "rpy", "quaternion", "matrix"] | None = None
    decimals: int | None = None

    @property
    def has_rotation(self) -> bool:
        """Whether the columns include a rotation."""
        return self.rotation is not None

    @property
    def position_columns(self) -> int:
        """Number of position coordinates: 2 or 3."""
        return min(len(self.names), 3)

    @property
    def units_text(self) -> str:
        """Units and form of the rotation, for messages."""
        form = {"vector": "rotation vector in ", "rpy": "", "quaternion": "quaternion", "matrix": "matrix, row by row"}
        angle = {"rad": "rad", "deg": "degrees"}.get(self.units[-1], "")
        length = "m" if self.rotation == "matrix" else self.units[0]
        return length if self.rotation is None else f"{length}, {form[self.rotation]}{angle}"

    def encode(self, T_base_tool: Float[np.ndarray, "*batch 4 4"]) -> Float[np.ndarray, "*batch f"]:
        """Encode poses as columns.

        With `decimals`, every matrix entry is rounded (translations in the column's unit) and the rotation is *not*
        re-orthonormalised. It then differs from the true one: for ARKOMA by 0.24° on average.

        Args:
            T_base_tool: (..., 4, 4) homogeneous transforms [m].

        Returns:
            (..., f) columns in `units`; rounded values are never −0.0.

        Raises:
            ShapeError: the last axes are not (4, 4).
        """
        T_base_tool = np.asarray(T_base_tool, dtype=np.float64)
        if T_base_tool.shape[-2:] != (4, 4):
            raise ShapeError(f"encoding {self.name!r} takes poses of shape (..., 4, 4), got {T_base_tool.shape}")
        if self.rotation == "matrix":
            return T_base_tool[..., :3, :].reshape(*T_base_tool.shape[:-2], 12).copy()
        # Exact for [m]; for [mm] a multiplication, since dividing by 0.001 rounds twice.
        position = T_base_tool[..., : self.position_columns, 3] * (1000.0 if self.units[0] == "mm" else 1.0)
        if self.rotation is None:
            return self._rounded(position)
        if self.rotation == "quaternion":
            return np.concatenate([position, quaternion_from_rotation(T_base_tool[..., :3, :3])], axis=-1)
        vector = vector_from_rotation(self._rounded(T_base_tool[..., :3, :3]))
        if self.units[3] == "deg":
            vector = np.rad2deg(vector)
        return np.concatenate([self._rounded(position), self._rounded(vector)], axis=-1)

    def decode(self, features: Float[np.ndarray, "*batch f"]) -> Float[np.ndarray, "*batch 4 4"]:
        """Decode columns to poses. A missing z is 0, a missing rotation the identity.

        Args:
            features: (..., f) columns in `units`.

        Returns:
            T_base_tool, (..., 4, 4) homogeneous transforms [m]; rotations from vectors are orthogonal, those from
            quaternions and matrices as exact as the columns.

        Raises:
            ShapeError: the last axis is not f.
        """
        features = np.asarray(features, dtype=np.float64)
        if features.ndim == 0 or features.shape[-1] != len(self.names):
            raise ShapeError(
                f"encoding {self.name!r} has {len(self.names)} columns {', '.join(self.names)}; "
                f"got features of shape {features.shape}"
            )
        T_base_tool = np.zeros((*features.shape[:-1], 4, 4))
        T_base_tool[...] = np.eye(4)
        if self.rotation == "matrix":
            T_base_tool[..., :3, :] = features.reshape(*features.shape[:-1], 3, 4)
            return T_base_tool
        count = self.position_columns
        T_base_tool[..., :count, 3] = features[..., :count] * _METRES[self.units[0]]
        if self.rotation == "quaternion":
            T_base_tool[..., :3, :3] = rotation_from_quaternion(features[..., 3:])
        elif self.rotation == "rpy":
            T_base_tool[..., :3, :3] = rotation_from_rpy(features[..., 3:])
        elif self.rotation == "vector":
            vector = features[..., 3:6]
            T_base_tool[..., :3, :3] = rotation_from_vector(np.deg2rad(vector) if self.units[3] == "deg" else vector)
        return T_base_tool

    def _rounded(self, values: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        return values if self.decimals is None else round_decimal(values, self.decimals)


def round_decimal(values: Float[np.ndarray, "*shape"], decimals: int) -> Float[np.ndarray, "*shape"]:
    """Round to `decimals` decimals. Printing with as many decimals and reading back then changes no bit.

    NumPy rounds x · 10^d to a whole number k and returns k / 10^d, correctly rounded: the same double that
    reading the decimal text gives. Adding 0.0 turns −0.0 into 0.0, as in the published files.
    """
    return np.round(values, decimals) + 0.0


XY = Encoding("xy", ("x", "y"), ("m", "m"))
XYZ = Encoding("xyz", ("x", "y", "z"), ("m", "m", "m"))
POSE = Encoding("pose", ("px", "py", "pz", "rx", "ry", "rz"), ("m", "m", "m", "rad", "rad", "rad"), "vector")
QUATERNION = Encoding(
    "quaternion", ("px", "py", "pz", "qx", "qy", "qz", "qw"), ("m", "m", "m", "", "", "", ""), "quaternion"
)
MATRIX = Encoding(
    "matrix", tuple(f"m{row}{column}" for row in range(3) for column in range(4)), ("", "", "", "m") * 3, "matrix"
)
ARKOMA = Encoding(
    "arkoma", ("Px", "Py", "Pz", "Rx", "Ry", "Rz"), ("mm", "mm", "mm", "deg", "deg", "deg"), "vector", decimals=2
)
ENCODINGS: dict[str, Encoding] = {encoding.name: encoding for encoding in (XY, XYZ, POSE, QUATERNION, MATRIX, ARKOMA)}


def encoding_named(name: str) -> Encoding:
    """Look up an encoding by name; an unknown name is an UnknownNameError."""
    require_choice("encoding", name, ENCODINGS)
    return ENCODINGS[name]


def default_encoding(arm: Arm) -> Encoding:
    """The default encoding for an arm: x and y for a planar arm, else the pose."""
    return XY if arm.is_planar else POSE
