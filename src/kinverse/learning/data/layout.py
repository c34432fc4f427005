"""The files of a data set on disk: kinverse's own folder, or ARKOMA's as published."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kinverse.arguments import as_path, require_instance
from kinverse.columns import read_header, read_matrix
from kinverse.errors import DataError, UnknownNameError
from kinverse.files import read_json, sha256
from kinverse.learning.data.dataset import FORMAT, SPLITS, Dataset, Manifest, Table, read_manifest
from kinverse.robot.arm import Arm
from kinverse.robot.arm_file import has_fingerprint
from kinverse.robot.catalog import load_arm
from kinverse.robot.encodings import ARKOMA

MANIFEST = "manifest.json"
ARKOMA_ARMS = ("nao-left", "nao-right")
ARKOMA_TARGETS = ("joint1", "joint2", "joint3", "joint4", "joint5")
ARKOMA_SOURCE = "ARKOMA as published (Mendeley Data, DOI 10.17632/brg4dz8nbb.1), read from files without a manifest"
_ARKOMA_SPLITS = {"train": "Train", "validation": "Val", "test": "Test"}


@dataclass(frozen=True)
class Layout:
    """The files of one data set.

    Attributes:
        folder: the folder of the files.
        files: split → (feature file, target file); the target file is None if there are no targets.
        manifest: the manifest, or None if the folder has none.
        kind: "generic" or "arkoma".
        arkoma_arm: "nao-left" or "nao-right" in ARKOMA's layout.
    """

    folder: Path
    files: dict[str, tuple[Path, Path | None]]
    manifest: Manifest | None
    kind: str
    arkoma_arm: str | None = None


def generic_files(split: str) -> tuple[str, str]:
    """File names of a split in kinverse's own layout."""
    return f"{split}_x.csv", f"{split}_y.csv"


def arkoma_folder(arm_name: str) -> str:
    """The folder of an arm's files in the published layout: "Left Arm Dataset" or "Right Arm Dataset"."""
    return "Left Arm Dataset" if arm_name == "nao-left" else "Right Arm Dataset"


def arkoma_files(split: str, arm_name: str) -> tuple[str, str]:
    """File names of a split in the published layout, such as RTrain_x.csv and RTrain_y.csv."""
    stem = ("L" if arm_name == "nao-left" else "R") + _ARKOMA_SPLITS[split]
    return f"{stem}_x.csv", f"{stem}_y.csv"


def arkoma_arm_name(arm: Arm | str) -> str:
    """Name of a NAO arm: "nao-left" or "nao-right".

    Raises:
        UnknownNameError: neither of the two.
    """
    if isinstance(arm, str):
        if arm not in ARKOMA_ARMS:
            raise UnknownNameError("arm of ARKOMA", arm, ARKOMA_ARMS)
        return arm
    require_instance(arm, Arm, "arm", "a name")
    for name in ARKOMA_ARMS:
        if arm.fingerprint == load_arm(name).fingerprint:
            return name
    raise UnknownNameError("arm of ARKOMA (other kinematics than NAO's)", arm.name, ARKOMA_ARMS)


def is_arkoma_arm(name: str | None, fingerprint: str | None) -> bool:
    """Whether name and kinematics are those of a NAO arm; a URDF file may use the name for another arm."""
    return name in ARKOMA_ARMS and fingerprint is not None and has_fingerprint(load_arm(name), fingerprint)


def is_our_manifest(path: Path) -> bool:
    """Whether a file is a data manifest of kinverse, even a malformed one."""
    try:
        return read_json(path, dict[str, Any], DataError).get("format") == FORMAT
    except DataError:
        return False


def find_layout(folder: Path | str, arm: Arm | str | None = None) -> Layout:
    """Recognise the data set in a folder: kinverse's own layout, or ARKOMA's (parent or one arm's).

    Args:
        folder: the folder.
        arm: the arm to choose, if the folder holds both of ARKOMA's.

    Raises:
        DataError: no such folder, no data set in it, a file is missing, or both arms and none chosen.
        UnknownNameError: `arm` is not one of ARKOMA's two.
    """
    folder = as_path(folder, "folder", DataError)
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder" if not folder.exists() else f"{folder}: not a folder")
    if (folder / generic_files("train")[0]).exists():
        return _generic_layout(folder)
    places = arkoma_places(folder)
    if not places:
        zipped = next(folder.glob("*.zip"), None)
        hint = f"; unpack {zipped.name} first" if zipped else ""
        raise DataError(
            f"{folder}: no data set here; expected train_x.csv, 'Left Arm Dataset', 'Right Arm Dataset', "
            f"LTrain_x.csv or RTrain_x.csv{hint}"
        )
    if arm is None and len(places) > 1:
        raise DataError(f"{folder}: holds both arms; choose one: arm='nao-left' or arm='nao-right'")
    name = arkoma_arm_name(arm) if arm is not None else next(iter(places))
    if name not in places:
        raise DataError(f"{folder}: holds the data set of {next(iter(places))!r} only, not of {name!r}")
    return _arkoma_layout(places[name], name)


