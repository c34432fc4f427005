"""The phase study: its splits, its measures, and verdicts that can come out either way."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from kinverse.apps.studies.phase import findings as phase_findings
from kinverse.apps.studies.phase import report as phase_report
from kinverse.apps.studies.phase import study as phase
from kinverse.apps.studies.phase.data import POINTS, fold_split, left_out, points, published_split, stopping_split
from kinverse.apps.studies.phase.findings import (
    DOUBLE_SOFTMAX_FLOOR,
    LeftOut,
    chance_of_difference,
    printed_losses,
)
from kinverse.apps.studies.runner import train_once
from kinverse.apps.studies.study import Compared, Effort, Training
from kinverse.errors import ConfigError
from kinverse.learning.training.problem import build_problem


def test_the_points_are_the_printed_ones():
    assert POINTS.read_text().splitlines()[1] == "7.4881350392732475,0.11120957227224215,0"
    assert np.bincount(points().targets[:, 0].astype(int)).tolist() == [11, 12, 13]
    assert points().features.max(axis=0) == pytest.approx([46.326198, 0.947646])


def test_the_published_split_is_a_mask_of_the_first_28_of_a_permutation():
    rows = np.loadtxt(POINTS, delimiter=",", skiprows=1)
    mask = np.zeros(36, dtype=bool)
    mask[np.random.RandomState(100).permutation(36)[:28]] = True
    split = published_split()
    np.testing.assert_array_equal(split.train.features, rows[mask, :2])
    np.testing.assert_array_equal(split.validation.features, rows[~mask, :2])
    np.testing.assert_array_equal(split.validation.targets[:, 0], rows[~mask, 2])


@pytest.mark.parametrize("folds", [2, 4, 36])
def test_every_point_is_left_out_once_and_never_trained_on_then(folds):
    rows = np.concatenate([left_out(fold, folds) for fold in range(folds)])
    np.testing.assert_array_equal(np.sort(rows), np.arange(36))
    for fold in range(folds):
        split = fold_split(fold, folds)
        assert len(split.train) + len(split.validation) == 36
        trained = {tuple(row) for row in split.train.features}
        assert not trained & {tuple(row) for row in points().features[left_out(fold, folds)]}


def test_rows_to_stop_on_are_neither_trained_on_nor_left_out():
    for fold in (0, 7, 35):
        split = stopping_split(fold, 36)
        tables = [split.train, split.validation, split.test]
        assert [len(table) for table in tables] == [28, 7, 1]
        assert len({tuple(row) for table in tables for row in table.features}) == 36
        np.testing.assert_array_equal(split.test.features, points().features[left_out(fold, 36)])


@pytest.mark.parametrize(("fold", "folds"), [(0, 1), (0, 37), (4, 4), (-1, 4)])
def test_folds_that_do_not_exist_are_refused(fold, folds):
    with pytest.raises(ConfigError, match=f"got fold {fold} of {folds}"):
        left_out(fold, folds)


def test_the_floor_is_the_loss_of_sure_answers_behind_a_second_softmax():
    logits = torch.tensor([[200.0, 0.0, 0.0]], dtype=torch.float64)
    loss = torch.nn.functional.cross_entropy(logits.softmax(-1), torch.tensor([0]))
    assert pytest.approx(loss.item(), abs=1e-12) == DOUBLE_SOFTMAX_FLOOR
    assert round(DOUBLE_SOFTMAX_FLOOR, 4) == 0.5514


def test_printed_losses_are_those_that_the_published_loop_logs(tmp_path, monkeypatch):
    config = phase.AS_PUBLISHED.replace(epochs=6, seed=3)
    run = train_once(Training("six epochs", config, published_split), tmp_path / "run")
    monkeypatch.setattr(phase_findings, "PUBLISHED", {0: (0.0, 0.0), 4: (0.0, 0.0)})

    # The same, as the published script goes: plain torch, from the same weights.
    net = torch.nn.Sequential(*build_problem(published_split(), None, config).model.network)
    adam = torch.optim.Adam(net.parameters(), lr=0.001)
    split = published_split()
    x, y = (torch.tensor(a, dtype=torch.float32) for a in (split.train.features, split.validation.features))
    x_class, y_class = (torch.tensor(t.targets[:, 0]).long() for t in (split.train, split.validation))
    measure = torch.nn.CrossEntropyLoss()
    logged = []
    for _ in range(6):
        loss = measure(net(x), x_class)
        adam.zero_grad()
        loss.backward()
        adam.step()
        logged.append((loss.item(), measure(net(y), y_class).item()))
    assert isinstance(list(net)[-1], torch.nn.Softmax)
    ours = printed_losses(run)
    assert ours[0] == pytest.approx(logged[0], rel=1e-5)
    assert ours[4] == pytest.approx(logged[4], rel=1e-5)
    assert phase_findings.best_printed_epoch(run) == int(np.argmin([v for _, v in logged]))


def unseen(wrong: list[int]) -> LeftOut:
    actual = points().targets[:, 0].astype(int)
    predicted = actual.copy()
    predicted[wrong] = (actual[wrong] + 1) % 3
    return LeftOut(predicted, actual)


def test_only_points_that_one_has_right_count_for_the_difference():
    a, b = unseen([0, 1, 2, 3, 4, 35]), unseen([0, 5])  # b alone right: 1, 2, 3, 4, 35; a alone right: 5
    assert chance_of_difference(a, b) == pytest.approx(2 * (1 + 6) / 2**6)
    assert chance_of_difference(a, a) == 1.0
    assert a.confusion.sum() == 36
    assert int(np.trace(a.confusion)) == 30


def test_the_difference_is_real_only_where_chance_seldom_makes_it():
    flaws = {"as published": unseen(list(range(12))), "logits only": unseen([0]), "standardised only": unseen([0, 1])}
    said = phase_report._on_flaws({**flaws, "corrected": unseen([])}, "one point")
    assert "changes 12 points for the better" in said[0] and "the difference is real" in said[0]
    assert said[1].endswith("Of the two flaws mended alone, logits only brings more (+11 points).")
    said = phase_report._on_flaws({**flaws, "corrected": unseen(list(range(14)))}, "one point")
    assert "changes 2 points for the worse" in said[0]
    assert "36 points do not show a difference" in said[0]
    same = dict.fromkeys(("as published", "logits only", "standardised only", "corrected"), unseen([1]))
    assert phase_report._on_flaws(same, "one point")[1].endswith("Neither flaw mended alone brings a point.")


def fake_run(losses: Callable[[int], tuple[float, float]], seed: int = 0, twice: bool = True) -> SimpleNamespace:
    """What a report reads of a run: history and settings."""
    history = [SimpleNamespace(epoch=e, train_loss=losses(e)[0], validation_loss=losses(e)[1]) for e in range(1002)]
    return SimpleNamespace(history=history, config=SimpleNamespace(seed=seed, double_softmax=twice))


def printed(off: float) -> Callable[[int], tuple[float, float]]:
    """A history that gives the printed losses, all off by so much."""
    train = {e: t for e, (t, _) in phase_findings.PUBLISHED.items()}
    validation = {e + 1: v for e, (_, v) in phase_findings.PUBLISHED.items()}
    return lambda e: (train.get(e, 0.9) + off, validation.get(e, 0.9) + off)


def test_losses_are_called_close_only_within_a_twentieth():
    near = phase_report._on_losses([fake_run(printed(0.01), 4), fake_run(printed(-0.2), 5)])
    assert "Within 0.05 of all: 1 of 2 starts; the nearest (seed 4) is within 0.010." in near
    far = phase_report._on_losses([fake_run(printed(0.06)), fake_run(printed(-0.2))])
    assert "No start is within 0.05 of all; the nearest (seed 0) is within 0.060." in far


@pytest.mark.parametrize(
    ("wrong", "said"), [(12, ", and accuracy:"), (1, ", but no accuracy that 36 points would show:")]
)
def test_what_the_flaws_cost_is_measured(wrong, said):
    starts = {"as published": [fake_run(lambda e: (0.6, 0.8))], "corrected": [fake_run(lambda e: (0.1, 0.8))]}
    left = {"as published": unseen(list(range(wrong))), "corrected": unseen([])}
    (sentence,) = phase_report._answer(starts, left, "one point")
    assert said in sentence
    assert sentence.endswith(f"{36 - wrong} points are right as published, 36 corrected.")
    assert phase_report._answer({"corrected": starts["corrected"]}, left, "one point") == []


def test_what_is_outside_has_a_reason():
    few, many = (phase_report._explained(Compared("epoch 0", "loss", 1.0, (0.9,) * n)) for n in (2, 20))
    assert few.explained == "too few starts (2): the whole study takes 20"
    assert many.explained == "not explained: none of 20 starts gives it"
    assert phase_report._explained(Compared("epoch 0", "loss", 1.0, (0.9, 1.1))).explained == ""


def test_the_floor_and_overfitting_are_measured_not_assumed():
    published = fake_run(lambda e: (0.6, 0.8))
    steady = fake_run(lambda e: (0.1, 0.5), twice=False)
    said = phase_report._on_floor({"as published": [published], "corrected": [steady]})
    assert said[0].endswith("the lowest of 1 trainings ends at 0.6000.")
    assert "under that floor" in said[1] and said[1].endswith("it does not overfit.")
    rising = fake_run(lambda e: (0.6, 0.5 + e / 1000), twice=False)
    said = phase_report._on_floor({"as published": [fake_run(lambda e: (0.5, 0.8))], "corrected": [rising]})
    assert said[0].endswith("the floor is wrong.")
    assert "not always under that floor" in said[1] and "should stop earlier" in said[1]


@pytest.fixture
def tiny(monkeypatch):
    """The whole study with a handful of epochs and two folds."""
    variants = {name: config.replace(epochs=3) for name, config in phase.VARIANTS.items()}
    monkeypatch.setattr(phase, "VARIANTS", variants)
    monkeypatch.setattr(phase, "QUICK_FOLDS", 2)
    for module in (phase_findings, phase_report):
        monkeypatch.setattr(module, "PUBLISHED", {0: (1.0793, 1.1506), 2: (0.7729, 0.8476)})


@pytest.mark.parametrize("ways", [("as published", "corrected"), ("corrected",)])
def test_the_study_runs_from_trainings_to_figures(tmp_path, tiny, ways):
    effort = Effort(ways=ways, seeds=1, quick=True)
    trainings = phase.trainings(effort)
    assert len({training.folder for training in trainings}) == len(trainings) == (14 if len(ways) == 2 else 11)
    runs = {training.name: train_once(training, tmp_path / training.folder) for training in trainings}
    found = phase.conclude(effort, runs)
    assert bool(found.compared) == ("as published" in ways)
    assert len(found.tables[0].rows) == (5 if len(ways) == 2 else 4)
    assert len(found.figures) == 3
    assert all(found.verdicts)
