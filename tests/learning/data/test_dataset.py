"""Tables, manifests and digests."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import kinverse as kv
from kinverse.errors import DataError
from kinverse.learning.data.dataset import Dataset, Manifest, Table
from kinverse.learning.data.sampling import grid_dataset, joint_dataset

NAO = kv.load_arm("nao-left").to_dict()


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
        (np.array([["a"]]), np.ones((1, 1)), "features must be a table of numbers"),
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


def test_manifest_round_trip_through_json() -> None:
    for dataset in (joint_dataset("nao-left", rows=10), grid_dataset("planar3", points_per_axis=5)):
        assert Manifest.from_dict(json.loads(json.dumps(dataset.manifest.to_dict()))) == dataset.manifest


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"format": "other/1"},
            "not a kinverse data manifest: format 'other/1', expected 'kinverse-dataset/1'",
        ),
        ({"name": 3}, "name must be text, got '3'"),
        ({"seed": -1}, "seed must be a whole number ≥ 0 or null, got '-1'"),
        ({"seed": True}, "seed must be"),
        ({"rows": {"train": 1}}, "rows must be whole numbers for train, validation"),
        ({"rows": {"train": 1, "validation": 1, "../x": 1}}, "rows must be"),
        ({"rows": [1]}, "rows must be"),
        ({"sha256": {"a": 1}}, "sha256 must be texts by name"),
        ({"feature_names": "Px"}, "feature_names must be a list of texts"),
        ({"feature_names": ["Px"]}, "1 feature_names but 6 feature_units"),
        ({"kinematics": [1]}, "kinematics must be the description of an arm or null"),
        ({"kinematics": {"name": "a"}}, "kinematics: "),
        ({"kinematics": {**NAO, "task": "juggle"}}, "kinematics: "),
        ({"kinematics": {**NAO, "upper": [1.0]}}, "kinematics: arm 'nao-left': 5 joint names"),
        ({"kinematics": {**NAO, "upper": [10**400] * 5}}, "kinematics: "),
        ({"arm_fingerprint": None}, "kinematics without an arm_fingerprint"),
        ({"surprise": 1}, r"unknown keys \['surprise'\]"),
    ],
)
def test_manifest_that_cannot_be_trusted(change: dict[str, Any], message: str) -> None:
    data = joint_dataset("nao-left", rows=10).manifest.to_dict()
    with pytest.raises(DataError, match=message) as caught:
        Manifest.from_dict({**data, **change}, "folder/manifest.json")
    assert str(caught.value).startswith("folder/manifest.json: ")
    assert "\n" not in str(caught.value)


def test_manifest_with_a_missing_key_or_no_object() -> None:
    data = joint_dataset("nao-left", rows=10).manifest.to_dict()
    del data["arm"]
    with pytest.raises(DataError, match=r"missing keys \['arm'\]"):
        Manifest.from_dict(data)
    with pytest.raises(DataError, match="format 'list'"):
        Manifest.from_dict([])  # type: ignore[arg-type]


def test_the_data_room_imports_no_heavy_library() -> None:
    code = (
        "import sys, kinverse.learning.data.check, kinverse.learning.data.folder, kinverse.learning.data.scalers\n"
        "print(sorted({'torch', 'pandas', 'sklearn', 'pyarrow', 'matplotlib'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
