"""Faults of the rows, against counts and formulas: copies, shuffled pairs, sorted splits, targets out of range."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import kinverse as kv
from kinverse.learning.data.dataset import Dataset, Table
from kinverse.learning.diagnosis import rows as row_faults
from kinverse.learning.diagnosis import setup
from kinverse.learning.diagnosis.facts import Facts
from tests.support.faulty_trainings import rows as make
from tests.support.faulty_trainings.spoiled import near_copies, scaled_targets, shuffled, sorted_split


def uniform(seed: int, count: int, columns: int) -> Dataset:
    """Rows without a relation; any number of columns."""
    generator = np.random.default_rng(seed)
    names = tuple("abcdefgh"[:columns])
    return make.cut(
        "uniform", generator.uniform(size=(count, columns)), generator.uniform(size=count), count // 5, names
    )


def facts_of(trained, data: Dataset, **settings: object) -> Facts:  # type: ignore[no-untyped-def]
    return Facts(trained(data, epochs=1, **settings), None, data)


@pytest.mark.parametrize("columns", [1, 2, 3, 6])
@pytest.mark.parametrize("seed", range(4))
def test_rows_that_are_near_by_chance_are_no_copies(trained, columns: int, seed: int) -> None:  # type: ignore[no-untyped-def]
    assert row_faults.leak(facts_of(trained, uniform(seed, 2000, columns))) is None


@pytest.mark.parametrize("noise", [1e-12, 1e-9, 1e-6, 1e-4])
def test_copies_are_counted_whatever_their_noise(trained, noise: float) -> None:  # type: ignore[no-untyped-def]
    data = near_copies(make.bump(1000, 400), 0.25, noise)(0)
    finding = row_faults.leak(facts_of(trained, data))
    assert finding is not None
    assert finding.numbers["share"] == pytest.approx(0.25, abs=0.005)


def test_a_grid_and_rounded_rows_are_no_copies(trained) -> None:  # type: ignore[no-untyped-def]
    assert row_faults.leak(facts_of(trained, kv.grid_dataset("planar3", 40))) is None
    assert row_faults.leak(facts_of(trained, kv.make_arkoma("nao-left", 3000))) is None


def test_a_sliding_joint_is_no_leak(trained, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Its position is a coordinate of the tool by right."""
    slide = replace(
        kv.planar_arm([1.0, 1.0]), joint_kinds=("prismatic", "revolute"), lower=[0.0, -3.0], upper=[1.0, 3.0]
    )
    data = kv.joint_dataset(slide, 400, encoding="xyz")
    assert row_faults.leak(facts_of(trained, data)) is None


def test_shuffled_pairs_are_counted(trained) -> None:  # type: ignore[no-untyped-def]
    data = kv.joint_dataset("nao-right", 1000)
    assert row_faults.shuffled_pairs(facts_of(trained, data)) is None
    moved = data.train.targets.copy()
    moved[:30] = np.roll(moved[:30], 1, axis=0)
    wrong = Dataset.from_tables({**data.splits, "train": Table(data.train.features, moved)}, data.manifest)
    finding = row_faults.shuffled_pairs(facts_of(trained, wrong))
    assert finding is not None
    assert "In 30 of 600 training rows (5 %)" in finding.evidence
    assert "100 % of them reach the pose of another row" in finding.evidence


def test_rounded_poses_are_no_shuffled_pairs(trained) -> None:  # type: ignore[no-untyped-def]
    assert row_faults.shuffled_pairs(facts_of(trained, kv.make_arkoma("nao-right", 1000))) is None


def test_a_sorted_split_has_nothing_in_common(trained) -> None:  # type: ignore[no-untyped-def]
    finding = row_faults.sorted_split(facts_of(trained, sorted_split(make.wave(400, 100), column=1)(0)))
    assert finding is not None
    assert finding.numbers["apart"] == 1.0  # the two ranges do not overlap
    assert "Column b" in finding.evidence
    assert row_faults.sorted_split(facts_of(trained, make.wave(400, 100)(0))) is None


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_targets_have_no_signal(trained, seed: int) -> None:  # type: ignore[no-untyped-def]
    related, unrelated = make.wave(600, 200)(seed), shuffled(make.wave(600, 200))(seed)
    assert row_faults.no_signal(facts_of(trained, related)) is None  # not trained, but a table of its rows is better
    finding = row_faults.no_signal(facts_of(trained, unrelated))
    assert finding is not None
    assert max(finding.numbers["linear"], finding.numbers["neighbours"]) < 0.03


def test_the_share_of_targets_outside_an_output_is_that_of_a_normal_distribution(trained) -> None:  # type: ignore[no-untyped-def]
    generator = np.random.default_rng(0)
    y = generator.normal(size=5000)
    data = make.cut("normal", generator.normal(size=(5000, 2)), y, 1000, ("a", "b"))
    for name, share in (("relu", 0.5), ("tanh", 0.317), ("sigmoid", 0.659)):  # P(y < 0), P(|y| > 1), P(y ∉ [0, 1])
        finding = setup.output_range(facts_of(trained, data, output_activation=name, scale_targets="standard"))
        assert finding is not None
        assert finding.numbers["outside"] == pytest.approx(share, abs=0.02)
    assert setup.output_range(facts_of(trained, data, output_activation="sigmoid", scale_targets="minmax")) is None
    assert setup.output_range(facts_of(trained, data, scale_targets="standard")) is None


@pytest.mark.parametrize(
    ("factor", "offset", "is_found"), [(1.0, 0.0, False), (100.0, 0.0, True), (1.0, 500.0, True), (1e-3, 0.0, True)]
)
def test_targets_far_from_one(trained, factor: float, offset: float, is_found: bool) -> None:  # type: ignore[no-untyped-def]
    data = scaled_targets(make.wave(200, 50), factor, offset)(0)
    assert (setup.unscaled_targets(facts_of(trained, data, scale_targets="none")) is not None) == is_found
    assert setup.unscaled_targets(facts_of(trained, data, scale_targets="standard")) is None
