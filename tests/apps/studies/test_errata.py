"""Every claim is refuted by its experiment, and every experiment can come out the other way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from kinverse.apps.studies.errata import findings, runs
from kinverse.apps.studies.errata.findings import (
    Experiment,
    Model5Start,
    default_initialisation,
    divergence,
    double_softmax,
    embedding_hinge,
    find,
    first_gap,
    he_variance,
    lower_half,
    lowest_loss,
    min_max,
    of_trainings,
    oscillation,
    r2_range,
    uniform_range,
    width_rule,
    zero_weights,
)
from kinverse.apps.studies.errata.report import Claim, report
from kinverse.apps.studies.errata.runs import ShortKey, small_grid, trainings
from kinverse.apps.studies.run import train_once
from kinverse.apps.studies.study import Effort, Training
from kinverse.learning.evaluation.metrics import r2_mean
from tests.support.studies import history_of


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
        (default_initialisation, lambda: default_initialisation(he_layer)),
        (uniform_range, lambda: uniform_range(lambda w: nn.init.uniform_(w, -1.0, 1.0))),
        (he_variance, lambda: he_variance(lambda w: nn.init.normal_(w, std=0.02**0.25))),
        (embedding_hinge, lambda: embedding_hinge(svm_hinge)),
        (divergence, lambda: divergence(torch.log)),
        (
            double_softmax,
            lambda: double_softmax(lambda logits: logits),
        ),
        (lower_half, lambda: lower_half(0.3)),
        (min_max, lambda: min_max(exact_minmax)),
    ],
    ids=["1", "2", "3", "5", "6", "7", "10", "13"],
)
def test_a_claim_is_refuted_by_its_experiment_and_holds_where_it_is_true(refuted, confirmed):
    wrong, right = Claim.of(refuted()), Claim.of(confirmed())
    assert not wrong.holds, wrong
    assert right.holds, right
    assert wrong.claim == right.claim
    assert wrong.instead != right.instead


def test_defaults_are_recognised_as_uniform():
    assert instead(default_initialisation()) == "the weights are U(±1/√fan_in), 2.45 times narrower."
    assert instead(he_variance()) == "√(2/fan_in) is the standard deviation."
    assert instead(uniform_range()).startswith("it draws from 0 … 1")


def instead(found: Experiment) -> str:
    """What is true in place of a claim, in words."""
    return Claim.of(found).instead


def test_draws_leave_the_callers_generator_alone():
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    default_initialisation()
    assert torch.rand(1) == expected


def test_the_lowest_loss_after_a_second_softmax():
    assert lowest_loss() == pytest.approx(np.log(1.0 + 2.0 / np.e), abs=1e-6)
    assert lowest_loss(lambda logits: logits) == pytest.approx(0.0, abs=1e-6)
    assert functional.cross_entropy(torch.tensor([[1.0, 0.0, 0.0]]), torch.tensor([0])).item() == pytest.approx(
        lowest_loss()
    )


def test_r2_can_be_negative_and_one_mean_flatters():
    found = r2_range(data_sets=2)
    assert not found.holds
    assert "R² = −3.00" in Claim.of(found).measured
    assert "flatters a predictor that has learned nothing" in instead(found)
    assert "flatters" not in instead(r2_range(r2_mean, data_sets=1))


def test_within_a_half_turn_nothing_is_out_of_reach():
    found = lower_half(np.pi)
    assert not found.holds
    assert "every target of the square can be reached" in instead(found)
    assert "100% with r < 1" in Claim.of(lower_half()).measured


@pytest.fixture
def short_runs(tmp_path, monkeypatch):
    """The trainings of a quick run, shortened."""
    monkeypatch.setattr(runs, "CONSTANT_EPOCHS", 120)
    monkeypatch.setattr(runs, "SINE", runs.SINE.replace(epochs=60))
    plan = trainings(Effort(seeds=1, quick=True))
    assert len({training.folder for training in plan}) == len(plan)
    return {training.key: train_once(training, tmp_path / training.folder) for training in plan}


def test_the_study_runs_from_trainings_to_thirteen_verdicts(short_runs):
    conclusion = report(find(Effort(seeds=1, quick=True), short_runs))
    assert [row[0] for row in conclusion.tables[0].rows] == list(range(1, 14))
    assert len(conclusion.sentences) == 14
    assert "claims are wrong" in conclusion.sentences[0]
    assert {item.place for item in conclusion.compared} == {"inside"}
    by_number = {row[0]: row for row in conclusion.tables[0].rows}
    assert by_number[11][-1] == by_number[12][-1] == "wrong"


def test_units_that_start_alike_stay_alike_and_others_do_not(short_runs):
    zeros, drawn = short_runs[ShortKey("zeros")], short_runs[ShortKey("drawn")]
    found = zero_weights(zeros, drawn)
    assert found.numbers["last"] < found.numbers["first"]  # it learns, and still the units stay equal
    assert not found.holds
    assert zero_weights(drawn, drawn).holds
    assert [claim.number for claim in of_trainings(short_runs)] == [4, 9, 11, 12]


def test_the_gap_says_nothing_only_where_the_step_makes_it():
    assert not first_gap([history_of([4.84, 3.0], [4.80, 4.42])]).holds
    assert first_gap([history_of([4.84, 3.0], [4.44, 4.42])]).holds


def test_the_rule_for_widths_holds_where_its_widths_are_best():
    against = {1: {2: [0.3], 16: [0.1]}, 2: {4: [0.1], 16: [0.2]}}
    found = width_rule(against)
    assert not found.holds
    assert "best width for 1 of 2 depths" in instead(found)
    assert width_rule({2: against[2]}).holds


def test_a_loss_that_swings_is_called_oscillating(tmp_path, monkeypatch):
    monkeypatch.setattr(findings, "TAIL", 30)

    def start_of(name: str, **changes: object) -> Model5Start:
        config = runs.PLANAR[5].config.replace(epochs=150, **changes)
        return Model5Start.of(train_once(Training(name, config, small_grid), tmp_path / name))

    still = start_of("still", seed=0)
    assert still.dead == 1.0
    found = oscillation([still])
    assert not found.holds
    assert "in 1 of 1 starts the output is the same for every target" in instead(found)
    swinging = replace(still, tail=2.0 + np.arange(30) % 2)
    assert oscillation([swinging, swinging, still]).holds
    assert not oscillation([swinging, still, still]).holds
    assert "though the output still varies" in instead(oscillation([start_of("learning", learning_rate=1e-6)]))


def test_claims_that_hold_are_counted():
    refuted, confirmed = double_softmax(), double_softmax(lambda logits: logits)
    conclusion = report([refuted, confirmed, min_max(exact_minmax)])
    assert conclusion.sentences[0] == "1 of 3 claims are wrong; these hold by their experiments: 7, 13."
    assert "” Wrong: CrossEntropyLoss has its own" in conclusion.sentences[1]
    assert conclusion.sentences[2].endswith("” Holds: nothing keeps the loss from 0.")
