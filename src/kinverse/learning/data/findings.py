"""What can be wrong with rows: joint limits, kinematics, constant columns, rows in two splits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float

from kinverse.geometry import position_error, rotation_error
from kinverse.learning.data.dataset import Dataset, Table
from kinverse.robot.arm import Arm
from kinverse.robot.encodings import Encoding


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a data set.

    Attributes:
        severity: "error": do not train on it. "warning": look at it first.
        place: file, or split and column.
        message: what was found and what was expected, one line.
    """

    severity: Literal["error", "warning"]
    place: str
    message: str


def check_limits(dataset: Dataset, arm: Arm) -> tuple[Finding, ...]:
    """Joint targets outside the arm's limits: an error per split and joint, with count and worst row.

    A data set without targets has no such problem; one with another number of targets than the arm has joints
    is one.
    """
    problems = []
    for split, table in dataset.splits.items():
        problems += limit_problems(split, table.targets, dataset.manifest.target_names, arm)
    return tuple(problems)


def constant_columns(split: str, values: Float[np.ndarray, "n c"], names: tuple[str, ...]) -> list[Finding]:
    """Columns that hold one value: nothing can be learned from or about them."""
    if len(values) < 2:
        return []
    constant = (values == values[0]).all(axis=0)
    problems = []
    for column in np.flatnonzero(constant):
        message = f"is {values[0, column]:g} in all {len(values)} rows"
        problems.append(Finding("warning", f"{split}, column {names[column]!r}", message))
    return problems


def limit_problems(split: str, q: Float[np.ndarray, "n t"], names: tuple[str, ...], arm: Arm) -> list[Finding]:
    """Joint positions outside the arm's limits, counted for each joint; continuous joints have none."""
    if q.shape[1] not in (0, arm.dof):
        return [Finding("error", split, f"{q.shape[1]} target columns, but {arm.name!r} has {arm.dof} joints")]
    problems = []
    for joint in range(q.shape[1]):
        low, high = arm.lower[joint], arm.upper[joint]
        over = np.maximum(low - q[:, joint], q[:, joint] - high)
        count = int((over > 1e-9).sum())
        if count:
            worst = int(np.argmax(over))
            message = (
                f"{count} of {len(q)} rows outside the limits {low:g} … {high:g} of joint "
                f"{arm.joint_names[joint]!r}; worst: row {worst + 1} with {q[worst, joint]:g}"
            )
            problems.append(Finding("error", f"{split}, column {names[joint]!r}", message))
    return problems


def kinematics_problems(split: str, table: Table, encoding: Encoding, arm: Arm) -> list[Finding]:
    """Rows whose features are not the pose that their joints reach."""
    expected = encoding.encode(arm.pose(table.targets))
    T_written, T_expected = encoding.decode(table.features), encoding.decode(expected)
    position = position_error(T_written, T_expected)
    rotation = rotation_error(T_written, T_expected)
    if encoding.decimals is None:
        far = (position > 1e-5) | (rotation > 1e-4)
        slight = np.zeros(len(table), dtype=bool)
    else:
        # A matrix entry on the edge between two roundings moves the printed position by 0.01 mm, the rotation
        # by up to a degree: another machine's last bit may decide which way it goes.
        far = (position > 2e-5) | (rotation > np.deg2rad(1.5))
        slight = ~far & (np.abs(table.features - expected) > 10.0**-encoding.decimals / 2).any(axis=1)
    # One number to rank rows by: at 1 m from the axis, 1 rad is 1 m.
    size = position + rotation
    problems = []
    if far.any():
        message = f"features are not the pose that {arm.name!r} reaches with the joints"
        problems.append(Finding("error", split, _count_and_worst(message, far, size, position, rotation)))
    if slight.any():
        message = "the last digits are not those of ARKOMA's rounding"
        problems.append(Finding("warning", split, _count_and_worst(message, slight, size, position, rotation)))
    return problems


def _count_and_worst(
    message: str,
    rows: Bool[np.ndarray, " n"],
    size: Float[np.ndarray, " n"],
    position: Float[np.ndarray, " n"],
    rotation: Float[np.ndarray, " n"],
) -> str:
    worst = int(np.argmax(np.where(rows, size, -1.0)))
    return (
        f"{int(rows.sum())} of {len(rows)} rows: {message}; worst: row {worst + 1}, "
        f"{1e3 * position[worst]:.3g} mm and {np.rad2deg(rotation[worst]):.3g}° off"
    )


def shared_rows(tables: dict[str, Table]) -> list[Finding]:
    """Feature rows that appear in two splits: a model is then tested on what it was trained on."""
    keys = {split: _row_keys(table.features) for split, table in tables.items()}
    problems = []
    names = list(tables)
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            shared = np.flatnonzero(np.isin(keys[second], keys[first]))
            if len(shared):
                message = (
                    f"{len(shared)} of {len(tables[second])} rows have the same features as a row of {first} "
                    f"(first: row {shared[0] + 1}): what is measured on {second} is too good"
                )
                problems.append(Finding("warning", f"{first} and {second}", message))
    return problems


def _row_keys(values: Float[np.ndarray, "n f"]) -> np.ndarray:
    """Each row as one opaque value that compares by its bytes."""
    rows = np.ascontiguousarray(values + 0.0)  # −0.0 and 0.0 are the same row
    return rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
