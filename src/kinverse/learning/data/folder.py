"""Data sets as folders: CSV tables for each split and a manifest with their digests, written atomically."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from kinverse.arguments import as_path, require_instance
from kinverse.columns import csv_bytes
from kinverse.errors import ConfigError, DataError, cannot_write
from kinverse.files import remove, to_json, whole_or_absent, write_atomic
from kinverse.learning.data.arkoma import JOINT_DECIMALS
from kinverse.learning.data.dataset import Dataset, Manifest, read_manifest, require_dataset, resolve_arm
from kinverse.learning.data.layout import (
    ARKOMA_TARGETS,
    MANIFEST,
    arkoma_files,
    arkoma_folder,
    find_layout,
    generic_files,
    is_arkoma_arm,
    is_our_manifest,
    read_layout,
)
from kinverse.robot.arm import Arm
from kinverse.robot.encodings import ARKOMA


def write_dataset(dataset: Dataset, folder: Path | str, overwrite: bool = False) -> Path:
    """Write a data set into a folder: ARKOMA's published layout where it fits, else train_x.csv, ….

    Every value reads back as the same double; the same data set gives the same bytes. The folder is
    written atomically.

    Args:
        dataset: any data set.
        folder: must not exist or be empty, unless `overwrite`.
        overwrite: replace a data set that kinverse wrote; nothing else is ever replaced.

    Returns:
        The folder.

    Raises:
        ConfigError: the folder holds something else, or the folder cannot be written.
    """
    folder = as_path(folder, "folder")
    if fits_arkoma(require_dataset(dataset)):
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

    Files are compared with the digests in the manifest, if there is one. `check_dataset` checks the rows themselves.

    Args:
        folder: a folder of `write_dataset`, or ARKOMA's.
        arm: the arm that the data must belong to, and the one to choose if ARKOMA's folder holds both; None: any. Data
            without a manifest is assumed to belong to this arm.

    Raises:
        DataError: no data set, a file is missing, malformed or changed, or it was made for another arm.
    """
    if arm is None:
        return read_layout(find_layout(folder))
    arm = resolve_arm(arm)
    layout = find_layout(folder, arm)
    dataset = read_layout(layout)
    dataset.manifest.require_arm(arm, str(layout.folder / MANIFEST))
    columns = len(dataset.manifest.target_names)
    if columns not in (0, arm.dof):
        raise DataError(f"{layout.folder}: {columns} target columns, but {arm.name!r} has {arm.dof} joints")
    if dataset.manifest.kinematics is not None:
        return dataset
    return replace(dataset, manifest=dataset.manifest.with_arm(arm))


def fits_arkoma(dataset: Dataset) -> bool:
    """Whether the published layout holds this data set without losing a digit."""
    manifest = dataset.manifest
    return (
        manifest.encoding == ARKOMA.name
        and is_arkoma_arm(manifest.arm, manifest.arm_fingerprint)
        and manifest.feature_names == ARKOMA.names
        and manifest.target_names == ARKOMA_TARGETS
        and dataset.test is not None
        and all(
            np.array_equal(table.features, np.round(table.features, 2))
            and np.array_equal(table.targets, np.round(table.targets, JOINT_DECIMALS))
            for table in dataset.splits.values()
        )
    )


def write_arkoma(dataset: Dataset, folder: Path | str, overwrite: bool = False) -> Path:
    """Write a data set in the published layout, with a manifest beside the six files.

    Args:
        dataset: of one of NAO's arms, in ARKOMA's encoding, features with two decimals and targets with five.
        folder: gets a folder "Left Arm Dataset" or "Right Arm Dataset"; it may already hold the other arm's.
        overwrite: replace the same arm's data set if kinverse wrote it.

    Returns:
        `folder`, from which `read_arkoma` reads it back bit for bit.

    Raises:
        DataError: the data set does not fit the published layout.
        ConfigError: the folder holds something else.
    """
    folder = Path(folder)
    if not fits_arkoma(dataset) or dataset.manifest.arm is None:
        raise DataError(
            f"data set {dataset.manifest.name!r} does not fit ARKOMA's layout: it needs arm nao-left or "
            "nao-right, encoding 'arkoma', columns joint1 to joint5, a test split, two decimals in features, "
            "five in targets"
        )
    if (folder / MANIFEST).exists() or (folder / generic_files("train")[0]).exists():
        raise ConfigError(f"{folder}: already holds a data set of another layout; choose another folder")
    name = dataset.manifest.arm
    files = {}
    for split, table in dataset.splits.items():
        x, y = arkoma_files(split, name)
        files[x] = csv_bytes(ARKOMA.names, table.features, ARKOMA.decimals)
        files[y] = csv_bytes(ARKOMA_TARGETS, table.targets, JOINT_DECIMALS)
    publish(files, dataset.manifest, folder / arkoma_folder(name), overwrite)
    return folder


def publish(files: dict[str, bytes], manifest: Manifest, folder: Path, overwrite: bool = False) -> None:
    """Write files and their manifest into a folder beside `folder`, then rename it into place.

    A crash leaves the old folder, the new one or, between the two renames of an overwrite, the old one under a name
    that ends in ".kinverse-old", which the next call puts back; never a mixture.

    Args:
        files: file name → content.
        manifest: written as manifest.json, with the digests of the files.
        folder: must not exist, be empty, or hold a data set that kinverse wrote and nothing else.
        overwrite: replace such a data set.

    Raises:
        ConfigError: the folder holds something else, or the folder cannot be written.
    """
    folder = folder.resolve()
    old = folder.with_name(f".{folder.name}.kinverse-old")
    if old.exists() and not folder.exists():  # an earlier process was killed between the two renames below
        old.rename(folder)
    check_free(folder, overwrite)
    manifest = replace(manifest, sha256={name: hashlib.sha256(content).hexdigest() for name, content in files.items()})
    try:
        with whole_or_absent(folder) as temporary:
            temporary.mkdir(parents=True)
            for name, content in files.items():
                write_atomic(temporary / name, content)
            write_atomic(temporary / MANIFEST, to_json(manifest))
            if folder.exists():
                remove(old)
                folder.rename(old)
    except OSError as problem:
        raise cannot_write(folder, problem) from None
    finally:
        if old.exists() and not folder.exists():
            old.rename(folder)
    remove(old)


def check_free(folder: Path, overwrite: bool = False) -> None:
    """Raise ConfigError unless a data set can be written to `folder` without deleting anything else."""
    require_instance(overwrite, bool, "overwrite")
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ConfigError(f"{folder}: is a file; give the name of a folder")
    if folder == Path.cwd():
        raise ConfigError(f"{folder}: is the current folder, which cannot be replaced; give the name of a new one")
    names = {path.name for path in folder.iterdir()}
    if not names:
        return
    if not is_our_manifest(folder / MANIFEST):
        raise ConfigError(f"{folder}: not empty and not a data set of kinverse; choose another folder")
    if not overwrite:
        raise ConfigError(f"{folder}: already holds a data set; choose another folder or overwrite it")
    try:
        unexpected = names - {MANIFEST} - read_manifest(folder / MANIFEST).sha256.keys()
    except DataError:
        unexpected = {name for name in names if not name.endswith("_x.csv") and not name.endswith("_y.csv")} - {
            MANIFEST
        }
    if unexpected:
        raise ConfigError(
            f"{folder}: also holds {sorted(unexpected)[0]!r}, which overwriting would delete; move it away"
        )
