"""Grids against the published numbers of study 4, and joint samples against the forward kinematics."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import kinverse as kv
from kinverse.errors import ConfigError, DataError, UnknownNameError
from kinverse.files import from_plain, to_plain
from kinverse.learning.data.arkoma import make_arkoma
from kinverse.learning.data.dataset import Dataset, Manifest
from kinverse.learning.data.sampling import generate, grid_dataset, joint_dataset, link_length_sum
from kinverse.robot.encodings import ENCODINGS
from tests.support.annotations import unchecked


def test_grid_has_the_published_reachability_floor() -> None:
    """Joints within ±π/2 cannot bring three unit links nearer to the base than 1: study 4's model 4."""
    dataset = grid_dataset("planar3")
    for split, published in (("train", "0.0164"), ("validation", "0.0188")):
        miss = np.clip(1.0 - np.linalg.norm(dataset.splits[split].features, axis=1), 0.0, None)
        assert f"{(miss**2).mean() / 2.0:.4f}" == published  # the loss is a mean over x and y


def test_grid_has_the_published_variance() -> None:
    """A constant answer, the training mean, costs what study 4's model 5 does."""
    dataset = grid_dataset("planar3")
    constant = dataset.train.features.mean(axis=0)
    for split, published in (("train", "0.3395"), ("validation", "0.3426")):
        assert f"{((dataset.splits[split].features - constant) ** 2).mean():.4f}" == published


def test_three_links_within_a_right_angle_stay_outside_the_unit_circle() -> None:
    arm = kv.planar_arm((1.0, 1.0, 1.0), max_angle=np.pi / 2.0)
    radius = np.linalg.norm(arm.forward_kinematics(arm.sample(100_000, seed=0))[:, :2, 3], axis=1)
    assert 1.0 - 1e-12 < radius.min() < 1.05
    assert np.linalg.norm(arm.forward_kinematics([0.3, np.pi / 2.0, np.pi / 2.0])[:2, 3]) == pytest.approx(1.0)


def test_grid_points_and_split_are_scikit_learns() -> None:
    from sklearn.model_selection import train_test_split

    axis = np.linspace(0.0, 2.0, 100)
    X, Y = np.meshgrid(axis, axis)
    train, validation = train_test_split(np.column_stack([X.ravel(), Y.ravel()]), test_size=0.2, random_state=42)
    dataset = grid_dataset("planar3")
    np.testing.assert_array_equal(dataset.train.features, train)
    np.testing.assert_array_equal(dataset.validation.features, validation)
    assert dataset.test is None
    assert dataset.train.targets.shape == (8000, 0)
    assert dataset.manifest.target_names == ()


def test_grid_of_other_arms() -> None:
    two = grid_dataset(kv.planar_arm((1.0, 0.5)), points_per_axis=4, low=-1.0)
    points = np.concatenate([two.train.features, two.validation.features])
    assert len(points) == 16
    np.testing.assert_allclose([points.min(), points.max()], [-1.0, 1.0])
    space = grid_dataset("nao-left", points_per_axis=5, high=0.2, encoding="xyz")
    assert space.manifest.feature_names == ("x", "y", "z")
    assert len(space.train) + len(space.validation) == 125
    assert len(np.unique(np.concatenate([space.train.features, space.validation.features]), axis=0)) == 125


