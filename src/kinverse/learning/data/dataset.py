"""`Dataset`: feature and target tables for each split, with a manifest that says where they come from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from kinverse.errors import DataError
from kinverse.robot.arm import Arm
from kinverse.robot.arm_file import read_arm
from kinverse.robot.encodings import arm_as_encoded, encoding_named

SPLITS = ("train", "validation", "test")
FORMAT = "kinverse-dataset/1"
"""Marks a manifest as ours; the number changes when old readers could no longer read it."""


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of features with their targets, float64.

    The arrays stay writable, since torch warns about sharing memory with read-only ones; treat them as
    constants.

    Attributes:
        features: (n, f), what a model is given.
        targets: (n, t), what it should answer; t is 0 where no joint answer is known (a grid of positions).
    """

    features: Float[np.ndarray, "n f"] = field(repr=False)
    targets: Float[np.ndarray, "n t"] = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("features", "targets"):
            try:
                values = np.ascontiguousarray(getattr(self, name), dtype=np.float64)
            except (TypeError, ValueError) as problem:
                raise DataError(f"{name} must be a table of numbers ({problem})") from None
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
    """What a data set is: enough to make it again, or to notice that it has changed.

    Attributes:
        name: what the data set is called in tables and reports.
        source: where the rows come from, in words.
        arm: name of the arm, or None.
        arm_fingerprint: `Arm.fingerprint` of that arm, or None.
        kinematics: `Arm.to_dict` of that arm, from which it is made again; None in manifests of older versions too.
        encoding: name of the feature encoding (`kinverse.robot.encodings`), or None where it is not known.
        feature_names: one for each feature column.
        feature_units: one for each feature column; "" where it is not known.
        target_names: one for each target column.
        target_units: one for each target column; "" where it is not known.
        seed: what the rows were drawn or split with, or None.
        rows: number of rows of each split.
        sha256: file name → digest for a data set on disk, split → digest for one in memory.
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
    seed: int | None = None
    rows: dict[str, int] = field(default_factory=dict)
    sha256: dict[str, str] = field(default_factory=dict)

    def with_arm(self, arm: Arm | None) -> Manifest:
        """The same manifest for the rows of `arm`, with all that makes the arm again; None: of no arm.

        The arm's task becomes what the encoding holds: without a rotation in the features there is none to reach.
        """
        if arm is None:
            return replace(self, arm=None, arm_fingerprint=None, kinematics=None)
        arm = arm_as_encoded(arm, encoding_named(self.encoding) if self.encoding else None)
        return replace(self, arm=arm.name, arm_fingerprint=arm.fingerprint, kinematics=arm.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """The manifest as JSON-ready data; `from_dict` gives an equal one back."""
        data = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}
        return {"format": FORMAT, **data}

    @classmethod
    def from_dict(cls, data: dict[str, Any], place: str = "manifest") -> Manifest:
        """Read back what `to_dict` wrote.

        Args:
            data: a JSON object, not trusted.
            place: what to call it in an error (the file).

        Raises:
            DataError: not a manifest of ours, a key is missing or unknown, a value has the wrong type, or the
                kinematics are those of no arm.
        """
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            got = data.get("format") if isinstance(data, dict) else type(data).__name__
            raise DataError(f"{place}: not a kinverse data manifest: format {got!r}, expected {FORMAT!r}")
        data = {"kinematics": None, **data}  # manifests of older versions lack it
        missing = sorted(_CHECKS.keys() - data.keys())
        unknown = sorted(data.keys() - _CHECKS.keys() - {"format"})
        if missing or unknown:
            raise DataError(f"{place}: missing keys {missing}, unknown keys {unknown}")
        values: dict[str, Any] = {}
        for key, (fits, expected) in _CHECKS.items():
            if not fits(data[key]):
                raise DataError(f"{place}: {key} must be {expected}, got {str(data[key])[:60]!r}")
            values[key] = tuple(data[key]) if isinstance(data[key], list) else data[key]
        manifest = cls(**values)
        for kind in ("feature", "target"):
            names, units = getattr(manifest, f"{kind}_names"), getattr(manifest, f"{kind}_units")
            if len(names) != len(units):
                raise DataError(f"{place}: {len(names)} {kind}_names but {len(units)} {kind}_units")
        if manifest.kinematics is not None:
            if manifest.arm_fingerprint is None:
                raise DataError(f"{place}: kinematics without an arm_fingerprint to hold them against")
            read_arm(manifest.kinematics, f"{place}: kinematics", DataError)
        return manifest


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_rows(value: object) -> bool:
    return (
        isinstance(value, dict)
        and set(value) <= set(SPLITS)
        and {"train", "validation"} <= set(value)
        and all(map(_is_whole, value.values()))
    )


_TEXT = (_is_text, "text")
_TEXT_OR_NONE = (_is_text_or_none, "text or null")
_TEXTS = (_is_texts, "a list of texts")
_CHECKS = {
    "name": _TEXT,
    "source": _TEXT,
    "arm": _TEXT_OR_NONE,
    "arm_fingerprint": _TEXT_OR_NONE,
    "kinematics": (lambda value: value is None or isinstance(value, dict), "the description of an arm or null"),
    "encoding": _TEXT_OR_NONE,
    "feature_names": _TEXTS,
    "feature_units": _TEXTS,
    "target_names": _TEXTS,
    "target_units": _TEXTS,
    "seed": (lambda value: value is None or _is_whole(value), "a whole number ≥ 0 or null"),
    "rows": (_is_rows, "whole numbers for train, validation and, if there is one, test"),
    "sha256": (lambda value: isinstance(value, dict) and all(map(_is_text, value.values())), "texts by name"),
}


@dataclass(frozen=True, eq=False)
class Dataset:
    """The tables of a data set.

    Attributes:
        train: what weights and scalers are fitted on.
        validation: what settings and the stopping point are chosen on.
        test: what is looked at once, at the end; None where there is none.
        manifest: where the rows come from.
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
            tables: "train", "validation" and, if there is one, "test".
            manifest: all that is known besides.

        Raises:
            DataError: a split is missing or unknown, or its columns do not fit the manifest's names.
        """
        if not {"train", "validation"} <= set(tables) <= set(SPLITS):
            raise DataError(f"splits {sorted(tables)}; expected train, validation and, if there is one, test")
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
