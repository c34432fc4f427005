"""`check_dataset`: finds all problems of a data set before a training, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float

from kinverse.arguments import as_path
from kinverse.columns import find_faults, read_header, read_matrix
from kinverse.errors import DataError, KinverseError
from kinverse.geometry import position_error, rotation_error
from kinverse.learning.data.dataset import Dataset, Manifest, Table, resolve_arm
from kinverse.learning.data.layout import MANIFEST, Layout, digest_problems, find_layout, layout_manifest
from kinverse.robot.arm import Arm
from kinverse.robot.encodings import ENCODINGS, Encoding

MAX_FAULTS = 20
"""Malformed cells listed for one file; the rest are counted."""


@dataclass(frozen=True)
class DataProblem:
    """One problem of a data set.

    Attributes:
        severity: "error" (do not train on it) or "warning" (check it first).
        place: file, or split and column.
        message: the value found and the value expected, one line.
    """

    severity: Literal["error", "warning"]
    place: str
    message: str


@dataclass(frozen=True)
class DataCheck:
    """The result of `check_dataset`.

    Attributes:
        problems: all problems, in the order of the files.
        summary: "rows" per split, "features", "targets", "arm", "source".
    """

    problems: tuple[DataProblem, ...]
    summary: dict[str, Any]

    @property
    def ok(self) -> bool:
        """Whether there are no errors; there may be warnings."""
        return all(problem.severity != "error" for problem in self.problems)


def check_dataset(folder: Path | str, arm: Arm | str | None = None) -> DataCheck:
    """Find all problems of a data set on disk.

    Args:
        folder: a folder that `read_dataset` reads.
        arm: the arm of the data; default: the one in the manifest.

    Returns:
        The problems and a summary; a folder that holds no data set at all is one problem too.

    Raises:
        UnknownNameError: unknown arm.
    """
    known = None if arm is None else resolve_arm(arm)
    folder = as_path(folder, "folder", DataError)
    try:
        layout = find_layout(folder, known)
        manifest = layout_manifest(layout)
    except KinverseError as problem:
        return DataCheck((DataProblem("error", str(folder), str(problem)),), {"rows": {}})
    problems = [DataProblem("error", file, message) for file, message in digest_problems(layout)]
    known, arm_problems = _arm_of(manifest, known)
    problems += arm_problems
    tables = {}
    for split in layout.files:
        table, faults = _read_split(layout, manifest, split)
        problems += faults
        if table is not None:
            tables[split] = table
    problems += _check_tables(tables, manifest, known)
    summary = {
        "rows": {split: len(table) for split, table in tables.items()},
        "features": list(manifest.feature_names),
        "targets": list(manifest.target_names),
        "arm": known.name if known else manifest.arm,
        "source": manifest.source,
    }
    return DataCheck(tuple(problems), summary)


def _arm_of(manifest: Manifest, arm: Arm | None) -> tuple[Arm | None, list[DataProblem]]:
    if arm is not None:
        try:
            manifest.require_arm(arm, MANIFEST)
        except DataError as problem:
            return arm, [DataProblem("error", MANIFEST, str(problem))]
        return arm, []
    try:
        found = manifest.known_arm()
    except DataError as problem:
        return None, [DataProblem("error", MANIFEST, str(problem))]
    if found is not None:
        return found, []
    what = "names no arm"
    if manifest.arm is not None:
        what = f"names arm {manifest.arm!r}, but no catalog arm of that name has the same kinematics"
    message = f"{what}: joint limits and kinematics were not checked; give the arm to check them"
    return None, [DataProblem("warning", MANIFEST, message)]


def _read_split(layout: Layout, manifest: Manifest, split: str) -> tuple[Table | None, list[DataProblem]]:
    problems: list[DataProblem] = []
    parts = []
    names = (manifest.feature_names, manifest.target_names)
    for path, columns in zip(layout.files[split], names, strict=True):
        if path is None:
            continue
        try:
            parts.append(read_matrix(path, tuple(name.strip() for name in columns))[1])
        except DataError as problem:
            problems += _file_problems(path, problem)
    if problems:
        return None, problems
    features, targets = parts if len(parts) == 2 else (parts[0], parts[0][:, :0])
    if len(features) != len(targets):
        message = f"{len(features)} rows of features but {len(targets)} rows of targets"
        return None, [DataProblem("error", split, message)]
    expected = manifest.rows.get(split, len(features))
    if len(features) != expected:
        message = f"{split}: lists {expected} rows, but the files have {len(features)}"
        problems = [DataProblem("error", MANIFEST, message)]
    return Table(features, targets), problems


def _file_problems(path: Path, first: DataError) -> list[DataProblem]:
    """The faults of a file that could not be read: cell by cell, or one problem of the whole file."""
    try:
        faults = list(find_faults(path, read_header(path)))
    except DataError:
        faults = []
    if not faults or faults[0] != str(first):
        return [DataProblem("error", path.name, str(first))]
    problems = [DataProblem("error", path.name, fault) for fault in faults[:MAX_FAULTS]]
    if len(faults) > MAX_FAULTS:
        more = f"{len(faults) - MAX_FAULTS} more malformed cells or rows"
        problems.append(DataProblem("error", path.name, more))
    return problems


def _check_tables(tables: dict[str, Table], manifest: Manifest, arm: Arm | None) -> list[DataProblem]:
    problems = []
    for split, table in tables.items():
        problems += constant_columns(split, table.features, manifest.feature_names)
        problems += constant_columns(split, table.targets, manifest.target_names)
        if arm is None:
            continue
        problems += limit_problems(split, table.targets, manifest.target_names, arm)
        encoding = ENCODINGS.get(manifest.encoding or "")
        if encoding is not None and table.targets.shape[1] == arm.dof:
            problems += kinematics_problems(split, table, encoding, arm)
    return problems + shared_rows_problems(tables)


def check_limits(dataset: Dataset, arm: Arm) -> tuple[DataProblem, ...]:
    """Joint targets outside the arm's limits: an error per split and joint, with count and worst row.

    A data set without targets passes; a number of targets other than the arm's number of joints is an error.
    """
    problems = []
    for split, table in dataset.splits.items():
        problems += limit_problems(split, table.targets, dataset.manifest.target_names, arm)
    return tuple(problems)


def constant_columns(split: str, values: Float[np.ndarray, "n c"], names: tuple[str, ...]) -> list[DataProblem]:
    """Columns with a single value, from which nothing can be learned."""
    if len(values) < 2:
        return []
    constant = (values == values[0]).all(axis=0)
    problems = []
    for column in np.flatnonzero(constant):
        message = f"is {values[0, column]:g} in all {len(values)} rows"
        problems.append(DataProblem("warning", f"{split}, column {names[column]!r}", message))
    return problems


def limit_problems(split: str, q: Float[np.ndarray, "n t"], names: tuple[str, ...], arm: Arm) -> list[DataProblem]:
    """Joint positions outside the arm's limits, counted for each joint; continuous joints have none."""
    if q.shape[1] not in (0, arm.dof):
        return [DataProblem("error", split, f"{q.shape[1]} target columns, but {arm.name!r} has {arm.dof} joints")]
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
            problems.append(DataProblem("error", f"{split}, column {names[joint]!r}", message))
    return problems


