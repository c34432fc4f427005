"""ARKOMA: 138 published rows made anew to the last digit, and the files written, read and chosen between.

`arkoma_rows.csv` holds 138 training rows (69 of each arm) of the published data set: ARKOMA, Mendeley Data,
DOI 10.17632/brg4dz8nbb.1. `arkoma_test_rows.csv` holds the joints of the left arm's first 40 published test rows.
"""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kstest, truncnorm

import kinverse as kv
from kinverse.columns import csv_bytes
from kinverse.errors import ConfigError, DataError, UnknownNameError
from kinverse.learning.data.arkoma import (
    JOINT_DECIMALS,
    NORMAL_MEANS,
    NORMAL_STDS,
    SPACING,
    make_arkoma,
    read_arkoma,
)
from kinverse.learning.data.folder import fits_arkoma, read_dataset, write_arkoma, write_dataset
from kinverse.learning.data.layout import ARKOMA_ARMS, ARKOMA_TARGETS
from kinverse.learning.data.sampling import generate, joint_dataset
from kinverse.robot.encodings import ARKOMA

ROWS = Path(__file__).parents[2] / "data" / "arkoma_rows.csv"
TEST_ROWS = ROWS.with_name("arkoma_test_rows.csv")
MIRRORED_JOINTS = np.array([1.0, -1.0, -1.0, -1.0, -1.0])
MIRRORED_FEATURES = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])


def published(side: str) -> tuple[list[list[str]], list[list[str]]]:
    """Features and joints of one arm's published rows, as printed."""
    with ROWS.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["arm"] == side]
    return [[row[n] for n in ARKOMA.names] for row in rows], [[row[n] for n in ARKOMA_TARGETS] for row in rows]


def printed(names: tuple[str, ...], values: np.ndarray, decimals: int) -> list[list[str]]:
    """A table as the cells that `write_arkoma` prints."""
    return [line.split(",") for line in csv_bytes(names, values, decimals).decode().splitlines()[1:]]


@pytest.mark.parametrize("side", ["left", "right"])
def test_every_published_row_is_made_anew_to_the_last_digit(side: str) -> None:
    features, joints = published(side)
    assert len(features) == 69
    q = np.array(joints, dtype=np.float64)
    arm = kv.load_arm(f"nao-{side}")
    assert printed(ARKOMA.names, ARKOMA.encode(arm.forward_kinematics(q)), 2) == features
    assert printed(ARKOMA_TARGETS, q, JOINT_DECIMALS) == joints
    assert arm.within_limits(q).all()


def test_published_rows_take_all_four_quaternion_branches() -> None:
    branches = set()
    for side in ("left", "right"):
        q = np.array(published(side)[1], dtype=np.float64)
        R = np.round(kv.load_arm(f"nao-{side}").forward_kinematics(q)[:, :3, :3], 2)
        diagonal = np.diagonal(R, axis1=1, axis2=2)
        branches |= set(np.argmax(np.column_stack([diagonal, diagonal.sum(axis=1)]), axis=1).tolist())
    assert branches == {0, 1, 2, 3}


def test_rotation_columns_are_not_those_of_the_exact_rotation() -> None:
    features, joints = published("left")
    exact = kv.load_arm("nao-left").forward_kinematics(np.array(joints, dtype=np.float64))
    from kinverse.geometry import rotation_error

    noise = np.rad2deg(rotation_error(ARKOMA.decode(np.array(features, dtype=np.float64)), exact))
    assert 0.15 < noise.mean() < 0.35


