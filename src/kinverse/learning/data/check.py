"""Checking a data set before anything is trained on it: all problems at once, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float

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


@dataclass(frozen=True)
class DataCheck:
    """What `check_dataset` found.

    Attributes:
        problems: all of them, in the order of the files.
        summary: "rows" per split, "features", "targets", "arm", "source".
    """

    problems: tuple[Finding, ...]
    summary: dict[str, Any]

    @property
    def ok(self) -> bool:
        """Whether there is no error; warnings may be."""
        return all(problem.severity != "error" for problem in self.problems)


def check_dataset(folder: Path | str, arm: Arm | str | None = None) -> DataCheck:
    """Look over a data set on disk and list everything that is wrong with it.

    Args:
        folder: what `read_dataset` reads.
        arm: the arm it should be for; None: the one in its manifest.

    Returns:
        The problems and a summary; a folder that holds no data set at all is one problem too.

    Raises:
        UnknownNameError: `arm` is a name that no catalog arm has.
    """
    known = None if arm is None else resolve_arm(arm)
    try:
        layout = find_layout(folder, known)
        manifest = layout_manifest(layout)
    except KinverseError as problem:
        return DataCheck((Finding("error", str(folder), str(problem)),), {"rows": {}})
    problems = [Finding("error", file, message) for file, message in digest_problems(layout)]
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


def _arm_of(manifest: Manifest, arm: Arm | None) -> tuple[Arm | None, list[Finding]]:
    if arm is not None:
        try:
            manifest.require_arm(arm, MANIFEST)
        except DataError as problem:
            return arm, [Finding("error", MANIFEST, str(problem))]
        return arm, []
    try:
        found = manifest.known_arm()
    except DataError as problem:
        return None, [Finding("error", MANIFEST, str(problem))]
    if found is not None:
        return found, []
    what = "names no arm"
    if manifest.arm is not None:
        what = f"names arm {manifest.arm!r}, but no catalog arm of that name has the same kinematics"
    message = f"{what}: joint limits and kinematics were not checked; give the arm to check them"
    return None, [Finding("warning", MANIFEST, message)]


def _read_split(layout: Layout, manifest: Manifest, split: str) -> tuple[Table | None, list[Finding]]:
    problems: list[Finding] = []
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
        return None, [Finding("error", split, message)]
    expected = manifest.rows.get(split, len(features))
    if len(features) != expected:
        message = f"{split}: lists {expected} rows, but the files have {len(features)}"
        problems = [Finding("error", MANIFEST, message)]
    return Table(features, targets), problems


def _file_problems(path: Path, first: DataError) -> list[Finding]:
    """The faults of a file that could not be read: cell by cell, or the one thing wrong with all of it."""
    try:
        faults = list(find_faults(path, read_header(path)))
    except DataError:
        faults = []
    if not faults or faults[0] != str(first):
        return [Finding("error", path.name, str(first))]
    problems = [Finding("error", path.name, fault) for fault in faults[:MAX_FAULTS]]
    if len(faults) > MAX_FAULTS:
        more = f"{len(faults) - MAX_FAULTS} more malformed cells or rows"
        problems.append(Finding("error", path.name, more))
    return problems


def _check_tables(tables: dict[str, Table], manifest: Manifest, arm: Arm | None) -> list[Finding]:
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
    expected = encoding.encode(arm.forward_kinematics(table.targets))
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


def shared_rows_problems(tables: dict[str, Table]) -> list[Finding]:
    """Feature rows that appear in two splits: a model is then tested on what it was trained on."""
    problems = []
    names = list(tables)
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            shared = np.flatnonzero(repeats(tables[second], tables[first]))
            if len(shared):
                message = (
                    f"{len(shared)} of {len(tables[second])} rows have the same features as a row of {first} "
                    f"(first: row {shared[0] + 1}): what is measured on {second} is too good"
                )
                problems.append(Finding("warning", f"{first} and {second}", message))
    return problems


def repeats(table: Table, other: Table) -> Bool[np.ndarray, " n"]:
    """Which rows of a table have the features of a row of another one."""
    return np.isin(row_keys(table.features), row_keys(other.features))


def row_keys(values: Float[np.ndarray, "n f"]) -> np.ndarray:
    """Each row as one opaque value that compares by its bytes."""
    rows = np.ascontiguousarray(values + 0.0)  # −0.0 and 0.0 are the same row
    return rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
