"""Single checks against numbers from outside: formulas, torch's own schedules, SciPy's intervals, plane geometry."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from kinverse.learning.data.dataset import Dataset, Table
from kinverse.learning.data.sampling import grid_dataset, joint_dataset
from kinverse.learning.diagnosis import rows as row_faults
from kinverse.learning.diagnosis import setup
from kinverse.learning.diagnosis.diagnose import diagnose
from kinverse.learning.diagnosis.facts import Facts
from kinverse.learning.diagnosis.reach import reachability, reachability_floor
from kinverse.learning.evaluation.report import evaluate
from kinverse.learning.training.config import FitConfig
from tests.support.faulty_trainings import rows as make


@pytest.mark.parametrize(
    "settings",
    [
        {"schedule": "step", "schedule_step": 3, "gamma": 0.9},
        {"schedule": "step", "schedule_step": 100},
        {"schedule": "exponential", "gamma": 0.97},
        {"schedule": "constant"},
    ],
)
def test_the_planned_rate_is_the_one_that_trained(trained, settings: dict[str, object]) -> None:  # type: ignore[no-untyped-def]
    run = trained(make.sine(40, 10)(0), epochs=10, **settings)
    rates = run.history.learning_rate[:10]  # the last row's rate trained nothing
    assert setup.planned_rate(run.config) == pytest.approx(rates[-1] / rates[0])


def test_the_bound_of_three_classes_is_the_published_one(trained) -> None:  # type: ignore[no-untyped-def]
    settings = {"loss": "cross_entropy", "output_activation": "softmax", "double_softmax": True}
    data = make.phase(60, 40)(0)
    run = trained(data, **settings)
    finding = setup.double_softmax(Facts(run, None, None))
    assert finding is not None
    assert finding.numbers["bound"] == pytest.approx(0.5514, abs=5e-5)
    assert f"{run.history.train_loss[-1]:.4f}" in finding.evidence
    assert setup.double_softmax(Facts(trained(data, loss="cross_entropy"), None, None)) is None
    # A sigmoid without a loss that has its own is no mistake.
    assert setup.double_softmax(Facts(trained(data, output_activation="sigmoid"), None, None)) is None


def test_repeated_rows_are_counted_exactly(trained) -> None:  # type: ignore[no-untyped-def]
    data = make.repeated(make.bump(100, 50), 0.3)(0)
    finding = row_faults.leak(Facts(trained(data, epochs=1), None, data))
    assert finding is not None
    assert "15 of 50 validation rows (30 %)" in finding.evidence
    clean = make.bump(100, 50)(0)
    assert row_faults.leak(Facts(trained(clean, epochs=1), None, clean)) is None


def test_a_few_possible_inputs_are_no_leak(trained) -> None:  # type: ignore[no-untyped-def]
    data = make.bump(200, 50)(0)
    tables = {split: Table(np.round(t.features), t.targets) for split, t in data.splits.items()}  # 81 inputs
    rounded = Dataset.from_tables(tables, data.manifest)
    assert row_faults.leak(Facts(trained(rounded, epochs=1), None, rounded)) is None


@pytest.mark.parametrize(
    ("factor", "offset", "is_found"),
    [
        ((1.0, 1.0, 1.0, 1.0), 0.0, False),
        ((2.0, 0.5, 1.0, 1.0), 1.0, False),
        ((100.0, 1.0, 1.0, 1.0), 0.0, True),  # kelvin beside atmospheres
        ((1000.0, 1000.0, 1000.0, 1000.0), 0.0, True),  # millimetres
        ((1.0, 1.0, 1.0, 1.0), 300.0, True),
        ((0.01, 0.01, 0.01, 0.01), 0.0, True),
        ((1.0, 1.0, 1.0, 0.0), 0.5, False),  # a constant column says nothing, and is no fault
    ],
)
def test_inputs_far_from_one_or_from_each_other(trained, factor, offset: float, is_found: bool) -> None:  # type: ignore[no-untyped-def]
    data = make.bump(100, 40)(0)
    tables = {split: Table(t.features * np.array(factor) + offset, t.targets) for split, t in data.splits.items()}
    changed = Dataset.from_tables(tables, data.manifest)
    raw, scaled = (trained(changed, epochs=1, scale_features=name) for name in ("none", "standard"))
    assert (setup.unscaled_inputs(Facts(raw, None, changed)) is not None) == is_found
    assert setup.unscaled_inputs(Facts(scaled, None, changed)) is None


def test_few_validation_rows_are_named_and_thousands_are_not(trained) -> None:  # type: ignore[no-untyped-def]
    for rows, is_few in ((145, True), (3000, False)):  # 29 and 600 validation rows
        data = joint_dataset("nao-right", rows, seed=1)
        finding = row_faults.small_validation_set(Facts(trained(data, epochs=1), None, data))
        assert (finding is not None) == is_few, finding


def test_out_of_reach_is_the_quarter_disc(trained) -> None:  # type: ignore[no-untyped-def]
    """Three unit links that turn by at most a right angle cannot come closer to the base than 1 m (study 4)."""
    data = grid_dataset("planar3", 40)
    run = trained(data, max_angle=math.pi / 2, epochs=1)
    found = reachability(run, run.network.spec, data)
    assert found is not None
    radius = np.linalg.norm(data.validation.features, axis=1)
    np.testing.assert_array_equal(found.reached, radius > 1.0 - 1e-6)
    np.testing.assert_allclose(found.miss[radius < 1.0], 1.0 - radius[radius < 1.0], atol=1e-3)
    assert found.bounds == "angles within ±1.57 rad"


def test_a_floor_that_is_not_the_cause_is_a_note(trained) -> None:  # type: ignore[no-untyped-def]
    data = grid_dataset("planar3", 20)
    run = trained(data, max_angle=math.pi / 2, epochs=30, learning_rate=0.01)  # some way above it, not far
    assert 2.0 < run.history.validation_loss[-1] / evaluate(run, data).floors["best reachable"] < 50.0
    finding, note = reachability_floor(Facts(run, evaluate(run, data), data))
    assert finding is None
    assert "so the floor does not limit it" in note
    free = trained(data, epochs=1)
    assert reachability_floor(Facts(free, evaluate(free, data), data)) == (None, "")


def test_the_remedy_for_a_floor_is_a_bound_that_reaches(trained) -> None:  # type: ignore[no-untyped-def]
    data = grid_dataset("planar3", 20)
    run = trained(
        data, max_angle=1.2, hidden=(48, 48), epochs=300, learning_rate=0.01, schedule="cosine", keep_best=False
    )
    found = diagnose(run, evaluate(run, data), data)
    (finding,) = (finding for finding in found.findings if finding.cause == "reachability floor")
    wider = float(finding.remedy.split("=")[1].split()[0])
    reached = reachability(replace(run, config=run.config.replace(max_angle=wider)), _spec(run, wider), data)
    assert reached is not None
    assert reached.share_out < 0.01


def _spec(run, angle: float):  # type: ignore[no-untyped-def]
    spec = run.network.spec
    return replace(spec, bounds=np.array([[-angle] * 3, [angle] * 3]))


def test_a_schedule_that_was_not_asked_for_is_no_fault() -> None:
    assert setup.planned_rate(FitConfig()) == 1.0
    assert setup.planned_rate(FitConfig.of(schedule="cosine")) == 0.0
