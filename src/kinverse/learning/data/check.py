"""Looking a data set over before anything is trained on it: all problems at once, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kinverse.errors import DataError, KinverseError
from kinverse.learning.data.arms import manifest_arm, require_same_arm, resolve_arm
from kinverse.learning.data.dataset import Manifest, Table
from kinverse.learning.data.findings import (
    Finding,
    check_limits,
    constant_columns,
    kinematics_problems,
    limit_problems,
    shared_rows,
)
from kinverse.learning.data.layout import MANIFEST, Layout, digest_problems, find_layout, layout_manifest
from kinverse.read_columns import find_faults, read_header, read_matrix
from kinverse.robot.arm import Arm
from kinverse.robot.encodings import ENCODINGS

__all__ = ["DataCheck", "Finding", "check_dataset", "check_limits"]

MOST_FAULTS = 20
"""Malformed cells listed for one file; the rest are counted."""


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
            require_same_arm(manifest, arm, MANIFEST)
        except DataError as problem:
            return arm, [Finding("error", MANIFEST, str(problem))]
        return arm, []
    try:
        found = manifest_arm(manifest)
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
        message = f"{split}: says {expected} rows, but the files have {len(features)}"
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
    problems = [Finding("error", path.name, fault) for fault in faults[:MOST_FAULTS]]
    if len(faults) > MOST_FAULTS:
        more = f"{len(faults) - MOST_FAULTS} more malformed cells or rows"
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
    return problems + shared_rows(tables)