def test_left_and_right_are_mirror_images() -> None:
    left, right = kv.load_arm("nao-left"), kv.load_arm("nao-right")
    q = make_arkoma("nao-left", rows=1000, seed=3).train.targets
    mirrored = ARKOMA.encode(right.forward_kinematics(q * MIRRORED_JOINTS))
    expected = ARKOMA.encode(left.forward_kinematics(q)) * MIRRORED_FEATURES
    # A rounded matrix of a half turn has two rotation vectors, v and −v; the branch chooses, not the mirror.
    half_turn = np.abs(np.linalg.norm(expected[:, 3:], axis=1) - 180.0) < 0.02
    flipped = half_turn & (mirrored[:, 3] * expected[:, 3] < 0.0)
    assert flipped.mean() < 0.005
    expected[flipped, 3:] *= -1.0
    np.testing.assert_array_equal(mirrored, expected)


@pytest.mark.parametrize("name", ARKOMA_ARMS)
@pytest.mark.parametrize("test_rows", ["uniform", "trajectory"])
def test_made_data_set(name: str, test_rows: str) -> None:
    dataset = make_arkoma(name, seed=1, test_rows=test_rows)
    arm = kv.load_arm(name)
    assert dataset.manifest.rows == {"train": 6000, "validation": 2000, "test": 2000}
    assert dataset.manifest.arm_fingerprint == arm.fingerprint
    for table in dataset.splits.values():
        assert arm.within_limits(table.targets, tolerance=0.0).all()
        np.testing.assert_array_equal(table.features, np.round(table.features, 2))
        np.testing.assert_array_equal(table.targets, np.round(table.targets, 5))
        assert not np.signbit(table.features[table.features == 0.0]).any()
        np.testing.assert_array_equal(table.features, ARKOMA.encode(arm.forward_kinematics(table.targets)))


def test_uniform_draw_fills_the_limits() -> None:
    arm = kv.load_arm("nao-right")
    q = make_arkoma(arm).train.targets
    part = (q - arm.lower) / (arm.upper - arm.lower)
    np.testing.assert_allclose(part.mean(axis=0), 0.5, atol=0.02)
    np.testing.assert_allclose(part.var(axis=0), 1.0 / 12.0, atol=0.005)


def shares(q: np.ndarray) -> np.ndarray:
    """Joint positions of the left arm as shares of the range between its limits."""
    arm = kv.load_arm("nao-left")
    return (q - arm.lower) / (arm.upper - arm.lower)


def published_shares() -> np.ndarray:
    """(138, 5) published joint positions, those of the right arm mirrored."""
    left, right = (np.array(published(side)[1], dtype=np.float64) for side in ("left", "right"))
    return shares(np.concatenate([left, right * MIRRORED_JOINTS]))


def test_published_rows_are_not_uniform() -> None:
    probability = [kstest(column, "uniform").pvalue for column in published_shares().T]
    assert all(p < 1e-6 for p in probability[1:4])
    assert probability[0] > 0.01  # of joint 1 this many rows do not show it


def test_the_normal_draw_is_the_fit_to_the_published_rows() -> None:
    found = published_shares()

    def loss(mean: np.ndarray, std: np.ndarray) -> np.ndarray:
        return -truncnorm.logpdf(found, -mean / std, (1.0 - mean) / std, loc=mean, scale=std).sum(axis=0)

    mean, std = np.array(NORMAL_MEANS), np.array(NORMAL_STDS)
    for step in (0.01, -0.01):  # no neighbour with two decimals fits better by more than rounding gives
        assert (loss(mean + step, std) > loss(mean, std) - 0.05).all()
        assert (loss(mean, std + step) > loss(mean, std) - 0.05).all()
    for column, m, s in zip(found.T, mean, std, strict=True):
        assert kstest(column, truncnorm(-m / s, (1.0 - m) / s, loc=m, scale=s).cdf).pvalue > 0.05


@pytest.mark.parametrize("name", ARKOMA_ARMS)
def test_normal_rows_are_like_the_published_ones(name: str) -> None:
    q = make_arkoma(name, seed=1, draw="normal").train.targets
    drawn, found = shares(q if name == "nao-left" else q * MIRRORED_JOINTS), published_shares()
    assert kv.load_arm(name).within_limits(q, tolerance=0.0).all()
    # The means and standard deviations of 138 rows scatter by 0.02 and less.
    np.testing.assert_allclose(drawn.mean(axis=0), found.mean(axis=0), atol=0.06)
    np.testing.assert_allclose(drawn.std(axis=0), found.std(axis=0), atol=0.05)


