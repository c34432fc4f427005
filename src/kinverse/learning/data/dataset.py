"""`Dataset`: feature and target tables for each split, with a manifest of their origin."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from jaxtyping import Float

from kinverse.arguments import as_floats, require_instance
from kinverse.errors import DataError
from kinverse.files import from_plain, read_json, to_plain
from kinverse.ik.goal import Goal
from kinverse.robot.arm import Arm
from kinverse.robot.arm_file import has_fingerprint, read_arm
from kinverse.robot.catalog import arm_names, load_arm
from kinverse.robot.encodings import encoding_named
from kinverse.text import quoted

SPLITS = ("train", "validation", "test")
FORMAT: Literal["kinverse-dataset/1"] = "kinverse-dataset/1"
Count = Annotated[int, msgspec.Meta(ge=0)]


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of features with their targets, float64.

    The arrays stay writable, since torch warns about sharing memory with read-only ones; treat them as
    constants.

    Attributes:
        features: (n, f), the inputs of a model.
        targets: (n, t), the values to predict; t is 0 if no joint positions are known (a grid of positions).
    """

    features: Float[np.ndarray, "n f"] = field(repr=False)
    targets: Float[np.ndarray, "n t"] = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("features", "targets"):
            values = np.ascontiguousarray(
                as_floats(getattr(self, name), name, shape="(rows, columns)", error=DataError)
            )
            if values.ndim != 2:
                raise DataError(f"{name} must have shape (rows, columns), got {values.shape}")
            if not np.isfinite(values).all():
                row, column = np.argwhere(~np.isfinite(values))[0]
                raise DataError(
                    f"{name}: row {row + 1}, column {column + 1} is {values[row, column]}; expected a number"
                )
            object.__setattr__(self, name, values)
        if len(self.features) != len(self.targets):
            raise DataError(f"{len(self.features)} rows of features but {len(self.targets)} rows of targets")

    def __len__(self) -> int:
        return len(self.features)

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of shapes and values, as little-endian float64."""
        content = hashlib.sha256()
        for values in (self.features, self.targets):
            content.update(json.dumps(values.shape).encode())
            content.update(values.astype("<f8").tobytes())
        return content.hexdigest()


@dataclass(frozen=True)
class Manifest:
    """Description of a data set: enough to recreate it, or to notice that it has changed.

    Attributes:
        name: name of the data set in tables and reports.
        source: origin of the rows, in words.
        arm: name of the arm, or None.
        arm_fingerprint: `Arm.fingerprint` of that arm, or None.
        kinematics: that arm as plain data, from which it is recreated; None in manifests of older versions.
        encoding: name of the feature encoding (`kinverse.robot.encodings`), or None if unknown.
        feature_names: one for each feature column.
        feature_units: one for each feature column; "" if unknown.
        target_names: one for each target column.
        target_units: one for each target column; "" if unknown.
        seed: seed of the draw or the split, or None.
        rows: number of rows of each split.
        sha256: file name → digest for a data set on disk, split → digest for one in memory.
        format: format and version of the manifest.
    """

    name: str
    source: str
    arm: str | None = None
    arm_fingerprint: str | None = None
    kinematics: dict[str, Any] | None = field(default=None, repr=False)
    encoding: str | None = None
    feature_names: tuple[str, ...] = ()
    feature_units: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()
    target_units: tuple[str, ...] = ()
    seed: Count | None = None
    rows: dict[str, Count] = field(default_factory=dict)
    sha256: dict[str, str] = field(default_factory=dict)
    format: Literal["kinverse-dataset/1"] = FORMAT

    @property
    def goal(self) -> Goal | None:
        """The goal that the features encode, or None if they encode no pose."""
        return None if self.encoding is None else Goal.encoded_by(encoding_named(self.encoding))

    def with_arm(self, arm: Arm | None) -> Manifest:
        """The same manifest with `arm` and its kinematics, or without an arm."""
        if arm is None:
            return replace(self, arm=None, arm_fingerprint=None, kinematics=None)
        return replace(self, arm=arm.name, arm_fingerprint=arm.fingerprint, kinematics=to_plain(arm))

    def known_arm(self) -> Arm | None:
        """The arm of the rows, from the kinematics in the manifest.

        A manifest of version 0.1 may hold only a name and a fingerprint: then it is the catalog arm of that name, or
        None if there is none or its kinematics differ.

        Raises:
            DataError: the kinematics describe no arm, or another one than the fingerprint says.
        """
        if self.kinematics is not None:
            return read_arm(self.kinematics, f"manifest of {self.name!r}: kinematics", DataError, self.arm_fingerprint)
        if self.arm is None or self.arm not in arm_names():
            return None
        arm = load_arm(self.arm)
        if self.arm_fingerprint is None or has_fingerprint(arm, self.arm_fingerprint):
            return arm
        return None

    def require_arm(self, arm: Arm, place: str) -> Arm:
        """Check that the rows were made for `arm`, and return it.

        Raises:
            DataError: the rows were made with other kinematics than `arm`'s; a manifest without a fingerprint passes.
        """
        if self.arm_fingerprint is not None and not has_fingerprint(arm, self.arm_fingerprint):
            raise DataError(
                f"{place}: made for arm {self.arm!r} with fingerprint {self.arm_fingerprint}, "
                f"but {arm.name!r} has {arm.fingerprint} (other kinematics or limits)"
            )
        return arm


def read_manifest(path: Path) -> Manifest:
    """Read manifest.json.

    Raises:
        DataError: not a kinverse manifest, a missing or unknown key, an invalid value, or kinematics of no arm.
    """
    data = read_json(path, dict[str, Any], DataError)
    if data.get("format") != FORMAT:
        raise DataError(f"{path}: not a kinverse data manifest: format {data.get('format')!r}, expected {FORMAT!r}")
    known = Manifest.__dataclass_fields__.keys()
    missing, unknown = sorted(known - data.keys() - {"kinematics"}), sorted(data.keys() - known)
    if missing or unknown:
        raise DataError(f"{path}: missing keys {missing}, unknown keys {unknown}")
    manifest = from_plain(data, Manifest, path, DataError)
    if not {"train", "validation"} <= manifest.rows.keys() <= set(SPLITS):
        raise DataError(f"{path}: rows must be those of train, validation and optionally test, got {manifest.rows}")
    for kind in ("feature", "target"):
        names, units = getattr(manifest, f"{kind}_names"), getattr(manifest, f"{kind}_units")
        if len(names) != len(units):
            raise DataError(f"{path}: {len(names)} {kind}_names but {len(units)} {kind}_units")
    if manifest.kinematics is not None:
        if manifest.arm_fingerprint is None:
            raise DataError(f"{path}: kinematics without an arm_fingerprint to compare them with")
        read_arm(manifest.kinematics, f"{path}: kinematics", DataError)
    return manifest


def resolve_arm(arm: Arm | str) -> Arm:
    """An arm, or the arm that a catalog name or a URDF path stands for."""
    return arm if isinstance(arm, Arm) else load_arm(arm)


def require_dataset(dataset: Any) -> Dataset:
    """`dataset`, which must be a `Dataset`: a ConfigError otherwise."""
    return require_instance(dataset, Dataset, "dataset")


@dataclass(frozen=True, eq=False)
class Dataset:
    """The tables of a data set.

    Attributes:
        train: rows that weights and scalers are fitted on.
        validation: rows that settings and the stopping point are chosen on.
        test: rows for one evaluation at the end, or None.
        manifest: description of the data set.
    """

    train: Table
    validation: Table
    test: Table | None
    manifest: Manifest

    def __post_init__(self) -> None:
        expected = (len(self.manifest.feature_names), len(self.manifest.target_names))
        for split, table in self.splits.items():
            got = (table.features.shape[1], table.targets.shape[1])
            if got != expected:
                raise DataError(
                    f"{split}: {got[0]} feature and {got[1]} target columns, but the manifest names "
                    f"{expected[0]} and {expected[1]}"
                )
            if len(table) == 0:
                raise DataError(f"{split}: no rows")
        rows = {split: len(table) for split, table in self.splits.items()}
        if rows != self.manifest.rows:
            raise DataError(f"rows {rows}, but the manifest says {self.manifest.rows}")

    @classmethod
    def from_tables(cls, tables: dict[str, Table], manifest: Manifest) -> Dataset:
        """A data set in memory; the manifest's `rows` and `sha256` are filled in from the tables.

        Args:
            tables: "train", "validation" and optionally "test".
            manifest: description of the data set.

        Raises:
            DataError: a split is missing or unknown, or its columns do not fit the manifest's names.
        """
        require_instance(tables, dict, "tables")
        require_instance(manifest, Manifest, "manifest")
        if not {"train", "validation"} <= set(tables) <= set(SPLITS):
            raise DataError(f"splits {quoted(list(tables))}; expected train, validation and optionally test")
        for split, table in tables.items():
            require_instance(table, Table, split)
        rows = {split: len(tables[split]) for split in SPLITS if split in tables}
        digests = {split: tables[split].digest for split in rows}
        manifest = replace(manifest, rows=rows, sha256=digests)
        return cls(tables["train"], tables["validation"], tables.get("test"), manifest)

    @property
    def splits(self) -> dict[str, Table]:
        """The splits that are present, by name, in the order train, validation, test."""
        tables = {"train": self.train, "validation": self.validation, "test": self.test}
        return {split: table for split, table in tables.items() if table is not None}

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over names and values of all tables: equal digests, equal data."""
        names = [list(self.manifest.feature_names), list(self.manifest.target_names)]
        tables = [[split, table.digest] for split, table in self.splits.items()]
        return hashlib.sha256(json.dumps([names, tables]).encode()).hexdigest()
