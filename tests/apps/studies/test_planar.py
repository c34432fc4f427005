"""The planar study: six models in all variants, and sentences that follow from the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import kinverse as kv
from kinverse.apps.studies.planar import findings, runs
from kinverse.apps.studies.planar.findings import Findings, Group, Trained, find
from kinverse.apps.studies.planar.report import TEXTS, report
from kinverse.apps.studies.planar.runs import PLANAR, Key, trainings
from kinverse.apps.studies.run import train_once
from kinverse.apps.studies.study import Compared, Effort
from kinverse.learning.diagnosis.finding import Diagnosis, Finding
from kinverse.learning.evaluation.floors import constant_predictor, reachability_floor
from kinverse.learning.evaluation.metrics import mse
from kinverse.learning.training.config import FitConfig
from tests.support.studies import history_of


def sentences(found: Findings) -> list[str]:
    return TEXTS.items("findings", found)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_six_models_as_published_as_specified_and_remedied() -> None:
    plan = trainings(Effort())
    assert len({training.key for training in plan}) == len({training.folder for training in plan}) == len(plan)
    configs = {training.key: training.config for training in plan}
    for number, recipe in PLANAR.items():
        assert configs[Key(number, "as published", 0)] == recipe.config
    specified = [key for key in configs if key.variant == "as specified"]
    assert len(specified) == 4 * 5  # models 5 and 6 have γ = 1: specified and published schedules are the same
    optimisers = [configs[key].optimiser for key in specified]
    assert {(optimiser.schedule, optimiser.gamma) for optimiser in optimisers} == {("exponential", 0.995)}
    assert {key.model for key in configs if key.variant == "remedied"} == {4, 5, 6}
    assert len([key for key in configs if (key.model, key.variant) == (6, "as published")]) == 20
    only = trainings(Effort(variants=("as published",), seeds=1, quick=True))
    assert [str(training.key) for training in only] == [f"model {n}, as published, seed 0" for n in PLANAR]


def test_the_published_floors_and_variances_are_those_of_the_grid() -> None:
    arm, grid = kv.load_arm("planar3"), runs.rows()
    train, validation = grid.train.features, grid.validation.features
    # 0.0164/0.0188: the best possible losses of model 4; 0.3395/0.3426: the losses of model 5.
    assert round(reachability_floor(arm, train, lower=-np.pi / 2, upper=np.pi / 2), 4) == 0.0164
    assert round(reachability_floor(arm, validation, lower=-np.pi / 2, upper=np.pi / 2), 4) == 0.0188
    assert round(mse(train, constant_predictor(train, train)), 4) == 0.3395
    assert round(mse(validation, constant_predictor(train, validation)), 4) == 0.3426


def test_a_small_study_from_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = kv.grid_dataset("planar3", points_per_axis=16)
    monkeypatch.setattr(runs, "rows", lambda: grid)
    monkeypatch.setattr(runs, "QUICK_EPOCHS", 4)
    monkeypatch.setattr(findings, "UNTRAINED", 5)
    effort = Effort(seeds=1, quick=True)
    trained = {t.key: train_once(t, tmp_path / t.folder) for t in trainings(effort)}
    assert len(trained) == 13
    conclusion = report(find(effort, trained))
    assert len(conclusion.compared) == 24
    assert len(conclusion.figures) == 7
    assert [text.split(":")[0] for text in conclusion.sentences[:2]] == ["Model 4", "Model 5"]
    # A quick run compares nothing that it has not run for.
    assert len(conclusion.sentences) == 3 and "not compared: that needs the whole study" in conclusion.sentences[2]
    assert {(item.place, item.difference, item.explained) for item in conclusion.compared} == {("", "", "")}
    whole = report(replace(find(effort, trained), quick=False))
    assert [text.split(":")[0] for text in whole.sentences[:3]] == ["Model 4", "Model 5", "Model 6"]
    (schedule,) = [text for text in whole.sentences if text.startswith("Final loss with the schedule as specified")]
    assert all(f"model {n} × " in schedule for n in (1, 2, 3, 4))
    assert schedule.count("no clear difference") == 4  # of one start each
    assert {item.place for item in whole.compared} <= {"inside", "outside"}
    # Final losses jump from epoch to epoch: a single printed epoch is better or worse than nothing.
    assert {item.difference for item in whole.compared if "final" in item.figure} == {""}
    assert all(item.difference for item in whole.compared if "epoch 0" in item.figure)
    first = next(item for item in conclusion.compared if item.figure == "validation loss, epoch 0 [m²]")
    # The published script measures the validation loss after the first step.
    assert first.ours == (trained[Key(1, "as published", 0)].history.validation_loss[1],)


def run_of(losses: list[float], constant: float = 0.0, causes: Sequence[str] = ()) -> Trained:
    """A run with these losses, and these causes found by its diagnosis."""
    diagnosis = Diagnosis(tuple(Finding(cause, "evidence", "remedy", {}) for cause in causes))
    return Trained(FitConfig(), history_of(losses), 0.0, constant, diagnosis)


def findings_of(*groups: Group) -> Findings:
    return Findings({(group.model, group.variant): group for group in groups}, {})


def test_model_5_is_called_constant_only_where_it_is() -> None:
    dead = run_of([2.0, 0.3427], constant=0.3426, causes=["constant output"])
    diverged = run_of([2.0, 2.8], constant=0.3426)
    (text,) = sentences(findings_of(Group(5, "as published", (dead, dead, diverged))))
    assert "2 of 3 runs end there: its output is a constant" in text and "the other 1 end elsewhere" in text
    assert "“constant output” in 2 of 3 runs" in text
    (text,) = sentences(findings_of(Group(5, "as published", (diverged,))))
    assert "none of ours ends as a constant" in text


def test_model_6_is_called_falling_only_where_it_falls() -> None:
    falling, resting = [1.0 - 0.05 * i for i in range(11)], [1.0] * 11
    for losses, words in ((falling, "it is still falling"), (resting, "it has come to rest")):
        (text,) = sentences(findings_of(Group(6, "as published", (run_of(losses),))))
        assert words in text


@pytest.mark.parametrize(
    ("published", "specified", "words"),
    [
        ((0.1, 0.1, 0.1), (0.2, 0.21, 0.19), "worse"),
        ((0.2, 0.2, 0.2), (0.1, 0.11, 0.12), "better"),
        ((0.1, 0.1, 0.1), (0.11, 0.08, 0.3), "no clear difference"),  # worse in two of three starts
    ],
)
def test_the_schedules_are_compared_start_by_start(
    published: Sequence[float], specified: Sequence[float], words: str
) -> None:
    before, after = (tuple(run_of([1.0, end]) for end in ends) for ends in (published, specified))
    (text,) = sentences(findings_of(Group(1, "as published", before), Group(1, "as specified", after)))
    assert text.startswith("Final loss with the schedule as specified over that as published")
    assert text.endswith(f", {words}.")


@pytest.mark.parametrize(
    ("published", "best", "floor", "falls", "words"),
    [
        (0.0198, 0.01981, 0.02, False, "within 1 % of our best run, 0.01981"),
        (0.5, 1.0, 0.0, True, "the loss still falls by 20 % over the last tenth"),
        (0.5, 1.0, 0.0, False, "not explained"),
    ],
)
def test_final_losses_outside_the_range_are_explained(
    published: float, best: float, floor: float, falls: bool, words: str
) -> None:
    losses = [best / 0.8 if falls else best] * 10 + [best]
    run = replace(run_of(losses), best_reachable=floor)
    item = Compared("model 1", "final train loss [m²]", published, (best, best))
    group = Group(1, "as published", (run,))
    assert words in TEXTS.paragraph("end_explained", item, group)


def test_the_published_losses_are_those_that_the_document_prints() -> None:
    # Homework, problem 1: the first and the last line of each of the six outputs.
    assert {number: tuple(recipe.published.values()) for number, recipe in PLANAR.items()} == {
        1: (4.8425, 4.4216, 0.0014, 0.0015),
        2: (2.6520, 1.7917, 0.0005, 0.0003),
        3: (2.6872, 2.0361, 0.0004, 0.0004),
        4: (2.2229, 1.5491, 0.0167, 0.0192),
        5: (2.6804, 2.8504, 0.3395, 0.3426),
        6: (2.4209, 2.4439, 0.6831, 0.7282),
    }
