"""`Arm`: a serial robot arm as frozen data, with the forward kinematics that every other room builds on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from jaxtyping import Bool, Float

from kinverse.errors import ArmError, ConfigError, ShapeError, require_choice, require_positive
from kinverse.robot import kernels

JointKind = Literal["revolute", "continuous", "prismatic"]
Task = Literal["xy", "xyz", "pose"]
TASK_SHAPES: dict[str, tuple[int, ...]] = {"xy": (2,), "xyz": (3,), "pose": (4, 4)}


@dataclass(frozen=True, eq=False)
class Arm:
    """A serial chain of revolute, continuous and prismatic joints, as plain NumPy constants.

    T_base_tool(q) = T_offsets[0] · Z(q_0) · T_offsets[1] · Z(q_1) ··· T_offsets[dof], where Z(q) turns about or slides
    along the local z axis.

    Attributes:
        name: what the arm is called in tables and file names.
        joint_names: dof unique names, base first.
        joint_kinds: "revolute", "continuous" (no limits) or "prismatic" for each joint.
        T_offsets: (dof + 1, 4, 4) constant homogeneous transforms [m].
        lower: (dof,) lower joint limits [rad or m]; −inf for a continuous joint.
        upper: (dof,) upper joint limits [rad or m]; +inf for a continuous joint.
        task: what a target is: "xy" or "xyz" tool position [m], or "pose", a homogeneous transform.
        frames: names of the base and tool frames.
    """

    name: str
    joint_names: tuple[str, ...]
    joint_kinds: tuple[JointKind, ...]
    T_offsets: Float[np.ndarray, "links 4 4"] = field(repr=False)
    lower: Float[np.ndarray, " dof"] = field(repr=False)
    upper: Float[np.ndarray, " dof"] = field(repr=False)
    task: Task = "pose"
    frames: tuple[str, str] = ("base", "tool")

    def __post_init__(self) -> None:
        for name in ("T_offsets", "lower", "upper"):
            constant = np.array(getattr(self, name), dtype=np.float64)
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
                raise ArmError(f"arm {self.name!r}: joint {joint!r} has limits [{low}, {high}]; expected lower ≤ upper")
        require_choice("task", self.task, TASK_SHAPES)

    def _check_offsets(self) -> None:
        if not np.isfinite(self.T_offsets).all():
            raise ArmError(f"arm {self.name!r}: T_offsets holds NaN or inf")
        R = self.T_offsets[:, :3, :3]
        rotates = np.abs(R @ np.swapaxes(R, -1, -2) - np.eye(3)).max(axis=(-2, -1)) < 1e-6
        rotates &= (np.linalg.det(R) > 0.0) & (self.T_offsets[:, 3] == [0.0, 0.0, 0.0, 1.0]).all(axis=-1)
        if not rotates.all():
            raise ArmError(f"arm {self.name!r}: T_offsets[{int(np.argmin(rotates))}] is no rotation and translation")

    @property
    def dof(self) -> int:
        """Number of moving joints."""
        return len(self.joint_names)

    @property
    def task_shape(self) -> tuple[int, ...]:
        """Shape of one target: (2,), (3,) or (4, 4)."""
        return TASK_SHAPES[self.task]

    @cached_property
    def is_prismatic(self) -> Bool[np.ndarray, " dof"]:
        """Which joints slide."""
        return np.array([kind == "prismatic" for kind in self.joint_kinds])

    @cached_property
    def packed_offsets(self) -> Float[np.ndarray, "links 12"]:
        """The upper 3 × 4 of every constant transform, row by row: what the compiled kernels read."""
        return np.ascontiguousarray(self.T_offsets[:, :3, :].reshape(self.dof + 1, 12))

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the kinematics: joint kinds, constants and limits to 1e-9, and the task; names do not count."""
        digest = hashlib.sha256()
        digest.update("|".join((*self.joint_kinds, self.task)).encode())
        for constant in (self.T_offsets, self.lower, self.upper):
            digest.update((np.round(constant, 9) + 0.0).astype("<f8").tobytes())  # + 0.0: −0.0 and 0.0 are equal
        return digest.hexdigest()[:16]

    @cached_property
    def sampling_limits(self) -> tuple[Float[np.ndarray, " dof"], Float[np.ndarray, " dof"]]:
        """Finite limits that samples are drawn between: ±π where both are missing, else 2π from the other."""
        low, high = self.lower, self.upper
        lower = np.where(np.isfinite(low), low, np.where(np.isfinite(high), high - 2.0 * np.pi, -np.pi))
        upper = np.where(np.isfinite(high), high, np.where(np.isfinite(low), low + 2.0 * np.pi, np.pi))
        return lower, upper

    def pose(self, q: Float[np.ndarray, "*batch dof"]) -> Float[np.ndarray, "*batch 4 4"]:
        """Tool pose in the base frame, whatever the arm's task.

        Args:
            q: (..., dof) joint positions [rad or m]; limits are not applied.

        Returns:
            (..., 4, 4) homogeneous transforms T_base_tool [m].

        Raises:
            ShapeError: the last axis is not dof, or a value is not finite.
        """
        rows, batch = self._rows(q)
        poses = np.empty((len(rows), 4, 4))
        kernels.announce_compilation(kernels.forward_batch)
        kernels.forward_batch(self.packed_offsets, self.is_prismatic, rows, poses)
        return poses.reshape(*batch, 4, 4)

    def joint_poses(self, q: Float[np.ndarray, "*batch dof"]) -> Float[np.ndarray, "*batch frames 4 4"]:
        """Poses of every joint frame (before its joint moves) and of the tool, as the plain matrix product.

        This is the readable form that `pose`, the compiled one, is tested against; the pictures of an arm use it.

        Args:
            q: (..., dof) joint positions [rad or m].

        Returns:
            (..., dof + 1, 4, 4) homogeneous transforms in the base frame [m]; the last is T_base_tool.
        """
        rows, batch = self._rows(q)
        T = np.broadcast_to(self.T_offsets[0], (len(rows), 4, 4))
        poses = [T]
        for joint, T_offset in enumerate(self.T_offsets[1:]):
            Z = np.broadcast_to(np.eye(4), (len(rows), 4, 4)).copy()
            if self.is_prismatic[joint]:
                Z[:, 2, 3] = rows[:, joint]
            else:
                cosine, sine = np.cos(rows[:, joint]), np.sin(rows[:, joint])
                Z[:, 0, 0], Z[:, 0, 1], Z[:, 1, 0], Z[:, 1, 1] = cosine, -sine, sine, cosine
            T = T @ Z @ T_offset
            poses.append(T)
        return np.stack(poses, axis=1).reshape(*batch, self.dof + 1, 4, 4)

    def forward(self, q: Float[np.ndarray, "*batch dof"]) -> Float[np.ndarray, ...]:
        """Forward kinematics in the arm's task space: what the joint positions `q` reach.

        Args:
            q: (..., dof) joint positions [rad or m].

        Returns:
            (..., 2) for "xy", (..., 3) for "xyz" [m], (..., 4, 4) for "pose".

        Raises:
            ShapeError: the last axis is not dof, or a value is not finite.
        """
        return self.task_part(self.pose(q))

    def task_part(self, poses: Float[np.ndarray, "*batch 4 4"]) -> Float[np.ndarray, ...]:
        """The part of a pose that the arm's task asks for: x and y, the position, or all of it."""
        if self.task == "pose":
            return poses
        return poses[..., : self.task_shape[0], 3]

    def jacobian(self, q: Float[np.ndarray, "*batch dof"]) -> Float[np.ndarray, "*batch rows dof"]:
        """Derivative of the task with respect to the joints, in base axes.

        Args:
            q: (..., dof) joint positions [rad or m].

        Returns:
            (..., 2, dof) or (..., 3, dof) linear [m per rad or m]; for "pose" (..., 6, dof) with the angular rows
            [rad per rad or m] below: the geometric Jacobian, origin at the tool, axes of the base.

        Raises:
            ShapeError: the last axis is not dof, or a value is not finite.
        """
        rows, batch = self._rows(q)
        jacobians = np.empty((len(rows), 6, self.dof))
        kernels.announce_compilation(kernels.jacobian_batch)
        kernels.jacobian_batch(self.packed_offsets, self.is_prismatic, rows, jacobians)
        count = {"xy": 2, "xyz": 3, "pose": 6}[self.task]
        return jacobians[:, :count].reshape(*batch, count, self.dof)

    def sample(self, n: int, seed: int | np.random.Generator = 0) -> Float[np.ndarray, "n dof"]:
        """Joint positions drawn uniformly inside the limits (continuous joints: ±π).

        Args:
            n: how many.
            seed: a whole number or a generator; the same seed gives the same rows.

        Returns:
            (n, dof) joint positions [rad or m].

        Raises:
            ConfigError: n is not a positive whole number, or the seed is no seed.
        """
        if not isinstance(n, int | np.integer):
            raise ConfigError(f"number of samples must be a whole number, got {n!r}")
        require_positive("number of samples", n)
        try:
            generator = np.random.default_rng(seed)
        except (TypeError, ValueError):
            raise ConfigError(f"seed must be a whole number ≥ 0 or a NumPy generator, got {seed!r}") from None
        return generator.uniform(*self.sampling_limits, size=(n, self.dof))

    def within_limits(
        self, q: Float[np.ndarray, "*batch dof"], tolerance: float = 1e-9
    ) -> Bool[np.ndarray, "*batch"] | np.bool:
        """Whether every joint of a configuration lies inside its limits, up to `tolerance` [rad or m]; NaN never does.

        Raises:
            ShapeError: the last axis is not dof.
        """
        q = self._numbers(q)
        inside = (q >= self.lower - tolerance) & (q <= self.upper + tolerance)
        return np.logical_and.reduce(inside, axis=-1)

    def to_dict(self) -> dict[str, Any]:
        """The arm as JSON-ready data; `from_dict` gives the same fingerprint back."""
        return {
            "name": self.name,
            "joint_names": list(self.joint_names),
            "joint_kinds": list(self.joint_kinds),
            "T_offsets": self.T_offsets.tolist(),
            "lower": [float(x) if np.isfinite(x) else None for x in self.lower],
            "upper": [float(x) if np.isfinite(x) else None for x in self.upper],
            "task": self.task,
            "frames": list(self.frames),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Arm:
        """Read back what `to_dict` wrote.

        Raises:
            ArmError: a key is missing or a value does not fit.
        """
        try:
            return cls(
                name=str(data["name"]),
                joint_names=tuple(map(str, data["joint_names"])),
                joint_kinds=tuple(data["joint_kinds"]),
                T_offsets=np.array(data["T_offsets"], dtype=np.float64),
                lower=np.array([-np.inf if x is None else x for x in data["lower"]], dtype=np.float64),
                upper=np.array([np.inf if x is None else x for x in data["upper"]], dtype=np.float64),
                task=data["task"],
                frames=(str(data["frames"][0]), str(data["frames"][1])),
            )
        except ArmError:
            raise
        except (KeyError, TypeError, ValueError, IndexError, OverflowError) as problem:
            raise ArmError(f"not the description of an arm: {type(problem).__name__} {problem}") from None

    def _rows(self, q: Float[np.ndarray, "*batch dof"]) -> tuple[Float[np.ndarray, "n dof"], tuple[int, ...]]:
        """`q` as contiguous float64 rows, and the batch axes to give back."""
        q = self._numbers(q)
        rows = np.ascontiguousarray(q.reshape(-1, self.dof))
        if not np.isfinite(rows).all():
            row, joint = np.argwhere(~np.isfinite(rows))[0]
            raise ShapeError(f"joint positions: row {row}, joint {self.joint_names[joint]!r} is {rows[row, joint]}")
        return rows, q.shape[:-1]

    def _numbers(self, q: Float[np.ndarray, "*batch dof"]) -> Float[np.ndarray, "*batch dof"]:
        """`q` as float64 of the right shape; the values may be anything."""
        try:
            numbers = np.asarray(q)
        except (TypeError, ValueError, RuntimeError):  # ragged lists; a torch tensor that requires gradients
            numbers = np.empty((), dtype=object)
        if numbers.dtype.kind not in "fiu" and numbers.size:
            raise ShapeError(
                f"joint positions must be real numbers of shape (..., {self.dof}), got {type(q).__name__} "
                f"of {numbers.dtype}"
            )
        if numbers.ndim == 0 or numbers.shape[-1] != self.dof:
            raise ShapeError(f"arm {self.name!r} has {self.dof} joints, got joint positions of shape {numbers.shape}")
        return numbers.astype(np.float64, copy=False)