def kinematics_problems(split: str, table: Table, encoding: Encoding, arm: Arm) -> list[DataProblem]:
    """Rows whose features are not the pose that their joints reach."""
    expected = encoding.encode(arm.forward_kinematics(table.targets))
    T_written, T_expected = encoding.decode(table.features), encoding.decode(expected)
    position = position_error(T_written, T_expected)
    rotation = rotation_error(T_written, T_expected)
    if encoding.decimals is None:
        far = (position > 1e-5) | (rotation > 1e-4)
        slight = np.zeros(len(table), dtype=bool)
    else:
        # A matrix entry on the edge between two roundings moves the printed position by 0.01 mm, the rotation
        # by up to a degree: the last bit, which differs between machines, decides.
        far = (position > 2e-5) | (rotation > np.deg2rad(1.5))
        slight = ~far & (np.abs(table.features - expected) > 10.0**-encoding.decimals / 2).any(axis=1)
    # One number to rank rows by: at 1 m from the axis, 1 rad is 1 m.
    size = position + rotation
    problems = []
    if far.any():
        message = f"features are not the pose that {arm.name!r} reaches with the joints"
        problems.append(DataProblem("error", split, _count_and_worst(message, far, size, position, rotation)))
    if slight.any():
        message = "the last digits are not those of ARKOMA's rounding"
        problems.append(DataProblem("warning", split, _count_and_worst(message, slight, size, position, rotation)))
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


def shared_rows_problems(tables: dict[str, Table]) -> list[DataProblem]:
    """Feature rows that appear in two splits: a model is then tested on what it was trained on."""
    problems = []
    names = list(tables)
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            shared = np.flatnonzero(repeats(tables[second], tables[first]))
            if len(shared):
                message = (
                    f"{len(shared)} of {len(tables[second])} rows have the same features as a row of {first} "
                    f"(first: row {shared[0] + 1}): scores on {second} are too good"
                )
                problems.append(DataProblem("warning", f"{first} and {second}", message))
    return problems


def repeats(table: Table, other: Table) -> Bool[np.ndarray, " n"]:
    """(n,) whether a row of `table` has the features of a row of `other`."""
    return np.isin(row_keys(table.features), row_keys(other.features))


def row_keys(values: Float[np.ndarray, "n f"]) -> np.ndarray:
    """Each row as one opaque value that compares by its bytes."""
    rows = np.ascontiguousarray(values + 0.0)  # −0.0 and 0.0 are the same row
    return rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
