"""Tables, manifests and digests."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kinverse as kv
from kinverse.errors import DataError
from kinverse.files import to_plain
from kinverse.learning.data.dataset import Dataset, Manifest, Table, read_manifest
from kinverse.learning.data.sampling import grid_dataset, joint_dataset

NAO = to_plain(kv.load_arm("nao-left"))


def test_table_is_float64_and_counts_its_rows() -> None:
    table = Table(np.ones((3, 2), dtype=np.float32), np.empty((3, 0)))
    assert len(table) == 3
    assert table.features.dtype == table.targets.dtype == np.float64


@pytest.mark.parametrize(
    ("features", "targets", "message"),
    [
        (np.ones((3, 2)), np.ones((2, 2)), "3 rows of features but 2 rows of targets"),
        (np.ones(3), np.ones((3, 1)), r"features must have shape \(rows, columns\), got \(3,\)"),
        (np.array([[1.0], [np.nan]]), np.ones((2, 1)), "features: row 2, column 1 is nan"),
        (np.ones((2, 1)), np.array([[1.0], [np.inf]]), "targets: row 2, column 1 is inf"),
        (np.array([["a"]]), np.ones((1, 1)), "features must be real numbers"),
    ],
)
def test_malformed_tables(features: np.ndarray, targets: np.ndarray, message: str) -> None:
    with pytest.raises(DataError, match=message):
        Table(features, targets)


def test_splits_and_rows() -> None:
    dataset = joint_dataset("nao-left", rows=10)
    assert list(dataset.splits) == ["train", "validation", "test"]
    assert dataset.manifest.rows == {"train": 6, "validation": 2, "test": 2}
    assert list(grid_dataset("planar3", points_per_axis=5).splits) == ["train", "validation"]


def test_data_set_that_does_not_fit_its_manifest() -> None:
    dataset = joint_dataset("nao-left", rows=10)
    with pytest.raises(DataError, match=r"rows .* but the manifest says"):
        replace(dataset, train=dataset.validation)
    with pytest.raises(DataError, match="train: 5 feature and 6 target columns, but the manifest names 6 and 5"):
        replace(dataset, train=Table(dataset.train.targets, dataset.train.features))
    with pytest.raises(DataError, match=r"splits \['train'\]; expected train, validation"):
        Dataset.from_tables({"train": dataset.train}, dataset.manifest)
    empty = Table(np.empty((0, 6)), np.empty((0, 5)))
    with pytest.raises(DataError, match="validation: no rows"):
        Dataset.from_tables({"train": dataset.train, "validation": empty}, dataset.manifest)


def test_digest_sees_every_value_and_name() -> None:
    dataset = joint_dataset("nao-left", rows=10)
    assert dataset.digest == joint_dataset("nao-left", rows=10).digest
    features = dataset.train.features.copy()
    features[0, 0] = np.nextafter(features[0, 0], np.inf)
    names = ("a", *dataset.manifest.feature_names[1:])
    others = [
        joint_dataset("nao-left", rows=10, seed=1),
        replace(dataset, train=Table(features, dataset.train.targets)),
        replace(dataset, manifest=replace(dataset.manifest, feature_names=names)),
        replace(dataset, validation=dataset.test, test=dataset.validation),
    ]
    assert len({dataset.digest, *(other.digest for other in others)}) == 5
    assert dataset.manifest.sha256 == {split: table.digest for split, table in dataset.splits.items()}


def test_digest_does_not_depend_on_where_the_data_came_from() -> None:
    dataset = joint_dataset("nao-left", rows=10)
    assert replace(dataset, manifest=replace(dataset.manifest, source="elsewhere", sha256={})).digest == dataset.digest


def back(folder: Path, data: object) -> Manifest:
    """What is read of a manifest.json with this content."""
    path = folder / "manifest.json"
    path.write_text(json.dumps(data))
    return read_manifest(path)


def test_manifest_round_trip_through_json(tmp_path: Path) -> None:
    for dataset in (joint_dataset("nao-left", rows=10), grid_dataset("planar3", points_per_axis=5)):
        assert back(tmp_path, to_plain(dataset.manifest)) == dataset.manifest


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"format": "other/1"},
            "not a kinverse data manifest: format 'other/1', expected 'kinverse-dataset/1'",
        ),
        ({"name": 3}, "name: expected `str`, got `int`"),
        ({"seed": -1}, "seed: expected `int` >= 0"),
        ({"seed": True}, "seed: expected"),
        ({"rows": {"train": 1}}, "rows must be those of train, validation"),
        ({"rows": {"train": 1, "validation": 1, "../x": 1}}, "rows must be"),
        ({"rows": [1]}, "rows: expected `object`"),
        ({"sha256": {"a": 1}}, "sha256.*: expected `str`, got `int`"),
        ({"feature_names": "Px"}, "feature_names: expected `array`, got `str`"),
        ({"feature_names": ["Px"]}, "1 feature_names but 6 feature_units"),
        ({"kinematics": [1]}, "kinematics: expected `object"),
        ({"kinematics": {"name": "a"}}, "kinematics: "),
        ({"kinematics": {**NAO, "task": "juggle"}}, "kinematics: "),
        ({"kinematics": {**NAO, "upper": [1.0]}}, "kinematics: arm 'nao-left': 5 joint names"),
        ({"kinematics": {**NAO, "upper": [10**400] * 5}}, "kinematics: "),
        ({"arm_fingerprint": None}, "kinematics without an arm_fingerprint"),
        ({"surprise": 1}, r"unknown keys \['surprise'\]"),
    ],
)
def test_manifest_that_cannot_be_trusted(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    data = to_plain(joint_dataset("nao-left", rows=10).manifest)
    with pytest.raises(DataError, match=message) as caught:
        back(tmp_path, {**data, **change})
    assert str(caught.value).startswith(f"{tmp_path}/manifest.json: ")
    assert "\n" not in str(caught.value)


def test_manifest_with_a_missing_key_or_no_object(tmp_path: Path) -> None:
    data = to_plain(joint_dataset("nao-left", rows=10).manifest)
    del data["arm"]
    with pytest.raises(DataError, match=r"missing keys \['arm'\]"):
        back(tmp_path, data)
    with pytest.raises(DataError, match="expected `object`, got `array`"):
        back(tmp_path, [])


def test_the_data_room_imports_no_heavy_library() -> None:
    code = (
        "import sys, kinverse.learning.data.check, kinverse.learning.data.folder, kinverse.learning.data.splits\n"
        "print(sorted({'torch', 'pandas', 'sklearn', 'pyarrow', 'matplotlib'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
