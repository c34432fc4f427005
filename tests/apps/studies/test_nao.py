"""The NAO study: tracks on held-out rows, and choices made on validation rows only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import r2_score

import kinverse as kv
from kinverse.apps.studies.nao import findings as nao_findings
from kinverse.apps.studies.nao import study as nao
from kinverse.apps.studies.nao import tracks as nao_tracks
from kinverse.apps.studies.nao.tracks import DRAWN, ROTATION_WEIGHTS, TRAJECTORY, Track
from kinverse.apps.studies.runner import train_once
from kinverse.apps.studies.study import Effort, Training
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.run import Run


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    torch.set_num_threads(1)
    config = FitConfig(hidden=(48, 48), activation="silu", inputs="pose", scale_features="standard", epochs=40,
                       batch_size=64, learning_rate=5e-3, scale_targets="standard", schedule="one_cycle")  # fmt: skip
    return train_once(Training("small", config, small_rows), tmp_path_factory.mktemp("nao") / "run")


def small_rows() -> kv.Dataset:
    return kv.make_arkoma("nao-right", rows=1500, seed=0)


def test_both_arms_every_track_and_rows_of_their_own() -> None:
    plan = nao.trainings(Effort())
    names = [training.name for training in plan]
    assert len(names) == len(set(names)) == 2 * (5 + 5 + 3)
    assert {name.split(", ")[0] for name in names} == {"nao-right", "nao-left"}
    published = next(t for t in plan if t.name == "nao-right, published, seed 0")
    assert published.config.hidden == (16,) and published.config.initialisers == ("he_normal", "xavier_normal")
    few = nao.rows("nao-right", 3)
    assert {split: len(table) for split, table in few.splits.items()} == {
        "train": 6000, "validation": 2000, "test": 2000,
    }  # fmt: skip
    assert [t.name for t in nao.trainings(Effort(ways=("as published",), seeds=1))] == [
        "nao-right, published, seed 0",
        "nao-left, published, seed 0",
    ]


def test_generated_rows_are_none_of_the_held_out_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nao, "GENERATED_ROWS", 3000)
    more, own = nao.generated_rows.__wrapped__("nao-left", 1), nao.rows("nao-left", 1)
    assert len(more.train) == 3000
    held = np.concatenate([own.validation.targets, own.test.targets])  # type: ignore[union-attr]
    assert not {tuple(q) for q in more.train.targets} & {tuple(q) for q in held}
    np.testing.assert_array_equal(more.validation.features, own.validation.features)


def test_a_track_is_measured_like_scikit_learn_does(trained: Run) -> None:
    data = small_rows()
    track = Track.of_network("nao-right", "a", 0, data, trained)
    assert data.test is not None
    predicted = trained.load_model().predict(data.test.features)
    assert track.r2(TRAJECTORY) == pytest.approx(r2_score(data.test.targets, predicted))
    arm = kv.load_arm("nao-right")
    distance = 1e3 * np.linalg.norm(arm.pose(predicted)[:, :3, 3] - arm.pose(data.test.targets)[:, :3, 3], axis=1)
    np.testing.assert_allclose(track.tip_mm[TRAJECTORY], distance)


def test_the_solver_finishes_a_poor_network_and_its_weight_is_chosen_on_validation_rows(
    trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = small_rows()
    monkeypatch.setattr(
        nao_tracks, "test_rows", lambda arm, seed, data: {DRAWN: data.validation, TRAJECTORY: data.test}
    )
    network = Track.of_network("nao-right", "b", 0, data, trained)
    track = nao_tracks.finish("nao-right", 0, data, trained)
    assert network.r2(DRAWN) < 0.99 and track.r2(DRAWN) > 0.9995
    assert max(track.tip_mm[DRAWN].max(), track.tip_mm[TRAJECTORY].max()) < 0.05
    assert track.validation_r2 == pytest.approx(track.r2(DRAWN))
    best = float(track.note.removeprefix("rotation weight ").removesuffix(" m/rad"))
    assert best in ROTATION_WEIGHTS
    # Another test set does not change the choice.
    changed = replace(data, test=replace(data.test, targets=data.test.targets[::-1].copy()))  # type: ignore[type-var,union-attr]
    assert nao_tracks.finish("nao-right", 0, changed, trained).note == track.note


def of(name: str, r2: float, tip: float = 0.01) -> Track:
    """A track whose R² is about this on both kinds of rows."""
    rng = np.random.default_rng(0)
    actual = rng.normal(size=(4000, 5))
    predicted = actual + np.sqrt(1.0 - r2) * rng.normal(size=actual.shape)
    both = {DRAWN: actual, TRAJECTORY: actual}, {DRAWN: predicted, TRAJECTORY: predicted}
    return Track("nao-right", name, 0, *both, dict.fromkeys(both[0], np.full(4000, tip)), r2)


@pytest.mark.parametrize(
    ("track", "words"),
    [
        (of("a", 0.999), "0.995 is reached by every start"),
        (of("a", 0.985), "0.995 is not reached by every start (worst 0.98"),
        (of("c", 0.9999), "0.9997 is reached by every start"),
        (of("c", 0.9999), "largest tip error 0.010 mm, within 0.05 mm"),
        (of("c", 0.9999, tip=0.2), "largest tip error 0.200 mm, above 0.05 mm"),
    ],
)
def test_verdicts_say_whether_a_track_reaches_what_it_is_meant_to(track: Track, words: str) -> None:
    assert any(words in text for text in nao_findings.verdicts([track]))


def test_a_small_study_from_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nao, "ARMS", ("nao-right",))
    monkeypatch.setattr(nao, "QUICK", {"published": 3, "a": 2, "b": 1})
    monkeypatch.setattr(nao, "GENERATED_ROWS", 1000)
    effort = Effort(seeds=1, quick=True)
    runs = {t.name: train_once(t, tmp_path / t.folder) for t in nao.trainings(effort)}
    said = nao.conclude(effort, runs)
    assert [item.published for item in said.compared] == [0.0185, 0.7178, 0.166, 0.6009, 0.3267, None]
    assert len(said.tables) == 3 and len(said.figures) == 6
    assert [text.split(":")[0] for text in said.verdicts] == ["a", "b", "c", "What is left to 1 is joints 3 and 5, which turn about the same line when the elbow is straight", "Published network"]  # fmt: skip  # noqa: E501
