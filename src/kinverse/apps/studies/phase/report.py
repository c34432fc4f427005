"""Tables, figures and verdicts of the phase study."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from kinverse.apps.report.page import PageFigure
from kinverse.apps.studies.phase.data import PHASES, TRAIN_ROWS, points, published_split
from kinverse.apps.studies.phase.findings import (
    CLOSE,
    DOUBLE_SOFTMAX_FLOOR,
    KNOWS_NOTHING,
    PUBLISHED,
    PUBLISHED_BEST,
    SPANS,
    LeftOut,
    best_printed_epoch,
    chance_of_difference,
    furthest,
    held_out_accuracy,
    printed_losses,
    regions,
)
from kinverse.apps.studies.study import Compared, Conclusion
from kinverse.learning.evaluation.metrics import proportion_interval
from kinverse.learning.training.run import Run
from kinverse.plotting.panels import LossPanel, loss_panels
from kinverse.plotting.regions import RegionPanel, confusion_matrices, decision_regions
from kinverse.tables import Cell, Table

PUBLISHED_WAY, CORRECTED_WAY = "as published", "corrected"
WHOLE_STARTS = 20
"""Of the published way."""
RISE = 1.1
"""A validation loss that ends so many times above its lowest value has turned upward."""
LIKELY = 0.05
"""Differences that chance makes more often than this are called no difference."""


def report(starts: Mapping[str, Sequence[Run]], left: Mapping[str, Sequence[Run]]) -> Conclusion:
    """What the study says.

    Args:
        starts: variant → runs on the published split, one for each random start.
        left: variant → runs with points left out, one for each fold.
    """
    unseen = {variant: LeftOut.of(runs) for variant, runs in left.items()}
    folds = len(next(iter(left.values())))
    how = "one point" if folds == len(points()) else f"one of {folds} parts"
    verdicts = [*_answer(starts, unseen, how), *_on_floor(starts), *_on_flaws(unseen, how)]
    verdicts += [_on_losses(starts[PUBLISHED_WAY])] if PUBLISHED_WAY in starts else []
    verdicts.append(_on_eight_points(starts))
    return Conclusion(
        verdicts=verdicts,
        compared=_compared(starts[PUBLISHED_WAY]) if PUBLISHED_WAY in starts else (),
        tables=[_variants_table(starts, unseen, how)],
        figures=_figures(starts, unseen, how),
        settings={
            "network": "2-16-16-3, ReLU",
            "training": "Adam 0.001, all rows in one batch",
            "printed epoch e": "training loss after e steps, validation loss after e + 1 (the published loop measures "
            "one before its step and one after it)",
        },
    )


def _answer(starts: Mapping[str, Sequence[Run]], unseen: Mapping[str, LeftOut], how: str) -> list[str]:
    """What the two flaws cost, where both ways were run."""
    if not {PUBLISHED_WAY, CORRECTED_WAY} <= set(starts):
        return []
    losses = [_span(_last(starts[way])) for way in (PUBLISHED_WAY, CORRECTED_WAY)]
    scores = [int(unseen[way].right.sum()) for way in (PUBLISHED_WAY, CORRECTED_WAY)]
    differ = chance_of_difference(unseen[PUBLISHED_WAY], unseen[CORRECTED_WAY]) < LIKELY
    accuracy = "and accuracy" if differ else "but no accuracy that 36 points would show"
    return [
        f"The two flaws cost a loss that cannot fall ({losses[0]} after all epochs; corrected {losses[1]}), "
        f"{accuracy}: with {how} left out {scores[0]} points are right as published, {scores[1]} corrected."
    ]


def closest_start(runs: Sequence[Run]) -> Run:
    """The random start whose losses are nearest to the printed ones."""
    return min(runs, key=furthest)


def _compared(runs: Sequence[Run]) -> list[Compared]:
    losses = [printed_losses(run) for run in runs]
    found = [
        _explained(Compared(f"epoch {epoch}", f"{name} loss", published, tuple(of_run[epoch][i] for of_run in losses)))
        for epoch, pair in PUBLISHED.items()
        for i, (name, published) in enumerate(zip(("training", "validation"), pair, strict=True))
    ]
    best = tuple(float(best_printed_epoch(run)) for run in runs)
    return [*found, _explained(Compared("best epoch", "by validation loss", float(PUBLISHED_BEST), best))]


def _explained(item: Compared) -> Compared:
    """With the reason where the published figure is not inside."""
    if item.place == "inside":
        return item
    few = f"too few starts ({len(item.ours)}): the whole study takes {WHOLE_STARTS}"
    many = f"not explained: none of {len(item.ours)} starts gives it"
    return replace(item, explained=few if len(item.ours) < WHOLE_STARTS else many)


def _on_losses(runs: Sequence[Run]) -> str:
    inside = [item for item in _compared(runs)[:-1] if item.place == "inside"]
    near = [run for run in runs if furthest(run) <= CLOSE]
    best = closest_start(runs)
    off = max(
        abs(statistics.median(printed_losses(run)[e][i] for run in runs) - PUBLISHED[e][i])
        for e in PUBLISHED
        for i in (0, 1)
    )
    text = (
        f"Of {2 * len(PUBLISHED)} printed losses, {len(inside)} lie inside the range of {len(runs)} random starts, and "
        f"the median start is within {off:.3f} of every one"
    )
    nearest = f"the nearest (seed {best.config.seed}) is within {furthest(best):.3f}"
    if near:
        return f"{text}. Within {CLOSE} of all: {len(near)} of {len(runs)} starts; {nearest}."
    return f"{text}. No start is within {CLOSE} of all; {nearest}."


def _last(runs: Sequence[Run]) -> list[float]:
    return [run.history[-1].train_loss for run in runs]


def _on_floor(starts: Mapping[str, Sequence[Run]]) -> list[str]:
    found = []
    floor = f"{DOUBLE_SOFTMAX_FLOOR:.4f} = log(1 + 2/e)"
    twice = [loss for v, runs in starts.items() if runs[0].config.double_softmax for loss in _last(runs)]
    if twice:
        found.append(
            f"With a second softmax the loss cannot fall below {floor}: the lowest of {len(twice)} trainings ends at "
            f"{min(twice):.4f}."
            if min(twice) >= DOUBLE_SOFTMAX_FLOOR
            else f"A training with a second softmax ended at {min(twice):.4f}, below {floor}: the floor is wrong."
        )
    if CORRECTED_WAY in starts:
        last = _last(starts[CORRECTED_WAY])
        under = "under that floor" if max(last) < DOUBLE_SOFTMAX_FLOOR else "not always under that floor"
        validation = [run.history[-1].validation_loss for run in starts[CORRECTED_WAY]]
        best = [min(row.validation_loss for row in run.history) for run in starts[CORRECTED_WAY]]
        rises = statistics.median(a / b for a, b in zip(validation, best, strict=True)) > RISE
        moral = "it learns the training points by heart, and should stop earlier" if rises else "it does not overfit"
        found.append(
            f"Corrected (logits, standardised inputs) the training loss ends at {_span(last)}, {under}. Its validation "
            f"loss ends at {_span(validation)}, and was {_span(best)} at best: {moral}."
        )
    return found


def _on_flaws(unseen: Mapping[str, LeftOut], how: str) -> list[str]:
    scores = {variant: int(found.right.sum()) for variant, found in unseen.items()}
    total = len(points())
    listed = ", ".join(f"{variant} {score}" for variant, score in scores.items())
    found = [f"Points right when {how} is left out, of {total}: {listed}."]
    if PUBLISHED_WAY in unseen and CORRECTED_WAY in unseen:
        a, b = unseen[CORRECTED_WAY], unseen[PUBLISHED_WAY]
        gain, chance = scores[CORRECTED_WAY] - scores[PUBLISHED_WAY], chance_of_difference(a, b)
        low, high = a.interval
        text = (
            f"Mending both flaws changes {abs(gain)} points for the {'better' if gain >= 0 else 'worse'}, which "
            f"equally good classifiers would do with probability {chance:.2f} or more"
        )
        judged = "the difference is real" if chance < LIKELY else "36 points do not show a difference in accuracy"
        found.insert(
            0, f"{text}: {judged}. Corrected accuracy: {a.right.mean():.0%}, 95 % interval {low:.0%} … {high:.0%}."
        )
        alone = {v: scores[v] - scores[PUBLISHED_WAY] for v in ("logits only", "standardised only")}
        most = max(alone, key=lambda v: alone[v])
        found[1] += (
            f" Of the two flaws mended alone, {most} brings more ({alone[most]:+d} points)."
            if alone[most] > 0
            else " Neither flaw mended alone brings a point."
        )
    return found


def _on_eight_points(starts: Mapping[str, Sequence[Run]]) -> str:
    held_out = len(points()) - TRAIN_ROWS
    accuracies = [held_out_accuracy(run) for runs in starts.values() for run in runs]
    interval = proportion_interval(round(max(accuracies) * held_out), held_out)
    return (
        f"The published {held_out} held-out points cannot decide: one of them is {1 / held_out:.1%}, random starts "
        f"give {_percent(accuracies)}, and even the best of these has a 95 % interval of {interval[0]:.0%} … "
        f"{interval[1]:.0%}."
    )


def _variants_table(starts: Mapping[str, Sequence[Run]], unseen: Mapping[str, LeftOut], how: str) -> Table:
    columns = (
        "variant",
        "starts",
        "training loss, last",
        "validation loss, last",
        "accuracy on the 8 held-out points",
        f"right with {how} left out",
        "accuracy",
        "95 % interval",
    )
    rows: list[Sequence[Cell]] = []
    for variant, found in unseen.items():
        runs = starts.get(variant, ())
        low, high = found.interval
        rows.append(
            (
                variant,
                len(runs) or None,
                _span(_last(runs)) if runs else None,
                _span([run.history[-1].validation_loss for run in runs]) if runs else None,
                _percent([held_out_accuracy(run) for run in runs]) if runs else None,
                f"{found.right.sum()} of {len(found.right)}",
                float(found.right.mean()),
                f"{low:.2f} … {high:.2f}",
            )
        )
    note = (
        f"A network that knows nothing has a loss of log 3 = {KNOWS_NOTHING:.4f}; the floor of a double softmax is "
        f"{DOUBLE_SOFTMAX_FLOOR:.4f}. Losses with one and with two softmaxes are not the same measure."
    )
    return Table("The two flaws, alone and together", columns, rows, note)


def _figures(starts: Mapping[str, Sequence[Run]], unseen: Mapping[str, LeftOut], how: str) -> list[PageFigure]:
    drawn = {v: closest_start(runs) if v == PUBLISHED_WAY else runs[0] for v, runs in starts.items()}
    seeds = ", ".join(f"{v}: seed {run.config.seed}" for v, run in drawn.items())
    ends = {v: run for v, run in drawn.items() if v in (PUBLISHED_WAY, CORRECTED_WAY)}
    held_out = np.zeros(len(points()), dtype=bool)
    held = published_split().validation.features
    held_out[[int(np.flatnonzero((points().features == row).all(axis=1))[0]) for row in held]] = True
    classes = points().targets[:, 0].astype(int)
    return [
        PageFigure(
            f"Losses ({seeds}). With a second softmax the curve lies on a floor that it cannot break; without it, "
            "validation turns upward when the network has become too sure of itself",
            loss_panels([_loss_panel(v, run) for v, run in drawn.items()], columns=2, ylabel="cross-entropy"),
        ),
        PageFigure(
            "Decision regions, trained on the published split; the eight held-out points are ringed",
            decision_regions(
                [RegionPanel(v, regions(run), points().features, classes, held_out) for v, run in ends.items()],
                PHASES,
                SPANS,
                ("temperature [K]", "pressure [atm]"),
            ),
        ),
        PageFigure(
            f"Confusion when {how} is left out: each point is judged by a network that has not seen it",
            confusion_matrices({v: found.confusion for v, found in unseen.items() if v in ends}, PHASES),
        ),
    ]


def _loss_panel(variant: str, run: Run) -> LossPanel:
    epochs, train, validation = (
        np.array([getattr(row, name) for row in run.history]) for name in ("epoch", "train_loss", "validation_loss")
    )
    floors = {"floor of a double softmax": DOUBLE_SOFTMAX_FLOOR} if run.config.double_softmax else {}
    return LossPanel(variant, epochs, train, validation, floors, best_epoch=int(np.argmin(validation)))


def _span(losses: Sequence[float]) -> str:
    """Smallest and largest of several starts."""
    return f"{min(losses):.4f} … {max(losses):.4f}"


def _percent(shares: Sequence[float]) -> str:
    """Smallest and largest share, or the one that all have."""
    low, high = min(shares), max(shares)
    return f"{low:.0%}" if low == high else f"{low:.0%} … {high:.0%}"
