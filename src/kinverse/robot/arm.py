"""`Arm`: the kinematics of a serial robot arm, as frozen data."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from jaxtyping import Bool, Float, Real

from kinverse.arguments import as_floats, as_items, as_number, as_whole
from kinverse.compiling import announce_compilation
from kinverse.errors import ArmError, ConfigError, ShapeError, require_known
from kinverse.robot import kernels
from kinverse.tables import Cell, Table
from kinverse.text import quoted

JointPositions = Real[np.ndarray, "*batch dof"] | Sequence[Any]
"""(..., dof) joint positions [rad or m], as an array or nested lists of numbers."""
JointKind = Literal["revolute", "continuous", "prismatic"]
MAX_SAMPLES = 10**9


@dataclass(frozen=True, eq=False)
class Arm:
    """A serial chain of revolute, continuous and prismatic joints, as plain NumPy constants.

    T_base_tool(q) = T_offsets[0] · Z(q_0) · T_offsets[1] · Z(q_1) ··· T_offsets[dof], where Z(q) turns about or slides
    along the local z axis.

    Attributes:
        name: name of the arm in tables and file names.
        joint_names: dof unique names, base first.
        joint_kinds: "revolute", "continuous" (no limits) or "prismatic" for each joint.
        T_offsets: (dof + 1, 4, 4) constant homogeneous transforms [m].
        lower: (dof,) lower joint limits [rad or m]; −inf for a continuous joint.
        upper: (dof,) upper joint limits [rad or m]; +inf for a continuous joint.
        frames: names of the base and tool frames.
    """

    name: str
    joint_names: tuple[str, ...]
    joint_kinds: tuple[JointKind, ...]
    T_offsets: Float[np.ndarray, "links 4 4"] = field(repr=False)
    lower: Float[np.ndarray, " dof"] = field(repr=False)
    upper: Float[np.ndarray, " dof"] = field(repr=False)
    frames: tuple[str, str] = ("base", "tool")

    def __post_init__(self) -> None:
        for name in ("joint_names", "joint_kinds", "frames"):
            words = as_items(getattr(self, name), name)
            if not all(isinstance(word, str) for word in words):
                raise ArmError(f"arm {self.name!r}: {name} must be text, got {quoted(words)}")
            object.__setattr__(self, name, words)
        if len(self.frames) != 2:
            raise ArmError(f"arm {self.name!r}: frames are the names of base and tool, got {quoted(self.frames)}")
        for name in ("T_offsets", "lower", "upper"):
            constant = np.array(as_floats(getattr(self, name), f"arm {self.name!r}: {name}", error=ArmError))
            constant.flags.writeable = False
            object.__setattr__(self, name, constant)
        dof = len(self.joint_names)
        if dof == 0:
            raise ArmError(f"arm {self.name!r} has no moving joint between {self.frames[0]!r} and {self.frames[1]!r}")
        if self.T_offsets.shape != (dof + 1, 4, 4) or self.lower.shape != (dof,) or self.upper.shape != (dof,):
            raise ArmError(
                f"arm {self.name!r}: {dof} joint names, but T_offsets {self.T_offsets.shape}, "
                f"lower {self.lower.shape}, upper {self.upper.shape}; expected ({dof + 1}, 4, 4), ({dof},), ({dof},)"
            )
        if len(set(self.joint_names)) != dof:
            raise ArmError(f"arm {self.name!r}: joint names are not unique: {', '.join(self.joint_names)}")
        self._check_offsets()
        if len(self.joint_kinds) != dof or not set(self.joint_kinds) <= set(get_args(JointKind)):
            raise ArmError(
                f"arm {self.name!r}: joint kinds {self.joint_kinds}; expected {dof} of {get_args(JointKind)}"
            )
        for joint, low, high in zip(self.joint_names, self.lower, self.upper, strict=True):
            if not low <= high or low == np.inf or high == -np.inf:
                raise ArmError(
                    f"arm {self.name!r}: joint {joint!r} has limits [{low}, {high}]; expected lower ≤ upper",
                    joint=joint, lower=low, upper=high,
                )  # fmt: skip

    def _check_offsets(self) -> None:
        if not np.isfinite(self.T_offsets).all():
            raise ArmError(f"arm {self.name!r}: T_offsets holds NaN or inf")
        R = self.T_offsets[:, :3, :3]
        with np.errstate(all="ignore"):  # a file may hold any number
            rotates = np.abs(R @ np.swapaxes(R, -1, -2) - np.eye(3)).max(axis=(-2, -1)) < 1e-6
        rotates &= (np.linalg.det(R) > 0.0) & (self.T_offsets[:, 3] == [0.0, 0.0, 0.0, 1.0]).all(axis=-1)
        if not rotates.all():
            raise ArmError(f"arm {self.name!r}: T_offsets[{int(np.argmin(rotates))}] is not a rigid transform")

    def __repr__(self) -> str:
        joints = f"{self.dof} joint{'s' * (self.dof > 1)}"
        return f"Arm({self.name!r}, {joints}, {self.frames[0]} → {self.frames[1]})"

    @property
    def dof(self) -> int:
        """Number of moving joints."""
        return len(self.joint_names)

    @cached_property
    def is_prismatic(self) -> Bool[np.ndarray, " dof"]:
        """For each joint, whether it is prismatic."""
        return np.array([kind == "prismatic" for kind in self.joint_kinds])

    @cached_property
    def is_planar(self) -> bool:
        """Whether every joint turns about the base's z axis, so that the tool stays in one plane z = constant.

        The rotations between the joints then keep z, up to its sign, at every joint position.
        """
        axes = self.link_poses(np.zeros(self.dof))[: self.dof, :3, 2]
        return not self.is_prismatic.any() and bool(np.allclose(np.abs(axes[:, 2]), 1.0, atol=1e-9))

    @cached_property
    def packed_offsets(self) -> Float[np.ndarray, "links 12"]:
        """The upper 3 × 4 of every constant transform, row by row, as the compiled kernels read them."""
        return np.ascontiguousarray(self.T_offsets[:, :3, :].reshape(self.dof + 1, 12))

    @cached_property
    def fingerprint(self) -> str:
        """Hash of joint kinds, constants and limits, rounded to 1e-9. Names do not change it."""
        return kinematics_digest(self, "|".join(self.joint_kinds))

    @cached_property
    def sampling_limits(self) -> tuple[Float[np.ndarray, " dof"], Float[np.ndarray, " dof"]]:
        """Finite limits for sampling: ±π if both limits are infinite; a single infinite one is 2π from the other.

        A revolute joint that can turn more than twice is sampled over the one turn that lies nearest to zero: limits of
        ±100 or ±1e16 are placeholders, and every angle is in that turn.
        """
        low, high = self.lower, self.upper
        lower = np.where(np.isfinite(low), low, np.where(np.isfinite(high), high - 2.0 * np.pi, -np.pi))
        upper = np.where(np.isfinite(high), high, np.where(np.isfinite(low), low + 2.0 * np.pi, np.pi))
        turns = ~self.is_prismatic & (0.5 * upper - 0.5 * lower > 2.0 * np.pi + 1e-9)
        middle = np.clip(0.0, lower + np.pi, np.maximum(upper - np.pi, lower + np.pi))
        return np.where(turns, middle - np.pi, lower), np.where(turns, middle + np.pi, upper)

    def forward_kinematics(self, q: JointPositions) -> Float[np.ndarray, "*batch 4 4"]:
        """Pose of the tool in the base frame.

        Args:
            q: (..., dof) joint positions [rad or m]; limits are not applied.

        Returns:
            (..., 4, 4) homogeneous transforms T_base_tool [m].

        Raises:
            ShapeError: the last axis is not dof, or a value is not finite.

        Example:
            >>> kv.load_arm("planar3").forward_kinematics([0.0, 0.0, 0.0])[:3, 3]
            array([3., 0., 0.])
        """
        rows, batch = self.joint_rows(q)
        poses = np.empty((len(rows), 4, 4))
        announce_compilation(kernels.forward_batch)
        kernels.forward_batch(self.packed_offsets, self.is_prismatic, rows, poses)
        return poses.reshape(*batch, 4, 4)

    def link_poses(self, q: JointPositions) -> Float[np.ndarray, "*batch frames 4 4"]:
        """Poses of every joint frame (before its joint moves) and of the tool, in the base frame.

        A plain matrix product in NumPy. It is used to draw the arm, and as the reference in tests of the compiled
        `forward_kinematics`.

        Args:
            q: (..., dof) joint positions [rad or m].

        Returns:
            (..., dof + 1, 4, 4) homogeneous transforms [m]; the last is T_base_tool.

        Raises:
            ShapeError: the last axis is not dof, or a value is not finite.
        """
        rows, batch = self.joint_rows(q)
        T = np.broadcast_to(self.T_offsets[0], (len(rows), 4, 4))
        poses = [T]
        for joint, T_offset in enumerate(self.T_offsets[1:]):
            T = T @ self._joint_transforms(joint, rows[:, joint]) @ T_offset
            poses.append(T)
        return np.stack(poses, axis=1).reshape(*batch, self.dof + 1, 4, 4)

    def _joint_transforms(self, joint: int, q: Float[np.ndarray, " n"]) -> Float[np.ndarray, "n 4 4"]:
        """Z(q): the motion of one joint about or along its local z axis."""
        Z = np.broadcast_to(np.eye(4), (len(q), 4, 4)).copy()
        if self.is_prismatic[joint]:
            Z[:, 2, 3] = q
        else:
            cosine, sine = np.cos(q), np.sin(q)
            Z[:, 0, 0], Z[:, 0, 1], Z[:, 1, 0], Z[:, 1, 1] = cosine, -sine, sine, cosine
        return Z

    def jacobian(self, q: JointPositions) -> Float[np.ndarray, "*batch 6 dof"]:
        """The geometric Jacobian of the tool origin, in base axes.

        Args:
            q: (..., dof) joint positions [rad or m].

        Returns:
            (..., 6, dof): linear velocity of the tool [m per rad or m] in rows 0 to 2, angular velocity
            [rad per rad or m] in rows 3 to 5. A goal in x and y alone uses rows 0 and 1.

        Raises:
            ShapeError: the last axis is not dof, or a value is not finite.
        """
        rows, batch = self.joint_rows(q)
        jacobians = np.empty((len(rows), 6, self.dof))
        announce_compilation(kernels.jacobian_batch)
        kernels.jacobian_batch(self.packed_offsets, self.is_prismatic, rows, jacobians)
        return jacobians.reshape(*batch, 6, self.dof)

    def with_tool(self, T_tool: Float[np.ndarray, "4 4"], name: str = "tool") -> Arm:
        """The arm with another tool, such as a gripper or a camera.

        Args:
            T_tool: (4, 4) pose of the new tool frame in the current one [m].
            name: name of the new frame.

        Raises:
            ArmError: `T_tool` is not a rigid transform.
        """
        T_offsets = self.T_offsets.copy()
        T_offsets[-1] = T_offsets[-1] @ _transform("T_tool", T_tool)
        return dataclasses.replace(self, T_offsets=T_offsets, frames=(self.frames[0], name))

    def with_base(self, T_base: Float[np.ndarray, "4 4"], name: str = "world") -> Arm:
        """The arm with another base frame, for example on a table or on another robot.

        Args:
            T_base: (4, 4) pose of the current base frame in the new one [m].
            name: name of the new frame.

        Raises:
            ArmError: `T_base` is not a rigid transform.
        """
        T_offsets = self.T_offsets.copy()
        T_offsets[0] = _transform("T_base", T_base) @ T_offsets[0]
        return dataclasses.replace(self, T_offsets=T_offsets, frames=(name, self.frames[1]))

    def lock(self, values: Mapping[str, float]) -> Arm:
        """The arm with some joints fixed. The others keep their names, limits and order.

        Args:
            values: position [rad or m] of each fixed joint, by name.

        Raises:
            UnknownNameError: the arm has no joint of that name.
            ConfigError: a position is outside the limits of its joint.
            ArmError: no joint would be left.

        Example:
            >>> kv.load_arm("panda").lock({"panda_joint3": 0.0}).dof
            6
        """
        if not isinstance(values, Mapping):
            raise ConfigError(f"lock takes a position for each joint by name, got {quoted(values)}")
        require_known("joint", values, self.joint_names)
        kept = [joint for joint, name in enumerate(self.joint_names) if name not in values]
        offsets = [self.T_offsets[0]]
        for joint, name in enumerate(self.joint_names):
            if name not in values:
                offsets.append(self.T_offsets[joint + 1])
                continue
            value = as_number(values[name], f"joint {name!r}")
            if not self.lower[joint] <= value <= self.upper[joint]:
                limits = f"[{self.lower[joint]:.6g}, {self.upper[joint]:.6g}]"
                raise ConfigError(
                    f"lock: joint {name!r} at {value:.6g} is outside its limits {limits}",
                    joint=name, value=value, lower=float(self.lower[joint]), upper=float(self.upper[joint]),
                )  # fmt: skip
            Z = self._joint_transforms(joint, np.array([value]))[0]
            offsets[-1] = offsets[-1] @ Z @ self.T_offsets[joint + 1]
        return dataclasses.replace(
            self,
            joint_names=tuple(self.joint_names[joint] for joint in kept),
            joint_kinds=tuple(self.joint_kinds[joint] for joint in kept),
            T_offsets=np.array(offsets),
            lower=self.lower[kept],
            upper=self.upper[kept],
        )

    @property
    def joints_table(self) -> Table:
        """Kind and limits of each joint; limits of revolute joints also in degrees."""
        rows: list[tuple[Cell, ...]] = []
        for name, kind, low, high in zip(self.joint_names, self.joint_kinds, self.lower, self.upper, strict=True):
            limits = (None, None) if kind == "continuous" else (_fixed(low, 4), _fixed(high, 4))
            degrees = (_fixed(np.rad2deg(low), 2), _fixed(np.rad2deg(high), 2)) if kind == "revolute" else (None, None)
            rows.append((name, kind, *limits, "m" if kind == "prismatic" else "rad", *degrees))
        columns = ("joint", "kind", "lower", "upper", "unit", "lower [°]", "upper [°]")
        return Table(f"Joints of {self.name}", columns, rows)

    def _repr_html_(self) -> str:
        return self.joints_table._repr_html_()

    def sample(self, n: int, seed: int | np.random.Generator = 0) -> Float[np.ndarray, "n dof"]:
        """Joint positions drawn uniformly inside the limits (continuous joints: ±π).

        Args:
            n: number of samples.
            seed: random seed or NumPy generator; the same seed gives the same samples.

        Returns:
            (n, dof) joint positions [rad or m].

        Raises:
            ConfigError: n is not a positive whole number, or the seed is invalid.
        """
        n = as_whole(n, "number of samples", 1, MAX_SAMPLES)
        try:
            generator = np.random.default_rng(seed)
        except (TypeError, ValueError):
            raise ConfigError(f"seed must be a whole number ≥ 0 or a NumPy generator, got {quoted(seed)}") from None
        return generator.uniform(*self.sampling_limits, size=(n, self.dof))

    def within_limits(self, q: JointPositions, tolerance: float = 1e-9) -> Bool[np.ndarray, "*batch"] | np.bool:
        """Whether all joints are inside their limits, up to `tolerance` [rad or m]. NaN counts as outside.

        Raises:
            ShapeError: the last axis is not dof.
        """
        q = self._numbers(q)
        tolerance = as_number(tolerance, "tolerance")
        inside = (q >= self.lower - tolerance) & (q <= self.upper + tolerance)
        return np.logical_and.reduce(inside, axis=-1)

    def joint_rows(self, q: JointPositions) -> tuple[Float[np.ndarray, "n dof"], tuple[int, ...]]:
        """`q` as contiguous float64 rows, and its batch axes."""
        q = self._numbers(q)
        rows = np.ascontiguousarray(q.reshape(-1, self.dof))
        if not np.isfinite(rows).all():
            row, joint = np.argwhere(~np.isfinite(rows))[0]
            name, value = self.joint_names[joint], float(rows[row, joint])
            raise ShapeError(
                f"joint positions: row {row}, joint {name!r} is {value}", row=int(row), joint=name, value=value
            )
        return rows, q.shape[:-1]

    def _numbers(self, q: JointPositions) -> Float[np.ndarray, "*batch dof"]:
        """`q` as float64 of shape (..., dof); values are not checked."""
        numbers = as_floats(q, "joint positions", shape=f"(..., {self.dof})")
        if numbers.ndim == 0 or numbers.shape[-1] != self.dof:
            raise ShapeError(f"arm {self.name!r} has {self.dof} joints, got joint positions of shape {numbers.shape}")
        return numbers


def kinematics_digest(arm: Arm, words: str) -> str:
    """SHA-256 of `words` and of constants and limits, rounded to 1e-9: the first sixteen hexadecimal digits."""
    digest = hashlib.sha256(words.encode())
    for constant in (arm.T_offsets, arm.lower, arm.upper):
        digest.update(
            (np.where(np.abs(constant) < 1e9, np.round(np.clip(constant, -1e9, 1e9), 9), constant) + 0.0)
            .astype("<f8")
            .tobytes()
        )  # + 0.0: −0.0 and 0.0 are equal
    return digest.hexdigest()[:16]


def _fixed(value: float, digits: int) -> str:
    """A number with a fixed number of decimals and a typographic minus sign."""
    return f"{value:.{digits}f}".replace("-", "−")


def _transform(name: str, T: Float[np.ndarray, "4 4"]) -> Float[np.ndarray, "4 4"]:
    T = as_floats(T, name, shape="(4, 4)", error=ArmError)
    if T.shape != (4, 4):
        raise ArmError(f"{name} must be a homogeneous transform of shape (4, 4), got {T.shape}")
    return T
