"""A few more steps from the kept weights, and short trainings with one setting changed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kinverse as kv
from kinverse.errors import RunError
from kinverse.learning.diagnosis.counterfactuals import counterfactuals
from kinverse.learning.diagnosis.diagnose import diagnose
from kinverse.learning.diagnosis.facts import Facts
from kinverse.learning.diagnosis.finding import AS_IT_WAS, Counterfactual, Diagnosis
from kinverse.learning.diagnosis.more_steps import gradient_sizes, loss_after
from kinverse.learning.evaluation.report import evaluate
from kinverse.learning.training.problem import build_problem
from tests.support.faulty_trainings import rows as make
from tests.support.faulty_trainings.outcome import BY_NAME


def test_the_sizes_of_the_gradients_are_those_of_differences() -> None:
    data = make.wave(60, 40)(0)
    model = kv.fit(data, hidden=(3, 2), epochs=1, activation="tanh")
    problem = build_problem(data, None, model.config)
    network, step, expected = problem.model.double(), 1e-5, []
    x, y = problem.x_train.double(), problem.y_train.double()
    with torch.no_grad():
        for layer in (layer for layer in network.network if isinstance(layer, torch.nn.Linear)):
            slopes = []
            for index in np.ndindex(*layer.weight.shape):
                losses = []
                for sign in (1.0, -1.0):
                    layer.weight[index] += sign * step
                    losses.append(float(problem.objective(network.scaled(x), y)))
                    layer.weight[index] -= sign * step
                slopes.append((losses[0] - losses[1]) / (2.0 * step))
            expected.append(np.sqrt(np.mean(np.square(slopes))))
    np.testing.assert_allclose(gradient_sizes(Facts(model, None, data)), expected, rtol=1e-4)


def test_more_steps_leave_the_model_as_it_is() -> None:
    case = BY_NAME["dropout: wave 0.6"]
    data = case.rows(0)
    model = kv.fit(data, case.config.replace(epochs=10))
    before, drawn = [p.clone() for p in model.network.parameters()], torch.get_rng_state()
    first, second = (loss_after(Facts(model, None, data)) for _ in range(2))
    assert first == second
    assert torch.equal(torch.get_rng_state(), drawn)
    assert all(torch.equal(a, b) for a, b in zip(before, model.network.parameters(), strict=True))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("decay: wave AdamW 5", "weight_decay=0"),
        ("dropout: wave 0.6", "dropout=0"),
        ("output: wave tanh", "output_activation=linear"),
        ("linear: wave", "hidden=64,64"),
    ],
)
def test_the_change_that_helps_most_undoes_the_fault(name: str, change: str) -> None:
    case = BY_NAME[name]
    data = case.rows(0)
    found = kv.fit(data, case.with_seed(0)).diagnose(counterfactuals=True)
    assert found.counterfactuals[0].change == change
    assert AS_IT_WAS in {one.change for one in found.counterfactuals}
    assert f"With {change}, " in found.tables[1].note


def test_without_time_each_training_has_one_epoch() -> None:
    data = make.wave(200, 50)(0)
    found = counterfactuals(kv.fit(data, hidden=(8,), epochs=40), data, seconds=0.0)
    assert {one.epochs for one in found} == {1}
    assert [one.remains for one in found] == sorted(one.remains for one in found)


def test_they_need_the_rows(trained) -> None:  # type: ignore[no-untyped-def]
    data = make.wave(200, 50)(0)
    run = trained(data)
    with pytest.raises(RunError, match="give the data set again"):
        kv.diagnose(run.folder, counterfactuals=True)
    assert kv.diagnose(run.folder, data, counterfactuals=True).counterfactuals


def test_a_change_that_helps_little_is_not_recommended() -> None:
    trainings = (Counterfactual("dropout=0", 0.29, 5), Counterfactual(AS_IT_WAS, 0.3, 5))
    assert "No single change helps: 30 % remain" in Diagnosis((), counterfactuals=trainings).tables[1].note
    assert "diverged" in Diagnosis((), counterfactuals=trainings[:1]).tables[1].note


def test_a_large_error_is_never_passed_over_in_silence(trained) -> None:  # type: ignore[no-untyped-def]
    data = kv.grid_dataset("planar3", 20)
    run = trained(data, epochs=3)  # too few epochs for most checks
    report = evaluate(run, data)
    found = diagnose(run, report, None)
    miss = report.of("network").tool.position_mm.median
    assert miss > 100.0
    assert not found.findings
    assert not found.healthy
    assert f"misses its target by {miss:.3g} mm" in found.table.note
    assert "Nothing found" not in found.table.note
    assert "--counterfactuals" in found.table.note
