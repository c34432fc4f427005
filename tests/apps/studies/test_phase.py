"""The phase study: its splits, its measures, and sentences that can come out either way."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch

from kinverse.apps.studies.phase import findings, runs
from kinverse.apps.studies.phase.findings import (
    DOUBLE_SOFTMAX_FLOOR,
    Findings,
    LeftOut,
    Start,
    chance_of_difference,
    find,
)
from kinverse.apps.studies.phase.report import compared, report, sentences
from kinverse.apps.studies.phase.runs import (
    AS_PUBLISHED,
    POINTS,
    StartKey,
    fold_split,
    left_out,
    points,
    published_split,
    stopping_split,
    trainings,
)
from kinverse.apps.studies.run import train_once
from kinverse.apps.studies.study import Effort, Training
from kinverse.errors import ConfigError
from kinverse.learning.training.problem import build_problem
from tests.support.studies import history_of


def test_the_points_are_the_printed_ones():
    # Homework, M8-L2 problem 2, cell 1: the coordinates as far as they are printed, and 35 labels of 36.
    printed = np.array(
        [7.4881350392732475, 16.351893663724194, 22.427633760716436, 29.04883182996897, 35.03654799338904]
    )
    labels = "0,2,2,2,2,2,0,2,2,2,2,0,0,2,0,1,2,0,0,1,1,1,2,0,1,0,1,1,1,0,0,1,1,1,1"
    ours = ",".join(str(int(label)) for label in points().targets[:, 0])
    assert points().features[:5, 0].tolist() == printed.tolist()
    assert ours[:14] == labels[:14] and ours[-48:] == labels[-48:] and len(ours) == len(labels) + 2
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
def test_folds_that_do_not_exist_are_rejected(fold, folds):
    with pytest.raises(ConfigError, match=f"got fold {fold} of {folds}"):
        left_out(fold, folds)


def test_the_floor_is_the_loss_of_confident_predictions_after_a_second_softmax():
    logits = torch.tensor([[200.0, 0.0, 0.0]], dtype=torch.float64)
    loss = torch.nn.functional.cross_entropy(logits.softmax(-1), torch.tensor([0]))
    assert pytest.approx(loss.item(), abs=1e-12) == DOUBLE_SOFTMAX_FLOOR
    assert round(DOUBLE_SOFTMAX_FLOOR, 4) == 0.5514


def test_printed_losses_are_those_that_the_published_loop_logs(tmp_path, monkeypatch):
    config, key = AS_PUBLISHED.replace(epochs=6, seed=3), StartKey("as published", 3)
    start = Start.of(key, train_once(Training(key, config, published_split), tmp_path / "run"))
    monkeypatch.setattr(findings, "PUBLISHED", {0: (0.0, 0.0), 4: (0.0, 0.0)})

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
        logged.append((loss.item(), measure(net(y), y_class).item()))  # both before the step
        adam.zero_grad()
        loss.backward()
        adam.step()
    assert isinstance(list(net)[-1], torch.nn.Softmax)
    ours = start.printed_losses
    assert ours[0] == pytest.approx(logged[0], rel=1e-5)
    assert ours[4] == pytest.approx(logged[4], rel=1e-5)
    assert start.best_epoch == int(np.argmin([v for _, v in logged]))


def unseen(wrong: list[int]) -> LeftOut:
    actual = points().targets[:, 0].astype(int)
    predicted = actual.copy()
    predicted[wrong] = (actual[wrong] + 1) % 3
    return LeftOut(predicted, actual)


def test_only_points_that_one_classifier_alone_has_correct_count():
    a, b = unseen([0, 1, 2, 3, 4, 35]), unseen([0, 5])  # correct in b alone: 1, 2, 3, 4, 35; in a alone: 5
    assert chance_of_difference(a, b) == pytest.approx(2 * (1 + 6) / 2**6)
    assert chance_of_difference(a, a) == 1.0
    assert a.confusion.sum() == 36
    assert int(np.trace(a.confusion)) == 30


FLAWS = ("as published", "logits only", "standardised only", "corrected")


def sentences_on(wrong: Sequence[int], starts: dict[str, list[Start]] | None = None) -> list[str]:
    """The sentences where so many points are wrong as published, with one flaw corrected, and corrected."""
    left = {variant: unseen(list(range(count))) for variant, count in zip(FLAWS, wrong, strict=True)}
    starts = {"logits only": [start_of(lambda epoch: (0.1, 0.8), double_softmax=False)]} if starts is None else starts
    return sentences(Findings(starts, left, 36))


def start_of(losses: Callable[[int], tuple[float, float]], seed: int = 0, double_softmax: bool = True) -> Start:
    """A start with these losses, by epoch."""
    train, validation = zip(*(losses(epoch) for epoch in range(1002)), strict=True)
    return Start(seed, double_softmax, history_of(list(train), list(validation)))


def test_the_difference_is_real_only_where_chance_seldom_makes_it():
    both, alone = sentences_on([12, 1, 2, 0])[:2]
    assert "changes 12 points for the better" in both and "the difference is real" in both
    assert alone.endswith("Of the two flaws corrected alone, logits only brings more (+11 points).")
    alone = sentences_on([4, 2, 3, 0])[1]
    assert alone.endswith("Neither flaw corrected alone makes a clear difference (logits only: +2 points).")
    both = sentences_on([12, 1, 2, 14])[0]
    assert "changes 2 points for the worse" in both
    assert "36 points do not show a difference" in both
    assert sentences_on([1, 1, 1, 1])[1].endswith("Neither flaw corrected alone brings a point.")


def printed(off: float) -> Callable[[int], tuple[float, float]]:
    """Losses that give the printed ones, all off by so much."""
    train = {e: t for e, (t, _) in findings.PUBLISHED.items()}
    validation = {e: v for e, (_, v) in findings.PUBLISHED.items()}
    return lambda e: (train.get(e, 0.9) + off, validation.get(e, 0.9) + off)


def test_starts_are_called_close_only_within_a_twentieth():
    near = sentences_on([1, 1, 1, 1], {"as published": [start_of(printed(0.01), 4), start_of(printed(-0.2), 5)]})
    assert "Within 0.05 of all: 1 of 2 starts; the nearest (seed 4) is within 0.010." in " ".join(near)
    far = sentences_on([1, 1, 1, 1], {"as published": [start_of(printed(0.06)), start_of(printed(-0.2))]})
    assert "No start is within 0.05 of all; the nearest (seed 0) is within 0.060." in " ".join(far)


@pytest.mark.parametrize(
    ("wrong", "words"), [(12, ", and accuracy:"), (1, ", but no accuracy that 36 points could show:")]
)
def test_the_cost_of_the_flaws_is_measured(wrong, words):
    starts = {
        "as published": [start_of(lambda epoch: (0.6, 0.8))],
        "corrected": [start_of(lambda epoch: (0.1, 0.8), double_softmax=False)],
    }
    cost = sentences_on([wrong, 0, 0, 0], starts)[0]
    assert words in cost
    assert cost.endswith(f"{36 - wrong} points are correct as published, 36 corrected.")
    assert not sentences_on([wrong, 0, 0, 0], {"corrected": starts["corrected"]})[0].startswith("The two flaws cost")


def test_the_printed_losses_are_counted_and_a_quick_run_compares_none():
    # Homework, M8-L2 problem 2, output of cell 3: 26 lines from "Epoch 0 of 1000" to "Epoch 1000 of 1000".
    assert findings.PRINTED == 2 * len(range(0, 1001, 40)) == 52
    assert findings.PUBLISHED == {
        0: (1.0793, 1.1506), 400: (0.7729, 0.8476), 760: (0.6643, 0.8042), 1000: (0.6481, 0.8087),
    }  # fmt: skip
    starts, left = {"as published": [start_of(printed(0.0))] * 3}, {"as published": unseen([0])}
    whole, quick = (" ".join(sentences(Findings(starts, left, 36, q))) for q in (False, True))
    assert "8 of the 52 printed losses are compared: 8 of them are inside" in whole
    assert "Of 52 printed losses none is compared" in quick and "inside" not in quick
    assert {item.place for item in compared(starts["as published"], quick=True)} == {""}
    best = compared(starts["as published"])[-1]
    assert best.published is None  # no best epoch is printed


def test_a_figure_outside_our_range_is_explained():
    few, many = (compared([start_of(lambda epoch: (0.9, 0.9))] * count)[0] for count in (2, 20))
    assert few.explained == "too few starts (2): the whole study takes 20"
    assert many.explained == "not explained: none of 20 starts gives it"
    inside = compared([start_of(printed(-0.1)), start_of(printed(0.1))])[0]
    assert (inside.place, inside.explained) == ("inside", "")


def test_the_floor_and_overfitting_are_measured_not_assumed():
    published = start_of(lambda epoch: (0.6, 0.8))
    steady = start_of(lambda epoch: (0.1, 0.5), double_softmax=False)
    _, floor, overfitting = sentences_on([1, 1, 1, 1], {"as published": [published], "corrected": [steady]})[:3]
    assert floor.endswith("the lowest of 1 trainings ends at 0.6000.")
    assert "below that floor" in overfitting and overfitting.endswith("it does not overfit.")
    lower = start_of(lambda epoch: (0.5, 0.8))
    rising = start_of(lambda epoch: (0.6, 0.5 + epoch / 1000), double_softmax=False)
    _, floor, overfitting = sentences_on([1, 1, 1, 1], {"as published": [lower], "corrected": [rising]})[:3]
    assert floor.endswith("the floor is wrong.")
    assert "not always below that floor" in overfitting and "should stop earlier" in overfitting


@pytest.fixture
def tiny(monkeypatch):
    """The whole study with a handful of epochs and two folds."""
    monkeypatch.setattr(runs, "VARIANTS", {name: config.replace(epochs=3) for name, config in runs.VARIANTS.items()})
    monkeypatch.setattr(runs, "QUICK_FOLDS", 2)
    for epoch in (400, 760, 1000):
        monkeypatch.delitem(findings.PUBLISHED, epoch)
    monkeypatch.setitem(findings.PUBLISHED, 2, (0.7729, 0.8476))


@pytest.mark.parametrize("variants", [("as published", "corrected"), ("as published",), ("corrected",)])
def test_the_study_runs_from_trainings_to_figures(tmp_path, tiny, variants):
    effort = Effort(variants=variants, seeds=1, quick=True)
    plan = trainings(effort)
    assert len({training.folder for training in plan}) == len(plan)
    assert len(plan) == 3 * ("as published" in variants) + 11 * ("corrected" in variants)
    conclusion = report(find(effort, {t.key: train_once(t, tmp_path / t.folder) for t in plan}))
    assert bool(conclusion.compared) == ("as published" in variants)
    assert len(conclusion.tables[0].rows) == 1 * ("as published" in variants) + 4 * ("corrected" in variants)
    assert len(conclusion.figures) == 3
    assert all(conclusion.sentences)
