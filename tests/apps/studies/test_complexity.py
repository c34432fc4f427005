"""The complexity study: its data, its measures, and verdicts that can come out either way."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from kinverse.apps.studies.complexity import report as complexity_report
from kinverse.apps.studies.complexity import study as complexity
from kinverse.apps.studies.complexity.data import FLOOR, error_of_truth, noisy_sine, truth, watched_sine
from kinverse.apps.studies.complexity.findings import (
    BEST,
    FASTER,
    LAST,
    PUBLISHED,
    Trained,
    count_parameters,
    fits_noise,
    harm,
    net_name,
    underfits,
)
from kinverse.apps.studies.runner import train_once
from kinverse.apps.studies.study import Effort, Training
from kinverse.learning.evaluation.metrics import mse
from kinverse.learning.model.mlp import MLP
from kinverse.learning.training.config import FitConfig
from kinverse.network.spec import NetworkSpec


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
    config = FitConfig(hidden=(8,), scale_features="none", scale_targets="none", learning_rate=0.3, epochs=30)
    data = noisy_sine()
    for kept, keep_best in ((BEST, True), (LAST, False)):
        training = Training(f"1-8-1, {kept}, start 0", config.replace(keep_best=keep_best), noisy_sine)
        run = train_once(training, tmp_path / kept)
        found = Trained.of(training.name, run)
        model = run.load_model()
        assert run.card.best_epoch < 30
        assert (found.kept, found.hidden) == (kept, (8,))
        assert found.train == pytest.approx(mse(data.train.targets, model.predict(data.train.features)), rel=1e-5)
        assert found.validation == pytest.approx(
            mse(data.validation.targets, model.predict(data.validation.features)), rel=1e-5
        )
        assert data.test is not None
        off = model.predict(data.test.features)[:, 0] - truth(data.test.features[:, 0])
        assert found.clean == pytest.approx(np.mean(off**2))


def test_a_unit_bends_the_curve_where_its_sum_changes_sign():
    first = torch.nn.Linear(1, 5)
    with torch.no_grad():
        first.weight.copy_(torch.tensor([[1.0], [2.0], [-1.0], [0.0], [1.0]]))
        first.bias.copy_(torch.tensor([-0.5, 1.0, 0.25, 1.0, -2.0]))  # bends at 0.5, −0.5, 0.25, nowhere, 2
    model = SimpleNamespace(network=torch.nn.Sequential(first, torch.nn.ReLU(), torch.nn.Linear(5, 1)))
    run = SimpleNamespace(load_model=lambda: model)
    assert Trained((5,), LAST, run, 0.0, 0.0, 0.0, 0.0).kinks == 2


def made(hidden, kept, train=0.03, validation=0.03, test=0.05, seed=0, kinks=4):
    """A run by its figures."""
    run = SimpleNamespace(config=SimpleNamespace(seed=seed, hidden=hidden))
    return SimpleNamespace(
        hidden=hidden,
        kept=kept,
        run=run,
        train=train,
        validation=validation,
        test=test,
        clean=test - FLOOR,
        kinks=kinks,
    )


def test_under_and_overfitting_are_judged_over_all_starts():
    assert underfits([made((4,), LAST, train=0.05), made((4,), LAST, train=0.3)])
    assert not underfits([made((4,), LAST, train=0.05), made((4,), LAST, train=0.03)])
    assert fits_noise([made((4,), LAST, train=0.001), made((4,), LAST, train=0.018)])
    assert not fits_noise([made((4,), LAST, train=0.001), made((4,), LAST, train=0.02)])


def test_harm_compares_the_same_start():
    last = [
        made((4,), LAST, test=0.06, seed=0),
        made((4,), LAST, test=0.09, seed=1),
        made((4,), LAST, test=9.0, seed=2),
    ]
    best = [made((4,), BEST, test=0.05, seed=0), made((4,), BEST, test=0.06, seed=1)]
    assert harm(last, best) == pytest.approx((1.2 + 1.5) / 2)
    assert harm(last, []) is None


def test_verdicts_follow_the_figures():
    small, middle, large = PUBLISHED
    found = [
        *(made(small, kept, train=0.1, test=0.2) for kept in (LAST, BEST)),
        made(middle, LAST, train=0.01, test=0.048),
        made(middle, BEST, train=0.01, test=0.048),
        made(large, LAST, train=0.001, test=0.06),
        made(large, BEST, train=0.01, test=0.047),
    ]
    assert complexity_report._on_each(found) == [
        "1-4-1 underfits: its training loss (0.1000) stays above the noise (0.04).",
        "1-16-16-1 fits the noise: its training loss (0.0100) is below the 0.0188 of the true curve, but training on "
        "to the end does not harm: test error × 1.00 from the early-stopping epoch.",
        "1-128-128-128-1 fits the noise: its training loss (0.0010) is below the 0.0188 of the true curve, and "
        "training past the early-stopping epoch harms: test error × 1.28.",
    ]
    end, stopped = complexity_report._on_best(found)
    assert "after all epochs, 1-16-16-1 is best, ahead of 1-128-128-128-1 in every start (too few to decide)" in end
    assert "early-stopping epoch, 1-128-128-128-1 is best, ahead of 1-16-16-1" in stopped
    (neither,) = complexity_report._on_each([made(small, LAST, train=0.03)])
    assert neither.startswith("1-4-1 neither underfits nor fits the noise")


def test_a_win_in_some_starts_only_is_said():
    _, middle, large = PUBLISHED
    tests = {middle: (0.048, 0.049, 0.07), large: (0.05, 0.05, 0.05)}
    found = [made(hidden, LAST, test=t, seed=s) for hidden, values in tests.items() for s, t in enumerate(values)]
    (said,) = complexity_report._on_best(found)
    assert "1-16-16-1 is best, ahead of 1-128-128-128-1 but only in 2 of 3 starts [" in said


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        (
            (0.1, 0.09),
            "does not help 1-4-1 in any start (training loss 0.0900 … 0.1000): of its 4 units only 1 … 1 bend",
        ),
        ((0.1, 0.03), "helps 1-4-1 in 1 of 2 starts"),
        ((0.02, 0.03), "underfits for want of steps"),
    ],
)
def test_why_the_smallest_underfits_is_found_by_training_faster(losses, said):
    found = [made((4,), FASTER, train=loss, kinks=1) for loss in losses]
    assert said in complexity_report._on_smallest(found)[0]
    assert complexity_report._on_smallest([made((4,), LAST)]) == []


def test_the_five_points_are_compared_with_the_many():
    small, middle, large = PUBLISHED
    same = [made(h, LAST, validation=v, test=v) for h, v in ((small, 0.3), (middle, 0.1), (large, 0.2))]
    said = complexity_report._on_five_points(same)
    assert "the true curve itself scores 0.0040 there, 10 times less" in said
    assert "they rank the networks as the test points do" in said
    other = [*same[:2], made(large, LAST, validation=0.05, test=0.2)]
    assert "they rank them otherwise (1-128-128-128-1, 1-16-16-1, 1-4-1)" in complexity_report._on_five_points(other)


@pytest.mark.parametrize("ways", [("as published", "corrected"), ("as published",), ("corrected",)])
def test_the_study_runs_from_trainings_to_figures(tmp_path, monkeypatch, ways):
    monkeypatch.setattr(complexity, "CONFIG", complexity.CONFIG.replace(epochs=3))
    monkeypatch.setattr(complexity, "OTHERS", ((2,),))
    effort = Effort(ways=ways, seeds=1)
    trainings = complexity.trainings(effort)
    assert len({training.folder for training in trainings}) == len(trainings)
    runs = {training.name: train_once(training, tmp_path / training.folder) for training in trainings}
    found = complexity.conclude(effort, runs)
    assert bool(found.compared) == ("as published" in ways)
    assert {row[0] for row in found.tables[0].rows} == {net_name(hidden) for hidden in (*PUBLISHED, (2,))}
    assert len(found.figures) == 5
    assert all(found.verdicts)
    assert {item.explained for item in found.compared} <= {"", "too few starts (1): the whole study takes 10"}


def test_quick_is_a_part_of_the_whole():
    whole, quick = ({training.folder for training in complexity.trainings(Effort(quick=q))} for q in (False, True))
    assert quick < whole
