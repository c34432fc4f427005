"""`read_csv_pair`: a data set from any two CSV files, features and targets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kinverse.arguments import as_path
from kinverse.columns import read_matrix
from kinverse.errors import DataError
from kinverse.learning.data.dataset import Dataset, Manifest, Table, resolve_arm
from kinverse.learning.data.sampling import joint_units
from kinverse.learning.data.splits import split_indices
from kinverse.robot.arm import Arm
from kinverse.robot.encodings import encoding_named


def read_csv_pair(
    features_path: Path | str,
    targets_path: Path | str,
    seed: int = 0,
    fractions: Sequence[float] = (0.6, 0.2, 0.2),
    arm: Arm | str | None = None,
    encoding: str | None = None,
) -> Dataset:
    """Read two CSV files with the same number of rows as the features and targets of a data set.

    Args:
        features_path: one row of features per line, below column names.
        targets_path: the targets of the same rows.
        seed: seed of the split.
        fractions: fractions of train, validation and test; test may be 0.
        arm: the arm whose joint positions the targets are, or its name; None: targets are any numbers.
        encoding: encoding of poses in the feature columns, a name of `kinverse.robot.encodings.ENCODINGS`; the columns
            must have its order and units, under any names. None: features are any numbers.

    Raises:
        DataError: a file is malformed, the row counts differ, there is not one target column per joint of `arm`,
            or not one feature column per column of the encoding.
        ConfigError: invalid fractions.
        UnknownNameError: unknown encoding or arm.
    """
    written = None if encoding is None else encoding_named(encoding)
    arm = None if arm is None else resolve_arm(arm)
    features_path, targets_path = as_path(features_path, "features_path"), as_path(targets_path, "targets_path")
    feature_names, features = read_matrix(features_path)
    target_names, targets = read_matrix(targets_path)
    if len(features) != len(targets):
        raise DataError(f"{features_path} has {len(features)} rows but {targets_path} has {len(targets)}")
    if arm is not None and arm.dof != len(target_names):
        raise DataError(f"{targets_path}: {len(target_names)} columns, but {arm.name!r} has {arm.dof} joints")
    if written is not None and len(written.names) != len(feature_names):
        columns = ", ".join(f"{name} [{unit}]" for name, unit in zip(written.names, written.units, strict=True))
        raise DataError(
            f"{features_path}: {len(feature_names)} columns, but encoding {written.name!r} has "
            f"{len(written.names)}: {columns}"
        )
    indices = split_indices(len(features), fractions, seed)
    tables = {split: Table(features[rows], targets[rows]) for split, rows in indices.named().items()}
    manifest = Manifest(
        name=features_path.stem,
        source=f"CSV files {features_path.name} and {targets_path.name}",
        encoding=encoding,
        feature_names=feature_names,
        feature_units=written.units if written else ("",) * len(feature_names),
        target_names=target_names,
        target_units=joint_units(arm) if arm else ("",) * len(target_names),
        seed=int(seed),
    )
    return Dataset.from_tables(tables, manifest.with_arm(arm))