def test_link_length_sum() -> None:
    assert link_length_sum(kv.load_arm("planar3")) == 3.0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"arm": "nao-left"}, "give encoding 'xy' or 'xyz' for 'nao-left', not 'pose'"),
        ({"points_per_axis": 2.5}, "points_per_axis must be a whole number ≥ 2, got 2.5"),
        ({"points_per_axis": 1}, "points_per_axis must be a whole number ≥ 2, got 1"),
        ({"low": 2.0}, "low must be below high, got low 2.0, high 2.0"),
        ({"high": float("nan")}, "got low 0.0, high nan"),
        ({"validation_fraction": 1.0}, "fractions must be"),
        ({"seed": -1}, "seed must be a whole number from 0 to 4294967295, got -1"),
    ],
)
def test_grid_settings_out_of_range(settings: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        grid_dataset(**{"arm": "planar3", **settings})


@pytest.mark.parametrize("name", ["planar3", "nao-left", "nao-right"])
@pytest.mark.parametrize("encoding", [None, *ENCODINGS])
def test_joint_features_are_the_poses_of_the_targets(name: str, encoding: str | None) -> None:
    arm = kv.load_arm(name)
    dataset = joint_dataset(arm, rows=100, seed=4, encoding=encoding)
    used = ENCODINGS[encoding or ("xy" if arm.is_planar else "pose")]
    assert dataset.manifest.encoding == used.name
    assert dataset.manifest.target_names == arm.joint_names
    assert dataset.manifest.target_units == ("rad",) * arm.dof
    for table in dataset.splits.values():
        assert arm.within_limits(table.targets).all()
        np.testing.assert_array_equal(table.features, used.encode(arm.forward_kinematics(table.targets)))


def test_joint_rows_are_all_there_once() -> None:
    arm = kv.load_arm("nao-left")
    dataset = joint_dataset(arm, rows=50, seed=9)
    q = np.concatenate([table.targets for table in dataset.splits.values()])
    np.testing.assert_array_equal(np.sort(q, axis=0), np.sort(arm.sample(50, seed=9), axis=0))
    assert joint_dataset(arm, rows=50, seed=9, fractions=(0.5, 0.5, 0.0)).test is None


def test_sizes_that_no_memory_holds_are_refused_at_once() -> None:
    arm = kv.load_arm("planar3")
    for make in (generate, joint_dataset):
        with pytest.raises(ConfigError, match=r"1000000000000 rows of \d+ numbers are too many .* at most \d+ rows"):
            make(arm, rows=10**12)
        with pytest.raises(ConfigError, match="too many"):
            make(arm, rows=10**400)
    for points in (10**6, np.int64(10**18)):
        with pytest.raises(ConfigError, match="rows of 2 numbers are too many"):
            grid_dataset(arm, points)
    with pytest.raises(ConfigError, match="rows of 11 numbers are too many"):
        generate(kv.load_arm("nao-left"), rows=150_000_000)


@unchecked()
def test_whole_numbers_of_numpy_are_whole_numbers() -> None:
    one, two = np.int64(1), np.int64(200)
    assert joint_dataset("planar3", two, one).digest == joint_dataset("planar3", 200, 1).digest
    assert grid_dataset("planar3", np.int64(9), seed=one).digest == grid_dataset("planar3", 9, seed=1).digest
    for name in ("planar3", "nao-left", "panda"):
        arm = kv.load_arm(name)
        made = generate(arm, two, one)
        assert made.digest == generate(arm, 200, 1).digest
        assert from_plain(to_plain(made.manifest), Manifest, "manifest", DataError) == made.manifest


@pytest.mark.parametrize("make", [generate, joint_dataset, make_arkoma])
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rows": 99.5}, "rows must be a whole number ≥ 1, got 99.5"),
        ({"rows": "many"}, "rows must be a whole number ≥ 1, got 'many'"),
        ({"rows": -1}, "rows must be a whole number ≥ 1, got -1"),
        ({"seed": 1.5}, "seed must be a whole number from 0 to 4294967295, got 1.5"),
    ],
)
def test_joint_settings_out_of_range(make: Callable[..., Dataset], settings: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make(kv.load_arm("nao-left"), **settings)


@pytest.mark.parametrize("seed", [-1, 1.5, "one"])
def test_seeds_of_samples(seed: object) -> None:
    with pytest.raises(ConfigError, match="seed must be a whole number ≥ 0 or a NumPy generator, got"):
        kv.load_arm("planar3").sample(3, seed)  # type: ignore[arg-type]


def test_unknown_names() -> None:
    with pytest.raises(UnknownNameError, match="unknown encoding 'poses': did you mean 'pose'"):
        joint_dataset("nao-left", encoding="poses")
    with pytest.raises(UnknownNameError, match="unknown arm 'planar'"):
        joint_dataset("planar")
