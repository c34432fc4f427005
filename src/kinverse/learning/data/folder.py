"""Data sets as folders: CSV tables for each split and a manifest with their digests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kinverse.errors import DataError
from kinverse.learning.data.arkoma import fits_arkoma, write_arkoma
from kinverse.learning.data.arms import require_same_arm, resolve_arm
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.data.layout import MANIFEST, find_layout, generic_files, read_layout
from kinverse.learning.data.publish import publish
from kinverse.robot.arm import Arm
from kinverse.write_columns import csv_bytes


def write_dataset(dataset: Dataset, folder: Path | str, overwrite: bool = False) -> Path:
    """Write a data set into a folder: ARKOMA's published layout where it fits, else train_x.csv, ….

    Every value reads back as the same double; the same data set gives the same bytes. The folder appears in
    one step.

    Args:
        dataset: any data set.
        folder: must not exist or be empty, unless `overwrite`.
        overwrite: replace a data set that kinverse wrote; nothing else is ever replaced.

    Returns:
        The folder.

    Raises:
        ConfigError: there is something in the way, or the folder cannot be written.
    """
    folder = Path(folder)
    if fits_arkoma(dataset):
        return write_arkoma(dataset, folder, overwrite)
    files = {}
    for split, table in dataset.splits.items():
        x, y = generic_files(split)
        files[x] = csv_bytes(dataset.manifest.feature_names, table.features)
        if dataset.manifest.target_names:
            files[y] = csv_bytes(dataset.manifest.target_names, table.targets)
    publish(files, dataset.manifest, folder, overwrite)
    return folder


def read_dataset(folder: Path | str, arm: Arm | str | None = None) -> Dataset:
    """Read a data set from a folder: kinverse's own layout, or ARKOMA's as published.

    Files are held against the digests in the manifest, where there is one. Whether the rows make sense for
    the arm is the business of `kinverse.learning.data.check`.

    Args:
        folder: what `write_dataset` wrote, or ARKOMA's folder.
        arm: the arm it must have been made for, and which one where ARKOMA's folder holds both; None: any. A
            folder without a manifest is taken to be this arm's.

    Raises:
        DataError: no data set, a file is missing, malformed or changed, or it was made for another arm.
    """
    if arm is None:
        return read_layout(find_layout(folder))
    arm = resolve_arm(arm)
    layout = find_layout(folder, arm)
    dataset = read_layout(layout)
    require_same_arm(dataset.manifest, arm, str(layout.folder / MANIFEST))
    columns = len(dataset.manifest.target_names)
    if columns not in (0, arm.dof):
        raise DataError(f"{layout.folder}: {columns} target columns, but {arm.name!r} has {arm.dof} joints")
    if dataset.manifest.kinematics is not None:
        return dataset
    return replace(dataset, manifest=dataset.manifest.with_arm(arm))