def arkoma_places(folder: Path) -> dict[str, Path]:
    """The folders of ARKOMA's arms in or at `folder`, by arm name."""
    places = {}
    for name in ARKOMA_ARMS:
        inner = folder / arkoma_folder(name)
        if inner.is_dir():
            places[name] = inner
        elif folder.name == inner.name or any((folder / file).exists() for file in arkoma_files("train", name)):
            places[name] = folder
    return places


def _arkoma_layout(folder: Path, arm_name: str) -> Layout:
    manifest = read_manifest(folder / MANIFEST) if (folder / MANIFEST).exists() else None
    if manifest is not None and manifest.arm != arm_name:
        raise DataError(f"{folder / MANIFEST}: arm is {manifest.arm!r}, but the files are those of {arm_name!r}")
    files: dict[str, tuple[Path, Path | None]] = {}
    for split in SPLITS:
        x, y = arkoma_files(split, arm_name)
        files[split] = (folder / x, folder / y)
    return _complete(Layout(folder, files, manifest, "arkoma", arm_name))


def _generic_layout(folder: Path) -> Layout:
    manifest = read_manifest(folder / MANIFEST) if (folder / MANIFEST).exists() else None
    if manifest is not None:
        splits = [split for split in SPLITS if split in manifest.rows]
    else:
        splits = [
            split for split in SPLITS if split != "test" or any((folder / f).exists() for f in generic_files(split))
        ]
    has_targets = manifest is None or bool(manifest.target_names)
    files: dict[str, tuple[Path, Path | None]] = {}
    for split in splits:
        x, y = generic_files(split)
        files[split] = (folder / x, folder / y if has_targets else None)
    return _complete(Layout(folder, files, manifest, "generic"))


def _complete(layout: Layout) -> Layout:
    wanted = [path for pair in layout.files.values() for path in pair if path is not None]
    missing = [path.name for path in wanted if not path.exists()]
    if missing:
        raise DataError(f"{layout.folder}: missing {', '.join(missing)}; expected {', '.join(p.name for p in wanted)}")
    return layout


def digest_problems(layout: Layout) -> list[tuple[str, str]]:
    """Files that differ from the manifest, as (file, problem); none without a manifest."""
    if layout.manifest is None:
        return []
    problems = []
    paths = [path for pair in layout.files.values() for path in pair if path is not None]
    for path in paths:
        expected = layout.manifest.sha256.get(path.name)
        if expected is None:
            problems.append((path.name, "the manifest has no sha256 for it"))
        elif sha256(path) != expected:
            problems.append((path.name, "its content has changed since the manifest was written (sha256 differs)"))
    unknown = sorted(layout.manifest.sha256.keys() - {path.name for path in paths})
    problems.extend((MANIFEST, f"names a file that is not part of the data set: {name!r}") for name in unknown)
    return problems


def layout_manifest(layout: Layout) -> Manifest:
    """The manifest of a data set on disk; without one, a manifest from its files."""
    if layout.manifest is not None:
        return layout.manifest
    x, y = layout.files["train"]
    published = layout.kind == "arkoma"
    feature_names = ARKOMA.names if published else read_header(x)
    target_names = ARKOMA_TARGETS if published else read_header(y) if y is not None else ()
    arm = load_arm(str(layout.arkoma_arm)) if published else None
    digests = {path.name: sha256(path) for pair in layout.files.values() for path in pair if path is not None}
    return Manifest(
        name=f"arkoma-{layout.arkoma_arm}" if published else layout.folder.resolve().name,
        source=ARKOMA_SOURCE if published else f"CSV files in {layout.folder.resolve().name}, without a manifest",
        encoding=ARKOMA.name if published else None,
        feature_names=feature_names,
        feature_units=ARKOMA.units if published else ("",) * len(feature_names),
        target_names=target_names,
        target_units=("rad" if published else "",) * len(target_names),
        sha256=digests,
    ).with_arm(arm)


def read_layout(layout: Layout) -> Dataset:
    """Read the tables of a data set on disk and compare them with its manifest.

    Raises:
        DataError: a file is malformed or has changed, or rows and columns do not fit together.
    """
    manifest = layout_manifest(layout)
    tables = {}
    for split, (x, y) in layout.files.items():
        features = read_matrix(x, tuple(name.strip() for name in manifest.feature_names))[1]
        targets = features[:, :0] if y is None else read_matrix(y, tuple(n.strip() for n in manifest.target_names))[1]
        if y is not None and len(features) != len(targets):
            raise DataError(f"{x} has {len(features)} rows but {y.name} has {len(targets)}")
        tables[split] = Table(features, targets)
    # After the cells, whose errors name a row and a column.
    for file, problem in digest_problems(layout):
        raise DataError(f"{layout.folder / file}: {problem}")
    rows = {split: len(table) for split, table in tables.items()}
    if layout.manifest is not None and rows != manifest.rows:
        raise DataError(f"{layout.folder / MANIFEST}: lists rows {manifest.rows}, but the files have {rows}")
    return Dataset(tables["train"], tables["validation"], tables.get("test"), replace(manifest, rows=rows))
