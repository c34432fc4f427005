"""`evaluate`: every score against its definition, floors against their published values, and what must be warned of."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import kinverse as kv
from kinverse.errors import DataError, RunError, UnknownNameError
from kinverse.files import from_plain, to_json
from kinverse.ik.reach import closest_reachable
from kinverse.learning.data.dataset import Dataset, Manifest, Table
from kinverse.learning.data.sampling import grid_dataset, joint_dataset
from kinverse.learning.evaluation.report import evaluate
from kinverse.learning.evaluation.scores import CONSTANT, NEAREST, NETWORK, Report
from kinverse.learning.trained import Model
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.session import train
from kinverse.learning.training.source import open_source

ARM = kv.load_arm("nao-right")


def trained(data: Dataset, folder: Path, **settings: object) -> Model:
    torch.set_num_threads(1)
    config = FitConfig.of(**({"hidden": (8,), "epochs": 2} | settings))  # type: ignore[arg-type]
    return train(open_source(data, 1, 0), config, folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def joints() -> Dataset:
    return joint_dataset(ARM, rows=300, seed=1)


@pytest.fixture(scope="module")
def run(joints: Dataset, folder: Path) -> Model:
    return trained(joints, folder / "nao", scale_targets="standard")


@pytest.fixture(scope="module")
def report(run: Model, joints: Dataset) -> Report:
    return evaluate(run, joints)


def test_who_is_measured_on_what(report: Report) -> None:
    assert (report.run, report.split) == ("nao", "test")
    measured = [(s.predictor, s.split, s.rows) for s in report.scores]
    assert measured == [
        (NETWORK, "train", 180),
        (NETWORK, "validation", 60),
        (NETWORK, "test", 60),
        (CONSTANT, "test", 60),
        (NEAREST, "test", 60),
    ]
    assert report.of(NETWORK).split == "test"
    assert report.of(NETWORK, "train").rows == 180


def test_scores_of_targets_by_hand(report: Report, run: Model, joints: Dataset) -> None:
    y = joints.validation.targets
    error = run.network.predict(joints.validation.features) - y
    scale = joints.train.targets.std(axis=0)
    found = report.of(NETWORK, "validation").targets
    assert found is not None
    assert found.mse == pytest.approx((error**2).mean())
    assert found.mae == pytest.approx(abs(error).mean())
    assert found.mse_scaled == pytest.approx(((error / scale) ** 2).mean())
    r2 = 1 - (error**2).sum(axis=0) / ((y - y.mean(axis=0)) ** 2).sum(axis=0)
    assert found.r2 == pytest.approx(dict(zip(ARM.joint_names, r2, strict=True)))
    assert found.r2_mean == pytest.approx(r2.mean())
    assert found.r2_global_mean == pytest.approx(1 - (error**2).sum() / ((y - y.mean()) ** 2).sum())
    # The scaled error is what the training minimised.
    best = min(run.history.validation_loss)
    assert found.mse_scaled == pytest.approx(best, rel=1e-5)


def test_scores_of_the_tip_by_hand(report: Report, run: Model, joints: Dataset) -> None:
    q = run.network.predict(joints.validation.features)
    reached, wanted = ARM.forward_kinematics(q), ARM.forward_kinematics(joints.validation.targets)
    distance = np.linalg.norm(reached[:, :3, 3] - wanted[:, :3, 3], axis=1)
    cosine = (np.einsum("nij,nij->n", reached[:, :3, :3], wanted[:, :3, :3]) - 1) / 2
    angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    tip = report.of(NETWORK, "validation").tool
    assert tip is not None
    assert tip.rotation_deg is not None
    assert tip.mse == pytest.approx((distance**2).sum() / (3 * 60), rel=1e-6)
    assert tip.position_mm.mean == pytest.approx(1e3 * distance.mean(), rel=1e-6)
    assert tip.position_mm.median == pytest.approx(1e3 * np.median(distance), rel=1e-6)
    assert tip.position_mm.max == pytest.approx(1e3 * distance.max(), rel=1e-6)
    assert tip.rotation_deg.mean == pytest.approx(angle.mean(), rel=1e-5)
    outside = (q < ARM.lower - 1e-9) | (q > ARM.upper + 1e-9)
    assert tip.limits.count_rows == outside.any(axis=1).sum()
    assert tip.limits.per_joint == dict(zip(ARM.joint_names, outside.sum(axis=0), strict=True))


def test_baselines_by_hand(report: Report, joints: Dataset) -> None:
    y, train = joints.splits["test"].targets, joints.train
    constant, nearest = report.of(CONSTANT).targets, report.of(NEAREST).targets
    assert constant is not None
    assert nearest is not None
    assert constant.mse == pytest.approx(((y - train.targets.mean(axis=0)) ** 2).mean())
    x, x_train = (t.features / train.features.std(axis=0) for t in (joints.splits["test"], train))
    rows = ((x[:, None] - x_train[None]) ** 2).sum(axis=-1).argmin(axis=1)
    assert nearest.mae == pytest.approx(abs(y - train.targets[rows]).mean())
    assert report.of(NEAREST).tool is not None


def test_the_floor_of_a_joint_loss_is_the_constant_answer(report: Report, joints: Dataset) -> None:
    scale = joints.train.targets.std(axis=0)
    expected = (((joints.validation.targets - joints.train.targets.mean(axis=0)) / scale) ** 2).mean()
    assert report.floors == {"constant answer": pytest.approx(expected)}


def test_json_gives_an_equal_report_back(report: Report) -> None:
    data = json.loads(to_json(report))
    assert from_plain(data, Report, "card", RunError) == report
    assert set(data) == {"run", "split", "scores", "floors", "warnings"}
    assert data["scores"][2]["targets"]["r2"]["RElbowRoll"] == report.of(NETWORK).targets.r2["RElbowRoll"]  # type: ignore[union-attr]
    assert data["scores"][2]["tool"]["position_mm"]["p95"] == report.of(NETWORK).tool.position_mm.p95  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("settings", "best", "unreachable"),
    [({"max_angle": math.pi / 2}, 0.0188, True), ({}, 0.0, False), ({"max_angle": 2.0}, 0.0, True)],
)
def test_floors_of_the_published_planar_grid(
    folder: Path, settings: dict[str, float], best: float, unreachable: bool
) -> None:
    """100 × 100 points: with outputs inside ±π/2 the published network cannot get below 0.0188."""
    data = grid_dataset("planar3")
    run = trained(data, folder / f"planar {settings}", epochs=1, scale_features="none", **settings)
    report = evaluate(run, data)
    assert report.split == "validation"
    assert report.floors["constant answer"] == pytest.approx(0.3426, abs=5e-5)
    if best:
        assert report.floors["best reachable"] == pytest.approx(best, abs=5e-5)
    else:
        assert report.floors["best reachable"] < 2e-3
    assert (report.floors["best reachable"] > 1e-8) == unreachable
    assert report.of(NETWORK).targets is None  # the grid has no joints to compare with
    assert {s.predictor for s in report.scores} == {NETWORK}
    tip = report.of(NETWORK).tool
    assert tip is not None
    assert tip.rotation_deg is None
    # The tip error is what the training minimised.
    assert tip.mse == pytest.approx(min(run.history.validation_loss), rel=1e-4)


def test_the_floor_of_several_heads_is_that_of_one(folder: Path) -> None:
    grid = grid_dataset("planar3", points_per_axis=8)
    floors = [
        evaluate(
            trained(grid, folder / f"{heads} heads", epochs=1, max_angle=1.0, heads=heads, loss_space="tool"), grid
        ).floors["best reachable"]
        for heads in (1, 3)
    ]
    assert floors[0] == floors[1] > 0.1


@pytest.mark.parametrize("loss", ["mae", "huber", "distance"])
def test_the_constant_answer_is_measured_in_the_loss_of_the_training(joints: Dataset, folder: Path, loss: str) -> None:
    run = trained(joints, folder / loss, loss=loss, epochs=1, scale_targets="standard")
    train, validation = joints.train.targets, joints.validation.targets
    error = np.abs(validation - train.mean(axis=0)) / train.std(axis=0)
    huber = np.where(error < 1.0, 0.5 * error**2, error - 0.5)
    expected = {"mae": error, "huber": huber, "distance": np.sqrt((error**2).sum(axis=1))}[loss]
    assert evaluate(run, joints).floors == {"constant answer": pytest.approx(expected.mean())}


def test_a_planar_loss_that_is_not_squared_has_no_reachability_floor(folder: Path) -> None:
    grid = grid_dataset("planar3", points_per_axis=8)
    assert set(evaluate(trained(grid, folder / "planar-mae", loss="mae", epochs=1), grid).floors) == {"constant answer"}


def test_positions_without_rotation_are_scored_without_one(folder: Path) -> None:
    data = joint_dataset("nao-right", rows=80, encoding="xyz")
    report = evaluate(trained(data, folder / "xyz", epochs=1, loss_space="tool"), data)
    assert report.of(NETWORK).tool.rotation_deg is None
    with pytest.raises(UnknownNameError, match=r"unknown predictor on the test rows 'nearest'.*nearest neighbour"):
        report.of("nearest")


def words(report: Report, part: str) -> str:
    """The one warning that holds these words."""
    (found,) = [warning for warning in report.warnings if part in warning]
    return found


def test_predictions_outside_the_limits_are_counted(joints: Dataset, folder: Path) -> None:
    run = trained(joints, folder / "wild", epochs=3, learning_rate=1.0, keep_best=False)
    report = evaluate(run, joints)
    q = run.network.predict(joints.splits["test"].features)
    outside = (q < ARM.lower - 1e-9) | (q > ARM.upper + 1e-9)
    assert outside.any()
    warning = words(report, "outside the joint limits")
    assert warning.startswith(f"{outside.any(axis=1).sum()} of 60 test predictions")
    worst = int(outside.sum(axis=0).argmax())
    assert f"{ARM.joint_names[worst]} {outside[:, worst].sum()}" in warning
    bounded = evaluate(trained(joints, folder / "tame", bounds="limits", learning_rate=0.5), joints)
    assert not any("outside the joint limits" in warning for warning in bounded.warnings)


def test_poor_r2_and_a_flattering_global_mean_are_named(report: Report) -> None:
    targets = report.of(NETWORK).targets
    assert targets is not None
    assert all(r2 < 0.5 for r2 in targets.r2.values())
    warning = words(report, "R² below 0.5")
    assert all(f"{name} {r2:.3f}" in warning for name, r2 in targets.r2.items())
    gap = targets.r2_global_mean - targets.r2_mean
    assert gap > 0.02
    assert f"is {gap:.3f} above" in words(report, "global-mean R²")


def test_an_unfinished_run_is_named(run: Model, joints: Dataset, report: Report) -> None:
    assert not any("not finished" in warning for warning in report.warnings)
    for status, stopped, says in (
        ("interrupted", "interrupted", "(interrupted)"),
        ("failed", "a loss is NaN", "(failed: a loss is NaN)"),
        ("running", "", "(running: no end was written)"),
    ):
        unfinished = replace(run, status=status, stopped=stopped)
        assert says in words(evaluate(unfinished, joints), "the training is not finished")


def classes(column: str = "sector") -> Dataset:
    """Three classes in the plane, by angle."""
    points = np.random.default_rng(0).normal(size=(200, 2))
    kind = np.digitize(np.arctan2(points[:, 1], points[:, 0]), [-1.0, 1.0]).astype(float)[:, None]
    manifest = Manifest(
        "sectors", "drawn", feature_names=("x", "y"), feature_units=("", ""), target_names=(column,), target_units=("",)
    )
    cut = {"train": slice(0, 120), "validation": slice(120, 200)}
    return Dataset.from_tables({name: Table(points[rows], kind[rows]) for name, rows in cut.items()}, manifest)


@pytest.mark.parametrize("loss", ["cross_entropy", "hinge"])
def test_classes_give_an_accuracy(folder: Path, loss: str) -> None:
    data = classes()
    run = trained(data, folder / loss, loss=loss, epochs=60, learning_rate=0.05)
    report = evaluate(run, data)
    majority = "most frequent class in train"
    assert [(s.predictor, s.split) for s in report.scores] == [
        (NETWORK, "train"), (NETWORK, "validation"), (majority, "validation"),
    ]  # fmt: skip
    counts = np.bincount(data.train.targets[:, 0].astype(int))
    assert report.of(majority).accuracy == pytest.approx((data.validation.targets[:, 0] == counts.argmax()).mean())
    scores = report.of(NETWORK)
    predicted = run.network.predict(data.validation.features).argmax(axis=1)
    assert scores.accuracy == pytest.approx((predicted == data.validation.targets[:, 0]).mean())
    assert scores.accuracy > 0.8
    assert scores.targets is None
    assert scores.tool is None
    assert report.floors == {}
    assert from_plain(json.loads(to_json(report)), Report, "card", RunError) == report


def test_numbers_without_an_arm(folder: Path) -> None:
    """Any pair of tables: scored like joints, but nothing is said about an arm."""
    data = classes("number")
    report = evaluate(trained(data, folder / "numbers"), data)
    scores = report.of(NETWORK)
    assert scores.tool is None
    assert scores.accuracy is None
    assert scores.targets is not None
    assert set(scores.targets.r2) == {"number"}
    assert "joint" not in " ".join(report.warnings)


def test_a_split_of_one_row_is_measured_too(folder: Path) -> None:
    """R² needs two rows; what can be measured on one is still said."""
    data = joint_dataset(ARM, rows=5, seed=1)
    assert len(data.validation) == 1
    report = evaluate(trained(data, folder / "tiny", epochs=1), data)
    scores = report.of(NETWORK)
    assert scores.tool is not None
    assert scores.targets is not None
    assert math.isfinite(scores.targets.mse)
    assert (scores.targets.r2, scores.targets.r2_mean, scores.targets.r2_global_mean) == ({}, None, None)
    assert from_plain(json.loads(to_json(report)), Report, "card", RunError) == report


def test_data_of_another_arm_or_with_other_columns_is_refused(run: Model, joints: Dataset) -> None:
    with pytest.raises(DataError, match=r"made for arm 'nao-left' .* but 'nao-right' has"):
        evaluate(run, joint_dataset("nao-left", rows=300, seed=1))
    with pytest.raises(DataError, match="columns x, y, z, but run 'nao' takes px, py, pz, rx, ry, rz"):
        evaluate(run, joint_dataset("nao-right", rows=300, seed=1, encoding="xyz"))
    names = ("py", "px", "pz", "rx", "ry", "rz")
    renamed = replace(joints, manifest=replace(joints.manifest, feature_names=names))
    assert evaluate(run, renamed).scores == evaluate(run, joints).scores  # the encoding says what they are
    swapped = replace(joints, manifest=replace(joints.manifest, feature_names=names, encoding=None))
    with pytest.raises(DataError, match="columns py, px, pz"):
        evaluate(run, swapped)
    with pytest.raises(DataError, match="encoding arkoma, but run 'nao' takes pose"):
        evaluate(run, replace(joints, manifest=replace(joints.manifest, encoding="arkoma")))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_folded_arm_is_not_taken_for_the_closest(seed: int) -> None:
    """A floor that was too high: folded along the line to its target the arm has no slope, and yet can come closer."""
    arm = kv.planar_arm((1.0, 0.49609375, 0.1015625, 0.703125, 0.1015625))
    assert closest_reachable(arm, np.zeros((1, 2))).miss[0] < 1e-9
