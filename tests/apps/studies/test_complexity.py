"""The complexity study: its data, its measures, and sentences that can come out either way."""

from __future__ import annotations

import numpy as np
import pytest

from kinverse.apps.studies.complexity import runs
from kinverse.apps.studies.complexity.findings import Findings, Trained, count_kinks, find, harm
from kinverse.apps.studies.complexity.report import TEXTS, report
from kinverse.apps.studies.complexity.runs import (
    FLOOR,
    PUBLISHED,
    SMALLEST,
    Key,
    count_parameters,
    error_of_truth,
    noisy_sine,
    trainings,
    truth,
    watched_sine,
)
from kinverse.apps.studies.run import train_once
from kinverse.apps.studies.study import Effort, Training
from kinverse.learning.evaluation.metrics import mse
from kinverse.learning.model.mlp import MLP
from kinverse.learning.training.config import FitConfig
from kinverse.network.spec import NetworkSpec


def sentences(found: Findings) -> list[str]:
    return TEXTS.items("findings", found)


def test_the_draws_are_the_published_ones():
    data = noisy_sine()
    assert (len(data.train), len(data.validation)) == (20, 5)
    assert round(error_of_truth(data.train), 4) == 0.0188
    assert round(error_of_truth(data.validation), 4) == 0.0040


def test_the_clean_test_set_has_the_noise_of_the_data_and_no_point_of_it():
    data = noisy_sine()
    assert data.test is not None and len(data.test) == 10_000
    # The mean of 10,000 squared draws of variance σ² has a standard deviation of σ² √(2 / 10,000).
    assert error_of_truth(data.test) == pytest.approx(FLOOR, abs=3.0 * FLOOR * (2.0 / 10_000) ** 0.5)
    assert not np.isin(data.test.features, np.concatenate([data.train.features, data.validation.features])).any()


def test_a_watched_training_sees_the_same_points_and_the_true_curve():
    assert watched_sine().train is noisy_sine().train
    assert error_of_truth(watched_sine().validation) == 0.0


@pytest.mark.parametrize("hidden", [(4,), (16, 16), (128, 128, 128)])
def test_parameters_are_those_that_torch_counts(hidden):
    assert count_parameters(hidden) == sum(p.numel() for p in MLP(NetworkSpec((1, *hidden, 1))).parameters())


def test_a_run_is_measured_with_the_weights_that_it_kept(tmp_path):
    # So fast that it goes up and down, and the best epoch is not the last.
    config = FitConfig.of(hidden=(8,), scale_features="none", scale_targets="none", learning_rate=0.3, epochs=30)
    rows = noisy_sine()
    for weights, keep_best in (("best epoch", True), ("last weights", False)):
        key = Key((8,), weights, 0)
        run = train_once(Training(key, config.replace(keep_best=keep_best), noisy_sine), tmp_path / weights)
        found, model = Trained.of(key, run), run.network
        assert run.best_epoch < 30
        assert found.epoch == (run.best_epoch if keep_best else 30)
        assert found.train == pytest.approx(mse(rows.train.targets, model.predict(rows.train.features)), rel=1e-5)
        assert found.validation == pytest.approx(
            mse(rows.validation.targets, model.predict(rows.validation.features)), rel=1e-5
        )
        assert rows.test is not None
        off = model.predict(rows.test.features)[:, 0] - truth(rows.test.features[:, 0])
        assert found.clean == pytest.approx(np.mean(off**2))


def test_a_unit_bends_the_curve_where_its_sum_changes_sign():
    weight, bias = np.array([1.0, 2.0, -1.0, 0.0, 1.0]), np.array([-0.5, 1.0, 0.25, 1.0, -2.0])
    assert count_kinks(weight, bias) == 2  # they bend at 0.5, −0.5, 0.25, nowhere, 2


def trained(hidden, weights, train=0.03, validation=0.03, test=0.05, seed=0, kinks=4):
    """A run by its figures."""
    return Trained(Key(hidden, weights, seed), train, validation, test, test - FLOOR, kinks=kinks)


@pytest.mark.parametrize(
    ("losses", "fit"),
    [
        ((0.05, 0.3), "underfits"),
        ((0.05, 0.03), "neither"),
        ((0.001, 0.018), "fits the noise"),
        ((0.001, 0.02), "neither"),
    ],
)
def test_under_and_overfitting_are_assessed_over_all_starts(losses, fit):
    (assessment,) = Findings([trained(SMALLEST, "last weights", train=loss) for loss in losses]).assessments
    assert assessment.fit == fit


def test_harm_compares_the_same_start():
    last = [trained((4,), "last weights", test=test, seed=seed) for seed, test in enumerate((0.06, 0.09, 9.0))]
    best = [trained((4,), "best epoch", test=test, seed=seed) for seed, test in enumerate((0.05, 0.06))]
    found = harm(last, best)
    assert found is not None and found.pairs == 2
    assert found.ratio == pytest.approx((1.2 * 1.5) ** 0.5)
    assert harm(last, []) is None


