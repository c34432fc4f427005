"""Checks of targets and joint positions, row by row; packing of targets for the kernels."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from kinverse.arguments import as_floats
from kinverse.errors import LimitWarning, ShapeError, TargetError
from kinverse.geometry import MAX_DEVIATION
from kinverse.ik.goal import Goal
from kinverse.ik.kernels.packing import (
    GOOD,
    LAST_ROW,
    NOT_FINITE,
    NOT_ROTATION,
    REFLECTION,
    pack_poses,
    pack_positions,
)
from kinverse.robot.arm import Arm

FAULTS = {
    NOT_FINITE: "holds a value that is not a finite number",
    NOT_ROTATION: "its rotation is off by {deviation:.2g} (largest entry of |RᵀR − 1|); at most {limit:g} is corrected",
    REFLECTION: "its rotation is a reflection (determinant −1)",
    LAST_ROW: "its last row is not 0 0 0 1",
}
ROUNDING, MAX_EXCESS = 1e-9, 1e-5
"""Joint positions so far outside the limits [rad or m] are moved to them without a word, and with a warning: single
precision rounds an angle of three turns by 1e-6."""
MIN_DEVIATION = 1e-12
"""A rotation closer to orthonormal than this is used unchanged."""


def pack_targets(
    goal: Goal, targets: Float[np.ndarray, "n ..."]
) -> tuple[Float[np.ndarray, "n 12"], Int[np.ndarray, " n"] | None, Float[np.ndarray, " n"]]:
    """Pack rows of targets; invalid ones are flagged, not rejected.

    Args:
        goal: the goal; it defines the shape of a row.
        targets: (n, 2), (n, 3) positions [m] or (n, 4, 4) poses, float64.

    Returns:
        (n, 12) packed poses, nearly orthonormal rotations re-orthonormalised; (n,) fault codes, or None if all rows
        are valid; (n,) deviation of each rotation from orthonormal.
    """
    count = len(targets)
    packed = np.zeros((count, 12))
    faults, deviations = np.zeros(count, np.int64), np.zeros(count)
    if goal.has_rotation:
        fault, deviation = pack_poses(targets, packed, faults, deviations)
        if deviation > MIN_DEVIATION:
            _make_orthonormal(packed, (faults == GOOD) & (deviations > MIN_DEVIATION))
    else:
        fault = pack_positions(targets, packed, faults)
    if fault == GOOD:
        return packed, None, deviations
    packed[faults != GOOD] = 0.0
    return packed, faults, deviations


def _make_orthonormal(packed: Float[np.ndarray, "n 12"], rows: Bool[np.ndarray, " n"]) -> None:
    """Replace rotations by the nearest ones, U Vᵀ of their singular value decomposition."""
    columns = packed[rows, 3:].reshape(-1, 3, 3)  # the axes, one in each row
    u, _, vt = np.linalg.svd(columns)
    packed[rows, 3:] = (u @ vt).reshape(-1, 9)


def target_rows(goal: Goal, targets: Any) -> tuple[Float[np.ndarray, "n ..."], tuple[int, ...]]:
    """Targets as float64 rows, and their batch axes.

    Raises:
        ShapeError: the targets are not numbers, or do not have the goal's shape.
    """
    numbers, shape = as_floats(targets, "targets"), goal.target_shape
    if numbers.size == 0 and numbers.ndim == 1:  # an empty list: no targets
        numbers = np.empty((0, *shape))
    if isinstance(targets, np.ma.MaskedArray) and np.ma.is_masked(targets):
        raise TargetError(f"targets: row {_first_masked(targets, len(shape))} has masked values")
    if numbers.ndim < len(shape) or numbers.shape[numbers.ndim - len(shape) :] != shape:
        wanted = ", ".join(map(str, shape))
        other = "; Goal.position() is for positions alone" if goal.has_rotation else ""
        kind = f"{'an' if goal.kind == 'axis' else 'a'} {goal.kind} goal"
        raise ShapeError(f"{kind} takes targets of shape (…, {wanted}), got {numbers.shape}{other}")
    batch = numbers.shape[: numbers.ndim - len(shape)]
    return np.ascontiguousarray(numbers).reshape(-1, *shape), batch


def _first_masked(targets: np.ma.MaskedArray, axes: int) -> int:
    """The first row with a masked value; rows have the last `axes` axes."""
    mask = np.ma.getmaskarray(targets)
    return int(mask.reshape(-1, int(np.prod(mask.shape[mask.ndim - axes :], dtype=int)) or 1).any(axis=1).argmax())


def reject_invalid(faults: Int[np.ndarray, " n"], deviations: Float[np.ndarray, " n"], first: int) -> None:
    """Raise an error for the first invalid row; rows are counted from `first`.

    Raises:
        TargetError: names the row and its fault.
    """
    row = int(np.flatnonzero(faults)[0])
    text = fault_text(int(faults[row]), float(deviations[row]))
    raise TargetError(f"targets: row {first + row}: {text}", row=first + row)


def fault_text(fault: int, deviation: float) -> str:
    """The fault of an invalid target, in words."""
    return FAULTS[fault].format(deviation=deviation, limit=MAX_DEVIATION)


def joint_rows(arm: Arm, q: Any, count: int, what: str) -> Float[np.ndarray, "n dof"]:
    """Joint positions as (1, dof) or (count, dof) rows inside the limits.

    A joint that is hardly outside, as after rounding to single precision, is moved to its limit with a warning.

    Args:
        arm: the arm.
        q: (dof,) for all targets, or one row for each.
        count: number of targets.
        what: name of the argument for error messages.

    Raises:
        ShapeError: neither one row nor `count` rows of finite numbers.
        TargetError: a joint is outside its limits by more than `MAX_EXCESS`; the joint farthest outside is named.
    """
    rows, batch = arm.joint_rows(q)
    if batch != () and len(rows) not in (1, count):
        raise ShapeError(
            f"{what} must be one row of {arm.dof} joints or one for each of {count} targets, got {len(rows)}"
        )
    excess = np.maximum(arm.lower - rows, rows - arm.upper)
    largest = excess.max(initial=0.0)
    if largest > ROUNDING:
        row, joint = (int(index) for index in np.unravel_index(excess.argmax(), excess.shape))
        name, value, unit = arm.joint_names[joint], float(rows[row, joint]), "m" if arm.is_prismatic[joint] else "rad"
        low, high = float(arm.lower[joint]), float(arm.upper[joint])
        far = f"{largest:.2g} {unit} outside its limits [{low:.9g}, {high:.9g}]"
        if largest > MAX_EXCESS:
            raise TargetError(
                f"{what}: row {row}, joint {name!r} is {value:.9g}, {far}",
                row=row, joint=name, value=value, lower=low, upper=high,
            )  # fmt: skip
        text = f"{what}: row {row}, joint {name!r} is {far}, and was moved to the limit"
        warnings.warn(LimitWarning(text), stacklevel=3)
    return np.clip(rows, arm.lower, arm.upper)