def waypoints(q: np.ndarray) -> np.ndarray:
    """Rows at which a joint's step changes by more than the rounding."""
    return np.flatnonzero((np.abs(np.diff(q, n=2, axis=0)) > 5e-5).any(axis=1)) + 1


def test_waypoints_of_the_normal_draw_are_as_close_as_the_published_ones() -> None:
    found = waypoints(np.loadtxt(TEST_ROWS, delimiter=",", skiprows=1))
    assert found.tolist() == [9, 15, 24, 35]
    lengths = np.diff([0, *found])
    assert SPACING["normal"] == (lengths.min(), lengths.max())
    test = make_arkoma("nao-left", seed=3, draw="normal").test
    assert test is not None
    ours = np.diff([0, *waypoints(test.targets)])
    assert set(ours.tolist()) == set(range(6, 12))


def test_the_draw_is_for_arkoma_alone() -> None:
    made = generate(kv.load_arm("nao-left"), rows=50, draw="normal")
    assert made.train.digest == make_arkoma("nao-left", rows=50, draw="normal").train.digest
    assert "normal distributions" in made.manifest.source
    with pytest.raises(ConfigError, match="draw 'normal' is for ARKOMA's rows"):
        generate(kv.load_arm("planar3"), draw="normal")
    with pytest.raises(UnknownNameError):
        make_arkoma("nao-left", draw="even")  # type: ignore[arg-type]


def test_a_urdf_arm_called_like_naos_is_not_written_as_arkoma(tmp_path: Path) -> None:
    other = replace(kv.planar_arm([0.1] * 5, max_angle=1.0), name="nao-left")
    features, names = make_arkoma("nao-left", rows=50), ("joint1", "joint2", "joint3", "joint4", "joint5")
    assert features.manifest.target_names == names and fits_arkoma(features)
    assert not fits_arkoma(replace(features, manifest=features.manifest.with_arm(other)))
    assert generate(other, rows=50, encoding="pose").manifest.target_names == other.joint_names


def test_trajectory_is_piecewise_linear_and_leaves_the_other_splits_alone() -> None:
    uniform, along = make_arkoma("nao-left", seed=5, test_rows="uniform"), make_arkoma("nao-left", seed=5)
    assert uniform.train.digest == along.train.digest
    assert uniform.validation.digest == along.validation.digest
    assert along.test is not None and uniform.test is not None

    def bent(q: np.ndarray) -> float:  # share of rows where a joint's step changes by more than the rounding
        return float((np.abs(np.diff(q, n=2, axis=0)) > 2.1e-5).any(axis=1).mean())

    assert bent(along.test.targets) < 0.03
    assert bent(uniform.test.targets) > 0.99


@pytest.mark.parametrize("name", ARKOMA_ARMS)
def test_written_and_read_back_bit_for_bit(name: str, tmp_path: Path) -> None:
    dataset = make_arkoma(name, rows=500, seed=2, test_rows="trajectory")
    write_dataset(dataset, tmp_path)
    inner = tmp_path / ("Left Arm Dataset" if name == "nao-left" else "Right Arm Dataset")
    letter = inner.name[0]
    files = {f"{letter}{split}_{axis}.csv" for split in ("Train", "Val", "Test") for axis in "xy"}
    assert {path.name for path in inner.iterdir()} == files | {"manifest.json"}
    assert (inner / f"{letter}Train_x.csv").read_text().startswith("Px,Py,Pz,Rx,Ry,Rz\n")
    assert (inner / f"{letter}Train_y.csv").read_text().startswith("joint1,joint2,joint3,joint4,joint5\n")
    for folder in (tmp_path, inner):
        for back in (read_arkoma(folder), read_dataset(folder, name)):
            assert back.digest == dataset.digest
            assert (back.manifest.seed, back.manifest.source) == (2, dataset.manifest.source)


