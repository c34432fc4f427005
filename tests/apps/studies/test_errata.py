"""Every claim is refuted by its experiment, and every experiment can come out the other way."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from kinverse.apps.studies.errata import study as errata
from kinverse.apps.studies.errata import trained as errata_trained
from kinverse.apps.studies.errata.claim import Claim
from kinverse.apps.studies.errata.initial_weights import default_is_he, root_is_variance, uniform_is_symmetric
from kinverse.apps.studies.errata.losses import (
    divergence_takes_probabilities,
    embedding_is_svm_hinge,
    lowest_loss,
    softmax_belongs_before_cross_entropy,
)
from kinverse.apps.studies.errata.measured import lower_half_is_out_of_reach, minmax_is_exact, r2_is_a_share
from kinverse.apps.studies.runner import train_once
from kinverse.apps.studies.study import Effort, Training
from kinverse.learning.evaluation.metrics import r2_mean


def he_layer(fan_in: int, fan_out: int) -> nn.Linear:
    layer = nn.Linear(fan_in, fan_out)
    nn.init.kaiming_normal_(layer.weight)
    return layer


def exact_minmax(values: np.ndarray) -> np.ndarray:
    low, high = values.min(axis=0), values.max(axis=0)
    return (values - low) / (high - low)


def svm_hinge(score: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    return (1.0 - label * score).clamp(min=0.0).mean()


def clipped_r2(actual: np.ndarray, predicted: np.ndarray) -> float:
    return max(r2_mean(actual, predicted), 0.0)


@pytest.mark.parametrize(
    ("refuted", "confirmed"),
    [
        (default_is_he, lambda: default_is_he(he_layer)),
        (uniform_is_symmetric, lambda: uniform_is_symmetric(lambda w: nn.init.uniform_(w, -1.0, 1.0))),
        (root_is_variance, lambda: root_is_variance(lambda w: nn.init.normal_(w, std=0.02**0.25))),
        (embedding_is_svm_hinge, lambda: embedding_is_svm_hinge(svm_hinge)),
        (divergence_takes_probabilities, lambda: divergence_takes_probabilities(torch.log)),
        (
            softmax_belongs_before_cross_entropy,
            lambda: softmax_belongs_before_cross_entropy(lambda logits: logits),
        ),
        (lower_half_is_out_of_reach, lambda: lower_half_is_out_of_reach(0.3)),
        (minmax_is_exact, lambda: minmax_is_exact(exact_minmax)),
    ],
    ids=["1", "2", "3", "5", "6", "7", "10", "13"],
)
def test_a_claim_falls_by_its_experiment_and_stands_where_it_is_true(refuted, confirmed):
    wrong, right = refuted(), confirmed()
    assert not wrong.holds, wrong
    assert right.holds, right
    assert wrong.claim == right.claim
    assert wrong.instead != right.instead


def test_defaults_are_recognised_as_uniform():
    assert default_is_he().instead == "the weights are U(±1/√fan_in), 2.45 times narrower."
    assert root_is_variance().instead == "√(2/fan_in) is the standard deviation."
    assert uniform_is_symmetric().instead.startswith("it draws from 0 … 1")


def test_draws_leave_the_callers_generator_alone():
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    default_is_he()
    assert torch.rand(1) == expected


def test_the_lowest_loss_behind_a_second_softmax():
    assert lowest_loss() == pytest.approx(np.log(1.0 + 2.0 / np.e), abs=1e-6)
    assert lowest_loss(lambda logits: logits) == pytest.approx(0.0, abs=1e-6)
    assert functional.cross_entropy(torch.tensor([[1.0, 0.0, 0.0]]), torch.tensor([0])).item() == pytest.approx(
        lowest_loss()
    )


def test_r2_is_no_share_and_one_mean_flatters():
    found = r2_is_a_share(seeds=2)
    assert not found.holds
    assert "R² = −3.00" in found.measured
    assert "praises who knows nothing" in found.instead
    assert "praises" not in r2_is_a_share(r2_mean, seeds=1).instead


def test_within_a_half_turn_nothing_is_out_of_reach():
    found = lower_half_is_out_of_reach(np.pi)
    assert not found.holds
    assert "every target of the square can be reached" in found.instead
    published = lower_half_is_out_of_reach()
    assert "100% with r < 1" in published.measured


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """The trainings of a look, shortened."""
    monkeypatch.setattr(errata_trained, "CONSTANT_EPOCHS", 120)
    monkeypatch.setattr(errata_trained, "SINE", errata_trained.SINE.replace(epochs=60))
    trainings = errata.trainings(Effort(seeds=1, quick=True))
    assert len({training.folder for training in trainings}) == len(trainings)
    return {training.name: train_once(training, tmp_path / training.folder) for training in trainings}


def test_the_study_runs_from_trainings_to_thirteen_verdicts(runs):
    found = errata.conclude(Effort(seeds=1, quick=True), runs)
    assert [row[0] for row in found.tables[0].rows] == list(range(1, 14))
    assert len(found.verdicts) == 14
    assert "claims are wrong" in found.verdicts[0]
    assert {item.place for item in found.compared} == {"inside"}
    by_number = {row[0]: row for row in found.tables[0].rows}
    assert by_number[11][-1] == by_number[12][-1] == "wrong"


def test_units_that_start_alike_stay_alike_and_others_do_not(runs):
    zeros, drawn = runs[errata_trained.ZEROS], runs[errata_trained.DRAWN]
    assert zeros.history[-1].train_loss < zeros.history[0].train_loss  # it learns, and still they stay equal
    assert not errata_trained.zeros_will_do(zeros, drawn).holds
    assert errata_trained.zeros_will_do(drawn, drawn).holds


def fake_run(train: list[float], validation: list[float]) -> SimpleNamespace:
    rows = [SimpleNamespace(train_loss=t, validation_loss=v) for t, v in zip(train, validation, strict=True)]
    return SimpleNamespace(history=rows)


def test_the_gap_is_false_only_where_the_step_makes_it():
    assert not errata_trained.gap_is_real([fake_run([4.84, 3.0], [4.80, 4.42])]).holds
    assert errata_trained.gap_is_real([fake_run([4.84, 3.0], [4.44, 4.42])]).holds


def test_the_rule_for_widths_holds_where_its_widths_are_best():
    def group(*errors: float) -> list[SimpleNamespace]:
        return [fake_run([0.0], [error]) for error in errors]

    against = {1: {2: group(0.3), 16: group(0.1)}, 2: {4: group(0.1), 16: group(0.2)}}
    found = errata_trained.layers_fix_the_width(against)
    assert not found.holds
    assert "best width for 1 of 2 depths" in found.instead
    assert errata_trained.layers_fix_the_width({2: against[2]}).holds


def test_a_loss_that_swings_is_called_oscillating(tmp_path, monkeypatch):
    monkeypatch.setattr(errata_trained, "TAIL", 30)
    fast = errata_trained.PLANAR[5].config

    def trained(name: str, **changes: object):
        training = Training(name, fast.replace(epochs=150, **changes), errata_trained.small_grid)
        return train_once(training, tmp_path / name)

    still = trained("still", seed=0)
    assert errata_trained._dead_units(still, errata_trained.small_grid().train.features) == 1.0
    found = errata_trained.model_5_oscillates([still])
    assert not found.holds
    assert "in 1 of 1 starts the answer is the same for every target" in found.instead
    swinging = replace(still, history=tuple(replace(row, train_loss=2.0 + row.epoch % 2) for row in still.history))
    assert errata_trained.model_5_oscillates([swinging, swinging, still]).holds
    assert not errata_trained.model_5_oscillates([swinging, still, still]).holds
    learning = trained("learning", learning_rate=1e-6)
    assert "though the answers still differ" in errata_trained.model_5_oscillates([learning]).instead


def test_the_summary_counts():
    def claim(number: int, holds: bool) -> Claim:
        return Claim(number, "It is so.", "tried", "1", holds, "it is not.")

    assert errata.summary([claim(1, False), claim(2, False)]) == "All 2 claims are wrong, each by its own experiment."
    some = errata.summary([claim(1, False), claim(2, True), claim(3, True)])
    assert some == "1 of 3 claims are wrong; what holds by these experiments: 2, 3."
    assert claim(4, False).sentence == "4. “It is so.” Wrong: it is not."
    assert (claim(4, True).verdict, claim(4, False).verdict) == ("holds", "wrong")