def test_sentences_follow_the_figures():
    small, middle, large = PUBLISHED
    found = [
        run
        for seed, factor in enumerate((1.0, 1.01, 0.99))
        for run in (
            *(trained(small, weights, train=0.1, test=0.2, seed=seed) for weights in ("last weights", "best epoch")),
            trained(middle, "last weights", train=0.01, test=0.048, seed=seed),
            trained(middle, "best epoch", train=0.01, test=0.048 * factor, seed=seed),
            trained(large, "last weights", train=0.001, test=0.06 * factor, seed=seed),
            trained(large, "best epoch", train=0.01, test=0.047, seed=seed),
        )
    ]
    end, stopped, *fits = sentences(Findings(found))
    assert "after all epochs, 1-16-16-1 is best: the error of the next, 1-128-128-128-1, is 1.25 (1.22 …" in end
    assert "early-stopping epoch there is no clear difference between 1-128-128-128-1 and 1-16-16-1" in stopped
    assert fits[:3] == [
        "1-4-1 underfits: its training loss (0.1000) stays above the noise (0.04).",
        "1-16-16-1 fits the noise: its training loss (0.0100) is below the 0.0188 of the true curve; training past the "
        "early-stopping epoch makes no clear difference: test error × 1 (0.975 … 1.03).",
        "1-128-128-128-1 fits the noise: its training loss (0.0010) is below the 0.0188 of the true curve; training "
        "past the early-stopping epoch harms: test error × 1.28 (1.25 … 1.31).",
    ]
    neither = sentences(Findings([trained(small, "last weights", train=0.03)]))[0]
    assert neither.startswith("1-4-1 neither underfits nor fits the noise")


def test_a_win_in_some_starts_only_is_reported():
    _, middle, large = PUBLISHED
    errors = {middle: (0.048, 0.049, 0.07), large: (0.05, 0.05, 0.05)}
    found = [trained(h, "last weights", test=t, seed=s) for h, values in errors.items() for s, t in enumerate(values)]
    ranking = sentences(Findings(found))[0]
    assert "there is no clear difference between 1-16-16-1 and 1-128-128-128-1 (error ratio 0.912 (0.539 …" in ranking
    assert ", 2 of 3 starts) [" in ranking


def test_one_start_shows_no_difference() -> None:
    _, middle, large = PUBLISHED
    found = [trained(middle, "last weights", test=0.04), trained(large, "last weights", test=0.9)]
    assert "no clear difference between 1-16-16-1 and 1-128-128-128-1" in sentences(Findings(found))[0]


@pytest.mark.parametrize(
    ("losses", "words"),
    [
        (
            (0.1, 0.09),
            "does not help 1-4-1 in any start (training loss 0.0900 … 0.1000): of its 4 units only 1 … 1 bend",
        ),
        ((0.1, 0.03), "helps 1-4-1 in 1 of 2 starts"),
        ((0.02, 0.03), "underfits because it is trained too slowly"),
    ],
)
def test_training_faster_shows_why_the_smallest_underfits(losses, words):
    last = trained(SMALLEST, "last weights")
    faster = [trained(SMALLEST, "ten times the rate", train=loss, kinks=1) for loss in losses]
    assert words in sentences(Findings([last, *faster]))[1]
    assert not any("rate" in sentence for sentence in sentences(Findings([last])))


def test_the_five_points_are_compared_with_the_many():
    small, middle, large = PUBLISHED
    same = [trained(h, "last weights", validation=v, test=v) for h, v in ((small, 0.3), (middle, 0.1), (large, 0.2))]
    text = sentences(Findings(same))[-1]
    assert "the true curve itself scores 0.0040 there, 10 times less" in text
    assert "they rank the networks as the test points do" in text
    other = [*same[:2], trained(large, "last weights", validation=0.05, test=0.2)]
    text = sentences(Findings(other))[-1]
    assert "they rank them in another order (1-128-128-128-1, 1-16-16-1, 1-4-1)" in text


@pytest.mark.parametrize("variants", [("as published", "corrected"), ("as published",), ("corrected",)])
def test_the_study_runs_from_trainings_to_figures(tmp_path, monkeypatch, variants):
    monkeypatch.setattr(runs, "CONFIG", runs.CONFIG.replace(epochs=3))
    monkeypatch.setattr(runs, "OTHERS", ((2,),))
    effort = Effort(variants=variants, seeds=1)
    plan = trainings(effort)
    assert len({training.folder for training in plan}) == len(plan)
    conclusion = report(find(effort, {t.key: train_once(t, tmp_path / t.folder) for t in plan}))
    assert bool(conclusion.compared) == ("as published" in variants)
    assert {row[0] for row in conclusion.tables[0].rows} == {"1-4-1", "1-16-16-1", "1-128-128-128-1", "1-2-1"}
    assert len(conclusion.figures) == 5
    assert all(conclusion.sentences)
    assert {item.explained for item in conclusion.compared} <= {"", "too few starts (1): the whole study takes 10"}


def test_a_quick_run_compares_nothing_printed(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "CONFIG", runs.CONFIG.replace(epochs=3))
    effort = Effort(quick=True)
    conclusion = report(find(effort, {t.key: train_once(t, tmp_path / t.folder) for t in trainings(effort)}))
    printed = [item.published for item in conclusion.compared if item.published is not None]
    assert printed == [0.1145, 0.0743, 0.0058, 0.0251, 0.0014, 0.0380]
    assert {(item.place, item.difference) for item in conclusion.compared} == {("", "")}


def test_quick_is_a_part_of_the_whole():
    whole, quick = ({training.folder for training in trainings(Effort(quick=q))} for q in (False, True))
    assert quick < whole
