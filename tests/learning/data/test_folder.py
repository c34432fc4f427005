"""Data sets as folders: written in one step, read back bit for bit, and refused when something is off."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import kinverse as kv
from kinverse.errors import ConfigError, DataError
from kinverse.files import to_plain
from kinverse.learning.data import folder as folder_module
from kinverse.learning.data.arkoma import make_arkoma
from kinverse.learning.data.csv_pair import read_csv_pair
from kinverse.learning.data.dataset import Manifest
from kinverse.learning.data.folder import read_dataset, write_dataset
from kinverse.learning.data.sampling import grid_dataset, joint_dataset
from kinverse.robot.arm import Arm


@pytest.mark.parametrize("encoding", ["pose", "arkoma", "xyz"])
def test_read_back_bit_for_bit(encoding: str, tmp_path: Path) -> None:
    dataset = joint_dataset("nao-right", rows=300, seed=7, encoding=encoding)
    folder = write_dataset(dataset, tmp_path / "data")
    back = read_dataset(folder, "nao-right")
    assert back.digest == dataset.digest
    for split, table in dataset.splits.items():
        np.testing.assert_array_equal(back.splits[split].features.view("u8"), table.features.view("u8"))
        np.testing.assert_array_equal(back.splits[split].targets.view("u8"), table.targets.view("u8"))
    assert back.manifest.seed == 7 and back.manifest.encoding == encoding
    assert set(back.manifest.sha256) == {f"{s}_{a}.csv" for s in ("train", "validation", "test") for a in "xy"}


def test_grid_has_no_target_files(tmp_path: Path) -> None:
    dataset = grid_dataset("planar3", points_per_axis=8)
    write_dataset(dataset, tmp_path / "grid")
    assert sorted(p.name for p in (tmp_path / "grid").iterdir()) == [
        "manifest.json",
        "train_x.csv",
        "validation_x.csv",
    ]
    back = read_dataset(tmp_path / "grid")
    assert back.digest == dataset.digest and back.test is None and back.train.targets.shape == (51, 0)


def test_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for place in "ab":
        write_dataset(joint_dataset("planar3", rows=40), tmp_path / place)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_csv_pair_survives_a_folder(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text('"a,1", b \n' + "".join(f"{i},{i / 3!r}\n" for i in range(10)))
    dataset = read_csv_pair(tmp_path / "x.csv", tmp_path / "x.csv")
    assert read_dataset(write_dataset(dataset, tmp_path / "out")).digest == dataset.digest


def test_folder_without_a_manifest_is_taken_with_the_arm_it_is_said_to_be_of(tmp_path: Path) -> None:
    dataset = joint_dataset("planar3", rows=30)
    write_dataset(dataset, tmp_path / "data")
    (tmp_path / "data/manifest.json").unlink()
    back = read_dataset(tmp_path / "data")
    assert back.digest == dataset.digest and back.manifest.arm is None
    manifest = read_dataset(tmp_path / "data", "planar3").manifest
    assert manifest.arm_fingerprint == kv.load_arm("planar3").fingerprint
    assert manifest.kinematics == to_plain(kv.load_arm("planar3"))
    with pytest.raises(DataError, match="3 target columns, but 'nao-left' has 5 joints"):
        read_dataset(tmp_path / "data", "nao-left")
    (tmp_path / "data/test_x.csv").unlink()
    with pytest.raises(DataError, match=r"missing test_x\.csv; expected"):
        read_dataset(tmp_path / "data")
    (tmp_path / "data/test_y.csv").unlink()
    assert read_dataset(tmp_path / "data").test is None


def test_other_arm_is_refused(tmp_path: Path) -> None:
    write_dataset(joint_dataset("nao-left", rows=30), tmp_path / "data")
    with pytest.raises(DataError, match=r"made for arm 'nao-left' with fingerprint .* but 'nao-right' has"):
        read_dataset(tmp_path / "data", "nao-right")
    narrower = replace(kv.load_arm("nao-left"), upper=kv.load_arm("nao-left").upper - 0.01)
    with pytest.raises(DataError, match="other kinematics or limits"):
        read_dataset(tmp_path / "data", narrower)


def test_arm_of_a_manifest() -> None:
    assert joint_dataset("nao-left", rows=10).manifest.known_arm().name == "nao-left"  # type: ignore[union-attr]
    assert joint_dataset("nao-left", rows=10, encoding="xyz").manifest.goal == kv.Goal.position()


def without_kinematics(arm: Arm) -> Manifest:
    """A manifest as older versions wrote it."""
    return replace(joint_dataset(arm, rows=10).manifest, kinematics=None)


def test_arm_of_a_manifest_of_an_older_version() -> None:
    arm = kv.load_arm("nao-left")
    manifest = without_kinematics(arm)
    of_version_0_1 = replace(manifest, arm_fingerprint="4d517fb411000760")  # it covered the task
    for found in (manifest.known_arm(), of_version_0_1.known_arm()):
        assert found is not None and found.fingerprint == arm.fingerprint
    limited = kv.planar_arm((1.0, 1.0, 1.0), max_angle=1.0)  # also called planar3, with other limits
    assert without_kinematics(limited).known_arm() is None
    assert without_kinematics(kv.planar_arm([1.0] * 9)).known_arm() is None


URDF = """<robot name="slider"><link name="a"/><link name="b"/><link name="c"/>
<joint name="turn" type="continuous"><parent link="a"/><child link="b"/><origin xyz="0.1 0 0.3" rpy="0.3 0 1"/>
<axis xyz="0 1 0"/></joint>
<joint name="slide" type="prismatic"><parent link="b"/><child link="c"/><origin xyz="0 0.2 0" rpy="0 0.7 0"/>
<axis xyz="1 0 0"/><limit lower="-0.1" upper="0.4" effort="1" velocity="1"/></joint></robot>"""


@pytest.mark.parametrize("which", ["lengths", "limited", "panda xyz", "urdf", "grid", "arkoma", "csv"])
def test_any_arm_survives_a_folder(which: str, tmp_path: Path) -> None:
    if which == "arkoma":
        arm, dataset = kv.load_arm("nao-left"), make_arkoma("nao-left", rows=50)
    elif which == "urdf":
        (tmp_path / "slider.urdf").write_text(URDF)
        arm = kv.load_arm(tmp_path / "slider.urdf")
        dataset = joint_dataset(arm, rows=50)
    elif which == "csv":
        (tmp_path / "x.csv").write_text("u,v\n" + "".join(f"{i},{i / 7!r}\n" for i in range(10)))
        arm = kv.planar_arm((1.0, 0.5))
        dataset = read_csv_pair(tmp_path / "x.csv", tmp_path / "x.csv", arm=arm)
    elif which == "panda xyz":
        arm = kv.load_arm("panda")
        dataset = joint_dataset(arm, rows=50, encoding="xyz")
    else:
        arm = kv.planar_arm((1.0, 0.8, 0.5), max_angle=1.0 if which == "limited" else None)
        dataset = grid_dataset(arm, points_per_axis=8) if which == "grid" else joint_dataset(arm, rows=50)
    back = read_dataset(write_dataset(dataset, tmp_path / "data")).manifest.known_arm()
    assert back is not None and back.fingerprint == arm.fingerprint
    assert (back.name, back.joint_names, back.frames) == (arm.name, arm.joint_names, arm.frames)
    q = arm.sample(20)
    np.testing.assert_array_equal(back.forward_kinematics(q), arm.forward_kinematics(q))


def test_arm_of_a_manifest_that_contradicts_itself() -> None:
    manifest = joint_dataset("nao-left", rows=10).manifest
    other = kv.load_arm("nao-right")
    with pytest.raises(DataError, match=rf"fingerprint is {other.fingerprint}, .* says {manifest.arm_fingerprint}"):
        replace(manifest, kinematics=to_plain(other)).known_arm()
    with pytest.raises(DataError, match="kinematics: "):
        replace(manifest, kinematics={}).known_arm()


def test_limited_planar_arm_reads_back_although_the_catalog_has_another(tmp_path: Path) -> None:
    limited = kv.planar_arm((1.0, 1.0, 1.0), max_angle=1.0)
    write_dataset(joint_dataset(limited, rows=10), tmp_path / "data")
    assert read_dataset(tmp_path / "data", limited).digest == read_dataset(tmp_path / "data").digest
    with pytest.raises(DataError, match="made for arm 'planar3'"):
        read_dataset(tmp_path / "data", "planar3")


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize("file", ["train_x.csv", "test_y.csv"])
def test_changed_content_is_noticed(file: str, tmp_path: Path) -> None:
    write_dataset(joint_dataset("planar3", rows=30), tmp_path / "data")
    path = tmp_path / "data" / file
    change(path, "0.", "1.")  # a number in a cell, still a number
    with pytest.raises(DataError, match=rf"{file}: its content has changed since the manifest was written"):
        read_dataset(tmp_path / "data")


def test_a_bad_cell_is_named_before_the_digest(tmp_path: Path) -> None:
    write_dataset(joint_dataset("planar3", rows=30), tmp_path / "data")
    change(tmp_path / "data" / "train_x.csv", "\n", "\nabc")
    with pytest.raises(DataError, match=r"row 1 \(line 2\), column 'x': got 'abc"):
        read_dataset(tmp_path / "data")


def test_broken_folders(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        read_dataset(tmp_path / "none")
    with pytest.raises(DataError, match="no data set here; expected"):
        read_dataset(tmp_path)
    folder = write_dataset(joint_dataset("planar3", rows=30), tmp_path / "data")
    with pytest.raises(DataError, match="not a folder"):
        read_dataset(folder / "train_x.csv")
    manifest = folder / "manifest.json"
    good = manifest.read_text()
    for old, new, message in (
        ('"train": 18', '"train": 17', "lists rows .* but the files have"),
        ('"test_y.csv"', '"../test_y.csv"', "the manifest has no sha256 for it"),
        ('"seed": 0', '"seed": "0"', "seed: expected `int . null`, got `str`"),
        ("{", "[", "not valid JSON"),
        ('"x"', '"z"', "columns: missing 'z', unexpected 'x'"),
    ):
        manifest.write_text(good)
        change(manifest, old, new)
        with pytest.raises(DataError, match=message):
            read_dataset(folder)
    manifest.write_text(good)
    (folder / "validation_y.csv").unlink()
    with pytest.raises(DataError, match=r"missing validation_y\.csv"):
        read_dataset(folder)


def test_manifest_cannot_point_outside_its_folder(tmp_path: Path) -> None:
    folder = write_dataset(joint_dataset("planar3", rows=30), tmp_path / "data")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["sha256"]["../../etc/passwd"] = "0"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(DataError, match="names a file that is not part of the data set"):
        read_dataset(folder)


def test_nothing_is_overwritten_by_accident(tmp_path: Path) -> None:
    dataset, other = joint_dataset("planar3", rows=30), joint_dataset("planar3", rows=40)
    folder = tmp_path / "deep" / "data"
    folder.mkdir(parents=True)  # an empty folder is free
    write_dataset(dataset, folder)
    with pytest.raises(ConfigError, match="already holds a data set; choose another folder or overwrite it"):
        write_dataset(other, folder)
    write_dataset(other, folder, overwrite=True)
    assert read_dataset(folder).digest == other.digest
    assert [path.name for path in folder.parent.iterdir()] == ["data"]
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match=r"also holds 'notes\.txt', which overwriting would delete"):
        write_dataset(dataset, folder, overwrite=True)
    with pytest.raises(ConfigError, match="is a file; give the name of a folder"):
        write_dataset(dataset, folder / "notes.txt")
    (folder / "manifest.json").write_text('{"name": "web app"}')
    with pytest.raises(ConfigError, match="not empty and not a data set of kinverse"):
        write_dataset(dataset, folder, overwrite=True)
    assert (folder / "notes.txt").read_text() == "mine"


def test_current_folder_is_not_pulled_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="is the current folder"):
        write_dataset(joint_dataset("planar3", rows=30), ".")
    write_dataset(joint_dataset("planar3", rows=30), "data")
    assert read_dataset("data").manifest.rows["train"] == 18


@pytest.mark.parametrize("error", [OSError(28, os.strerror(28)), KeyboardInterrupt()])
@pytest.mark.parametrize("files_before", [0, 3, 6])
def test_crash_while_writing_leaves_the_old_data_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, files_before: int
) -> None:
    old, new = joint_dataset("planar3", rows=30), joint_dataset("planar3", rows=40)
    write_dataset(old, tmp_path / "data")
    write, count = folder_module.write_atomic, iter(range(100))

    def failing_write(path: Path, content: bytes | str) -> None:
        if next(count) == files_before:
            raise error
        write(path, content)

    monkeypatch.setattr(folder_module, "write_atomic", failing_write)
    with pytest.raises(ConfigError if isinstance(error, OSError) else KeyboardInterrupt):
        write_dataset(new, tmp_path / "data", overwrite=True)
    assert read_dataset(tmp_path / "data").digest == old.digest
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_crash_between_the_two_renames_puts_the_old_data_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = joint_dataset("planar3", rows=30)
    write_dataset(old, tmp_path / "data")
    move = Path.replace

    def failing_move(self: Path, target: Path) -> Path:
        if self.is_dir():
            raise OSError(5, "input/output error")
        return move(self, target)

    monkeypatch.setattr(Path, "replace", failing_move)
    with pytest.raises(ConfigError, match="cannot be written"):
        write_dataset(joint_dataset("planar3", rows=40), tmp_path / "data", overwrite=True)
    assert read_dataset(tmp_path / "data").digest == old.digest
