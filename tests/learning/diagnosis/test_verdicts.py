"""Verdicts on curves that were drawn and not trained, so that each rule stands alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from kinverse.learning.diagnosis import curves
from kinverse.learning.diagnosis.diagnose import diagnose
from kinverse.learning.diagnosis.facts import Facts
from kinverse.learning.trained import Model
from kinverse.learning.training.history import History, HistoryRow
from tests.support.faulty_trainings import rows as make

EPOCHS = np.arange(1001.0)
FALLING = np.exp(-EPOCHS / 1000.0)
SETTLED = (1.0 + EPOCHS) ** -0.5  # 3 % of its start at the end, and hardly faster than that
Drawn = Callable[..., Model]


@pytest.fixture
def drawn(trained) -> Drawn:  # type: ignore[no-untyped-def]
    """A run with the curves that are given; its rows are those of a sine."""
    run = trained(make.sine(60, 40)(0), epochs=1, learning_rate=1e-3)

    def draw(train: np.ndarray, validation: np.ndarray | None = None, rates: object = 1e-3, **changes: object) -> Model:
        validation = train if validation is None else validation
        rows = zip(train, validation, np.broadcast_to(np.asarray(rates), train.shape), strict=True)
        history = History.of([HistoryRow(i, *map(float, row)) for i, row in enumerate(rows)])
        epochs = len(history) - 1
        stopped = str(changes.pop("stopped", ""))
        config = run.config.replace(epochs=epochs, **changes)  # type: ignore[typeddict-item]
        return replace(run, history=history, best_epoch=int(validation.argmin()), stopped=stopped, config=config)

    return draw


def found(run: Model) -> set[str]:
    return set(diagnose(run, None, None).names)


def test_a_steady_fall_is_still_falling(drawn: Drawn) -> None:
    (finding,) = diagnose(drawn(FALLING), None, None).findings
    assert finding.cause == "still falling"
    assert finding.remedy == "learning_rate=0.01 or epochs=3000"
    assert finding.numbers["fall"] == pytest.approx(1.0 - np.exp(-0.2), rel=0.01)
    assert "18 %" in finding.evidence


def test_what_has_settled_is_not(drawn: Drawn) -> None:
    assert found(drawn(SETTLED)) == set()
    assert found(drawn(0.3 + 0.7 * np.exp(-EPOCHS / 50.0))) == set()


def test_slowing_down_far_from_the_floor_is_still_falling(drawn: Drawn) -> None:
    (finding,) = diagnose(drawn((1.0 + EPOCHS) ** -0.35), None, None).findings  # 9 % of its start
    assert finding.cause == "still falling"
    assert finding.remedy == "learning_rate=0.003 or epochs=3000"


def test_a_fall_that_was_ended_on_purpose_is_none(drawn: Drawn) -> None:
    cosine = 0.5 + 0.5 * np.cos(np.pi * EPOCHS / 1000.0)
    assert found(drawn(FALLING, rates=cosine, schedule="cosine")) == set()
    assert found(drawn(FALLING, stopped="no better validation loss for 20 epochs")) == set()


def test_a_validation_loss_that_does_not_follow_says_no(drawn: Drawn) -> None:
    assert found(drawn(FALLING, np.full(1001, 0.5))) == set()


def test_hardly_any_fall_wants_larger_steps_and_not_more(drawn: Drawn) -> None:
    (finding,) = diagnose(drawn(1.0 - 1e-6 * EPOCHS), None, None).findings
    assert finding.cause == "still falling"
    assert finding.remedy == "learning_rate=0.01; with these steps more epochs do little"


def test_the_epoch_to_stop_at_is_the_lowest(drawn: Drawn) -> None:
    validation = 0.5 + ((EPOCHS - 300.0) / 700.0) ** 2  # up by 1 to 1.5
    (finding,) = diagnose(drawn(FALLING, validation, keep_best=False), None, None).findings
    assert finding.cause == "overfitting"
    assert finding.numbers["epoch"] == 300
    assert finding.numbers["rise"] == pytest.approx(2.0, rel=0.05)
    assert finding.remedy.startswith("stop at epoch 300 (epochs=300, or patience=30)")
    kept = diagnose(drawn(FALLING, validation), None, None).findings[0]
    assert kept.remedy.startswith("the weights of epoch 300 are kept")


@pytest.mark.parametrize(
    ("train", "validation"),
    [
        (FALLING[::-1].copy(), 0.5 + FALLING[::-1]),  # the training loss rises too
        (FALLING, 0.5 + 0.06 * EPOCHS / 1000.0),  # up by an eighth
        (FALLING, np.exp(0.2 * np.random.default_rng(0).normal(size=1001))),  # noise
        (1e-3 * FALLING + 0.0 * EPOCHS, 1e-3 * (1.0 + EPOCHS / 500.0)),  # nothing against where it began, at 1
    ],
)
def test_other_rises_are_no_overfitting(drawn: Drawn, train: np.ndarray, validation: np.ndarray) -> None:
    train = np.concatenate([[1.0], train[1:]])
    assert "overfitting" not in found(drawn(train, validation))


def test_jumps_are_oscillation_and_noise_of_batches_is_not(drawn: Drawn) -> None:
    noise = np.random.default_rng(1).normal(size=1001)
    level = 0.2 + 0.8 * np.exp(-EPOCHS / 50.0)
    assert found(drawn(level * np.exp(0.3 * noise))) == {"oscillating"}
    assert found(drawn(level * np.exp(0.05 * noise))) == set()
    finding = curves.oscillating(Facts(drawn(level * np.exp(0.3 * noise)), None, None))
    assert finding is not None
    assert finding.remedy == "learning_rate=0.00033 to 0.0001, or schedule=cosine, which ends at rate 0"


def test_an_end_at_twice_the_best_level_is_oscillation(drawn: Drawn) -> None:
    best_in_the_middle = np.concatenate([np.linspace(1.0, 0.1, 500), np.linspace(0.1, 0.3, 501)])
    (finding,) = diagnose(drawn(best_in_the_middle), None, None).findings
    assert finding.cause == "oscillating"
    assert "2.8 times its best level" in finding.evidence


@pytest.mark.parametrize(
    "train",
    [
        np.concatenate([np.linspace(1.0, 0.01, 500), np.linspace(0.01, 0.8, 501)]),  # lost again
        np.linspace(1.0, 2.0, 1001),  # worse than untrained
        np.concatenate([[1.0, 5.0], np.full(999, 0.99)]),  # thrown off, and nothing learned since
    ],
)
def test_losing_what_was_learned_is_diverging(drawn: Drawn, train: np.ndarray) -> None:
    (finding,) = diagnose(drawn(train), None, None).findings
    assert finding.cause == "diverging"
    assert "learning_rate=0.0001, or clip_gradient=1" in finding.remedy


def test_a_flat_loss_is_nothing_by_itself(drawn: Drawn) -> None:
    assert found(drawn(np.full(1001, 0.7))) == set()