def test_same_seed_gives_the_same_bytes_on_disk(tmp_path: Path) -> None:
    for place, seed in (("a", 0), ("b", 0), ("c", 1)):
        write_arkoma(make_arkoma("nao-left", rows=200, seed=seed), tmp_path / place)
    contents = [
        {path.name: path.read_bytes() for path in (tmp_path / place / "Left Arm Dataset").iterdir()} for place in "abc"
    ]
    assert contents[0] == contents[1]
    assert all(contents[0][name] != contents[2][name] for name in contents[0])


def test_published_folder_without_a_manifest(tmp_path: Path) -> None:
    made = make_arkoma("nao-right", rows=100)
    write_arkoma(made, tmp_path)
    inner = tmp_path / "Right Arm Dataset"
    (inner / "manifest.json").unlink()
    x = inner / "RTrain_x.csv"
    x.write_bytes(b"\xef\xbb\xbf" + x.read_bytes().replace(b",Py", b", Py ").replace(b"\n", b"\r\n") + b"\r\n")
    back = read_arkoma(tmp_path)
    assert back.digest == made.digest
    assert back.manifest.arm == "nao-right" and back.manifest.encoding == "arkoma"
    assert back.manifest.feature_units == ARKOMA.units and back.manifest.rows == made.manifest.rows
    flat = tmp_path / "flat"
    shutil.copytree(inner, flat)
    assert read_arkoma(flat).digest == made.digest


def test_both_arms_in_one_folder_need_a_choice(tmp_path: Path) -> None:
    made = {name: make_arkoma(name, rows=50) for name in ARKOMA_ARMS}
    for dataset in made.values():
        write_arkoma(dataset, tmp_path)
    with pytest.raises(DataError, match="holds both arms; choose one: arm='nao-left' or arm='nao-right'"):
        read_arkoma(tmp_path)
    for name, dataset in made.items():
        assert read_arkoma(tmp_path, name).digest == dataset.digest
        assert read_dataset(tmp_path, kv.load_arm(name)).digest == dataset.digest
    with pytest.raises(DataError, match="holds the data set of 'nao-left' only, not of 'nao-right'"):
        read_arkoma(tmp_path / "Left Arm Dataset", "nao-right")


def test_wrong_use_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="unknown arm of ARKOMA 'planar3': available: nao-left, nao-right"):
        make_arkoma("planar3")
    with pytest.raises(UnknownNameError, match="other kinematics"):
        make_arkoma(kv.load_arm("planar3"))
    with pytest.raises(UnknownNameError, match="unknown kind of test rows 'line'"):
        make_arkoma("nao-left", test_rows="line")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="2 rows are too few"):
        make_arkoma("nao-left", rows=2)
    with pytest.raises(ConfigError, match="seed must be"):
        make_arkoma("nao-left", seed=-1)
    with pytest.raises(DataError, match="does not fit ARKOMA's layout"):
        write_arkoma(joint_dataset("nao-left", rows=50, encoding="arkoma"), tmp_path)
    (tmp_path / "Dataset on NAO Robot Arms.zip").touch()
    with pytest.raises(DataError, match=r"no data set here; .*unpack Dataset on NAO Robot Arms\.zip first"):
        read_arkoma(tmp_path)
    (tmp_path / "Right Arm Dataset").mkdir()
    with pytest.raises(DataError, match=r"missing RTrain_x\.csv, RTrain_y\.csv"):
        read_arkoma(tmp_path)
    write_dataset(joint_dataset("nao-left", rows=50), tmp_path / "own")
    with pytest.raises(DataError, match="not in ARKOMA's layout"):
        read_arkoma(tmp_path / "own")
    with pytest.raises(ConfigError, match="already holds a data set of another layout"):
        write_arkoma(make_arkoma("nao-left", rows=50), tmp_path / "own")
