"""Every planted fault is found, named with its place, and none is found in a clean data set."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kinverse as kv
from kinverse.errors import UnknownNameError
from kinverse.files import sha256, to_plain
from kinverse.learning.data.arkoma import make_arkoma
from kinverse.learning.data.check import check_dataset, check_limits
from kinverse.learning.data.dataset import Dataset, Table
from kinverse.learning.data.folder import write_arkoma, write_dataset
from kinverse.learning.data.sampling import grid_dataset, joint_dataset


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One right arm in the published layout."""
    write_arkoma(make_arkoma("nao-right", rows=100, seed=1), tmp_path)
    return tmp_path / "Right Arm Dataset"


def set_cell(file: str, row: int, column: int, text: str, refresh: bool = True) -> Callable[[Path], None]:
    """A planted fault: one cell changed, and the manifest told about it unless `refresh` is off."""

    def plant(folder: Path) -> None:
        path = folder / file
        lines = path.read_text().splitlines()
        cells = lines[row].split(",")
        cells[column] = text
        lines[row] = ",".join(cells)
        path.write_text("\n".join(lines) + "\n")
        if refresh:
            refresh_manifest(folder)

    return plant


def refresh_manifest(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["sha256"] = {name: sha256(folder / name) for name in manifest["sha256"]}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def copy_row(folder: Path) -> None:
    for axis in "xy":
        row = (folder / f"RTrain_{axis}.csv").read_text().splitlines()[5]
        lines = (folder / f"RTest_{axis}.csv").read_text().splitlines()
        lines[3] = row
        (folder / f"RTest_{axis}.csv").write_text("\n".join(lines) + "\n")
    refresh_manifest(folder)


def drop_row(folder: Path) -> None:
    lines = (folder / "RVal_y.csv").read_text().splitlines()
    (folder / "RVal_y.csv").write_text("\n".join(lines[:-1]) + "\n")
    refresh_manifest(folder)


def flatten_column(folder: Path) -> None:
    for row in range(1, 21):
        set_cell("RVal_x.csv", row, 2, "1.00", refresh=row == 20)(folder)


def other_fingerprint(folder: Path) -> None:
    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(text.replace(kv.load_arm("nao-right").fingerprint, "0" * 16))


FAULTS = {
    "changed content": (
        set_cell("RTrain_x.csv", 1, 0, "0.01", refresh=False),
        ("error", "RTrain_x.csv", "sha256 differs"),
    ),
    "joint over its limit": (
        set_cell("RTest_y.csv", 4, 1, "0.31421"),
        (
            "error",
            "test, column 'joint2'",
            "1 of 20 rows outside the limits -1.3265 … 0.3142 of joint 'RShoulderRoll'; worst: row 4",
        ),
    ),
    "joint under its limit": (
        set_cell("RTrain_y.csv", 60, 3, "0.03489"),
        (
            "error",
            "train, column 'joint4'",
            "1 of 60 rows outside the limits 0.0349 … 1.5446 of joint 'RElbowRoll'; worst: row 60 with",
        ),
    ),
    "features of another pose": (
        set_cell("RVal_x.csv", 7, 0, "500.00"),
        (
            "error",
            "validation",
            "1 of 20 rows: features are not the pose that 'nao-right' reaches with the joints; worst: row 7",
        ),
    ),
    "leak": (
        copy_row,
        ("warning", "train and test", "1 of 20 rows have the same features as a row of train (first: row 3)"),
    ),
    "constant column": (flatten_column, ("warning", "validation, column 'Pz'", "is 1 in all 20 rows")),
    "NaN": (
        set_cell("RTest_x.csv", 2, 5, "NaN"),
        ("error", "RTest_x.csv", "row 2 (line 3), column 'Rz': got 'NaN'"),
    ),
    "text": (
        set_cell("RTest_y.csv", 2, 0, "left"),
        ("error", "RTest_y.csv", "row 2 (line 3), column 'joint1': got 'left'"),
    ),
    "misnamed column": (
        set_cell("RVal_y.csv", 0, 0, "q1"),
        ("error", "RVal_y.csv", "missing 'joint1', unexpected 'q1'"),
    ),
    "row counts": (drop_row, ("error", "validation", "20 rows of features but 19 rows of targets")),
    "missing file": (lambda folder: (folder / "RTest_y.csv").unlink(), ("error", "", "missing RTest_y.csv")),
    "manifest is no JSON": (
        lambda folder: (folder / "manifest.json").write_text("{"),
        ("error", "", "not valid JSON"),
    ),
    "other arm": (
        other_fingerprint,
        ("error", "manifest.json", "made for arm 'nao-right' with fingerprint 0000000000000000"),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_planted_fault_is_found(fault: str, folder: Path) -> None:
    plant, (severity, place, message) = FAULTS[fault]
    assert check_dataset(folder, "nao-right").problems == ()
    plant(folder)
    check = check_dataset(folder, "nao-right")
    found = [p for p in check.problems if p.severity == severity and place in p.place and message in p.message]
    assert len(found) == 1, check.problems
    assert check.ok == all(problem.severity == "warning" for problem in check.problems)
    assert all("\n" not in problem.message for problem in check.problems)


def test_all_faults_are_reported_at_once(folder: Path) -> None:
    set_cell("RTest_x.csv", 2, 5, "NaN")(folder)
    set_cell("RTest_x.csv", 3, 1, "")(folder)
    set_cell("RTrain_y.csv", 1, 0, "9.00000")(folder)
    set_cell("RVal_x.csv", 1, 0, "0.01", refresh=False)(folder)
    check = check_dataset(folder)
    assert [problem.place for problem in check.problems] == [
        "RVal_x.csv", "RTest_x.csv", "RTest_x.csv", "train, column 'joint1'", "train", "validation"
    ]  # fmt: skip
    assert check.summary["rows"] == {"train": 60, "validation": 20}
    assert not check.ok


def test_many_malformed_cells_are_counted(folder: Path) -> None:
    for row in range(1, 61):
        set_cell("RTrain_x.csv", row, 0, "x", refresh=row == 60)(folder)
    problems = check_dataset(folder).problems
    assert len(problems) == 21
    assert problems[-1].message == "40 more malformed cells or rows"


def test_last_digits_that_are_not_arkomas_are_a_warning(folder: Path) -> None:
    path = folder / "RTrain_x.csv"
    cell = path.read_text().splitlines()[1].split(",")[3]
    set_cell("RTrain_x.csv", 1, 3, f"{float(cell) + 0.1:.2f}")(folder)
    check = check_dataset(folder)
    assert [(p.severity, p.place) for p in check.problems] == [("warning", "train")]
    assert "1 of 60 rows: the last digits are not those of ARKOMA's rounding; worst: row 1" in check.problems[0].message
    assert check.ok


@pytest.mark.parametrize("name", ["nao-left", "nao-right", "planar3"])
@pytest.mark.parametrize("encoding", ["xy", "xyz", "pose", "arkoma"])
def test_clean_data_sets_are_clean(name: str, encoding: str, tmp_path: Path) -> None:
    write_dataset(joint_dataset(name, rows=500, encoding=encoding), tmp_path / "data")
    problems = check_dataset(tmp_path / "data", name).problems
    if name == "planar3" and encoding != "xy":  # z and two rotations never move
        assert {problem.message.split(" in all")[0] for problem in problems} == {"is 0"}
        problems = ()
    assert problems == ()


def test_summary_and_a_clean_large_arkoma(tmp_path: Path) -> None:
    write_arkoma(make_arkoma("nao-left", rows=50_000, seed=2), tmp_path)
    check = check_dataset(tmp_path)
    assert check.problems == () and check.ok
    assert check.summary["rows"] == {"train": 30_000, "validation": 10_000, "test": 10_000}
    assert check.summary["arm"] == "nao-left"
    assert check.summary["features"] == ["Px", "Py", "Pz", "Rx", "Ry", "Rz"]
    assert "rule of ARKOMA" in check.summary["source"]


def test_features_of_the_exact_encoding_are_held_to_it(tmp_path: Path) -> None:
    dataset = joint_dataset("planar3", rows=100)
    features = dataset.train.features.copy()
    features[10, 1] += 1e-4
    moved = replace(dataset, train=Table(features, dataset.train.targets))
    write_dataset(moved, tmp_path / "data")
    (problem,) = check_dataset(tmp_path / "data").problems
    assert "1 of 60 rows: features are not the pose" in problem.message
    assert "worst: row 11, 0.1 mm and 0° off" in problem.message


def edit_manifest(folder: Path, **changes: Any) -> None:
    """Other values for some keys of a manifest; None takes the key away."""
    manifest = {**json.loads((folder / "manifest.json").read_text()), **changes}
    text = json.dumps({key: value for key, value in manifest.items() if key not in changes or value is not None})
    (folder / "manifest.json").write_text(text)


def test_any_arm_is_checked_without_being_given(tmp_path: Path) -> None:
    """Also one that is in no catalog: the manifest holds its kinematics."""
    arm = replace(kv.planar_arm((1.0, 0.8, 0.5), max_angle=1.0), name="mine")
    dataset = joint_dataset(arm, rows=50, encoding="xy")
    write_dataset(dataset, tmp_path / "good")
    check = check_dataset(tmp_path / "good")
    assert check.problems == () and check.summary["arm"] == "mine"
    targets = dataset.validation.targets.copy()
    targets[3, 1] = 1.5
    write_dataset(with_targets(dataset, targets), tmp_path / "bad")
    limits, kinematics = check_dataset(tmp_path / "bad").problems
    assert limits.severity == "error" and "1 of 10 rows outside the limits -1 … 1 of joint 'theta2'" in limits.message
    assert "1 of 10 rows: features are not the pose that 'mine' reaches" in kinematics.message


def test_kinematics_of_another_arm_are_an_error(tmp_path: Path) -> None:
    write_dataset(joint_dataset("planar3", rows=50), tmp_path / "data")
    other = kv.planar_arm((1.0, 1.0, 2.0))
    edit_manifest(tmp_path / "data", kinematics=to_plain(other))
    (problem,) = check_dataset(tmp_path / "data").problems
    assert (problem.severity, problem.place) == ("error", "manifest.json")
    assert kv.load_arm("planar3").fingerprint in problem.message and other.fingerprint in problem.message


def test_unknown_arm_is_a_warning_unless_it_is_given(tmp_path: Path) -> None:
    arm = kv.planar_arm((1.0, 1.0, 1.0), max_angle=1.0)
    write_dataset(joint_dataset(arm, rows=50), tmp_path / "data")
    edit_manifest(tmp_path / "data", kinematics=None)  # as older versions wrote it
    (problem,) = check_dataset(tmp_path / "data").problems
    assert problem.severity == "warning" and "were not checked; give the arm" in problem.message
    assert check_dataset(tmp_path / "data", arm).problems == ()
    assert not check_dataset(tmp_path / "data", "planar3").ok


def test_a_folder_that_is_none_is_one_problem(tmp_path: Path) -> None:
    check = check_dataset(tmp_path / "none")
    assert [problem.severity for problem in check.problems] == ["error"]
    assert not check.ok and check.summary["rows"] == {}
    with pytest.raises(UnknownNameError):
        check_dataset(tmp_path, "nao-middle")


def with_targets(dataset: Dataset, targets: np.ndarray) -> Dataset:
    return replace(dataset, validation=Table(dataset.validation.features, targets))


def test_limits_of_a_data_set_in_memory() -> None:
    arm = kv.load_arm("nao-left")
    dataset = joint_dataset(arm, rows=100)
    assert check_limits(dataset, arm) == ()
    assert check_limits(grid_dataset("planar3", points_per_axis=5), kv.load_arm("planar3")) == ()
    assert check_limits(joint_dataset("planar3", rows=50), kv.load_arm("planar3")) == ()  # no limits
    targets = dataset.validation.targets.copy()
    targets[[2, 5], 0] = [2.1, -2.5]
    (problem,) = check_limits(with_targets(dataset, targets), arm)
    assert problem.place == "validation, column 'LShoulderPitch'"
    assert problem.message.startswith("2 of 20 rows outside") and problem.message.endswith("row 6 with -2.5")
    problems = check_limits(dataset, kv.load_arm("planar3"))
    assert {problem.message for problem in problems} == {"5 target columns, but 'planar3' has 3 joints"}
    right = check_limits(dataset, kv.load_arm("nao-right"))
    assert any("RElbowRoll" in problem.message and "60 of 60" in problem.message for problem in right)
