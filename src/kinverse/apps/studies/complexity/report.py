"""Tables, figures and verdicts of the complexity study."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kinverse.apps.report.page import PageFigure
from kinverse.apps.studies.complexity.data import FLOOR, NOISE, TEST_ROWS, error_of_truth, noisy_sine, truth
from kinverse.apps.studies.complexity.findings import (
    BEST,
    FASTER,
    HARM,
    LAST,
    PUBLISHED,
    WATCHED,
    Trained,
    chosen,
    count_parameters,
    fits_noise,
    harm,
    net_name,
    networks,
    underfits,
)
from kinverse.apps.studies.study import Compared, Conclusion
from kinverse.learning.training.run import Run
from kinverse.plotting.fits import FitPanel, Points, capacity_sweep, fit_panels
from kinverse.plotting.panels import LossPanel, loss_panels
from kinverse.tables import Cell, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WHOLE_STARTS, FEWEST_STARTS = 10, 3
"""Starts of the published networks, and how many at least decide which one is better."""
_SHORT = {LAST: "last", BEST: "best", FASTER: "last, 10 × rate"}
DRAWN = np.linspace(0.0, 1.0, 301)


def report(found: Sequence[Trained]) -> Conclusion:
    """What the study says of all its runs."""
    data = noisy_sine()
    return Conclusion(
        verdicts=[*_on_best(found), *_on_each(found), *_on_smallest(found), _on_five_points(found)],
        compared=_compared(found),
        tables=[_table(found)],
        figures=_figures(found),
        settings={
            "data": f"{len(data.train)} training, {len(data.validation)} validation, {TEST_ROWS:,} test points of "
            f"y = sin(5 (x + 0.082)) with noise of standard deviation {NOISE}",
            "training": "Adam 1e-4, 10,000 epochs, all rows in one batch",
            "test error": f"on noisy points, where the true curve scores {FLOOR:.2f}",
        },
    )


def _compared(found: Sequence[Trained]) -> list[Compared]:
    compared = []
    for hidden, printed in PUBLISHED.items():
        runs = chosen(found, LAST, hidden)
        for i, name in enumerate(("train", "validation", "test")) if runs else ():
            ours = tuple(getattr(item, name) for item in runs)
            item = Compared(net_name(hidden), f"{name} MSE", printed[i] if i < len(printed) else None, ours)
            few = f"too few starts ({len(ours)}): the whole study takes {WHOLE_STARTS}"
            many = f"not explained: none of {len(ours)} starts gives it"
            why = "" if item.place in ("", "inside") else few if len(ours) < WHOLE_STARTS else many
            compared.append(Compared(item.what, item.figure, item.published, ours, why))
    return compared


def _on_best(found: Sequence[Trained]) -> list[str]:
    """Which published network is really best, at the end and with early stopping."""
    said = []
    for kept, when in ((LAST, "after all epochs"), (BEST, "at the early-stopping epoch")):
        ranked = sorted(
            (statistics.median(item.test for item in runs), hidden)
            for hidden in PUBLISHED
            if (runs := chosen(found, kept, hidden))
        )
        if len(ranked) < 2:
            continue
        (_, first), (_, second) = ranked[:2]
        pairs = [
            (a.test, b.test)
            for a in chosen(found, kept, first)
            for b in chosen(found, kept, second)
            if a.run.config.seed == b.run.config.seed
        ]
        wins = sum(a < b for a, b in pairs)
        sure = "in every start" if wins == len(pairs) else f"but only in {wins} of {len(pairs)} starts"
        sure = f"{sure} (too few to decide)" if len(pairs) < FEWEST_STARTS else sure
        listed = ", ".join(f"{net_name(h)} {_span(chosen(found, kept, h))}" for _, h in ranked)
        said.append(
            f"On {TEST_ROWS:,} test points {when}, {net_name(first)} is best, ahead of {net_name(second)} {sure} "
            f"[{listed}; no model beats {FLOOR:.2f}]."
        )
    return said


def _on_each(found: Sequence[Trained]) -> list[str]:
    """Which published network under- and which overfits."""
    said = []
    true_train = error_of_truth(noisy_sine().train)
    for hidden in PUBLISHED:
        last, best = chosen(found, LAST, hidden), chosen(found, BEST, hidden)
        runs = last or best
        if not runs:
            continue
        name, losses = net_name(hidden), _span(runs, "train")
        ratio = harm(last, best)
        if underfits(runs):
            said.append(f"{name} underfits: its training loss ({losses}) stays above the noise ({FLOOR:.2f}).")
        elif fits_noise(runs):
            text = (
                f"{name} fits the noise: its training loss ({losses}) is below the {true_train:.4f} of the true curve"
            )
            if ratio is None:
                said.append(f"{text}.")
            elif ratio > HARM:
                said.append(f"{text}, and training past the early-stopping epoch harms: test error × {ratio:.2f}.")
            else:
                said.append(
                    f"{text}, but training on to the end does not harm: test error × {ratio:.2f} from the "
                    "early-stopping epoch."
                )
        else:
            said.append(
                f"{name} neither underfits nor fits the noise in every start: its training loss is {losses}, that of "
                f"the true curve {true_train:.4f}."
            )
    return said


def _on_smallest(found: Sequence[Trained]) -> list[str]:
    """Why the smallest network underfits: too few units, too few epochs, or units that do nothing."""
    hidden = next(iter(PUBLISHED))
    faster = chosen(found, FASTER, hidden)
    if not faster:
        return []
    kinks = [item.kinks for item in faster]
    losses = _span(faster, "train")
    if underfits(faster):
        text = f"Ten times the rate does not help {net_name(hidden)} in any start (training loss {losses})"
    elif max(i.train for i in faster) <= FLOOR:
        return [
            f"{net_name(hidden)} underfits for want of steps: ten times the rate gives a training loss of {losses}."
        ]
    else:
        helped = sum(item.train <= FLOOR for item in faster)
        text = (
            f"Ten times the rate helps {net_name(hidden)} in {helped} of {len(faster)} starts (training loss {losses})"
        )
    return [f"{text}: of its {hidden[0]} units only {min(kinks)} … {max(kinks)} bend the curve inside the data."]


def _on_five_points(found: Sequence[Trained]) -> str:
    validation = noisy_sine().validation
    lucky = error_of_truth(validation)
    text = (
        f"The {len(validation)} validation points mislead: the true curve itself scores {lucky:.4f} there, "
        f"{FLOOR / lucky:.0f} times less than on many points"
        if lucky < FLOOR / 2
        else f"The {len(validation)} validation points are fair: the true curve scores {lucky:.4f} there"
    )
    runs = {hidden: chosen(found, LAST, hidden) or chosen(found, BEST, hidden) for hidden in PUBLISHED}
    by_validation, by_test = (
        sorted(
            (hidden for hidden, items in runs.items() if items),
            key=lambda hidden: statistics.median(getattr(item, figure) for item in runs[hidden]),
        )
        for figure in ("validation", "test")
    )
    agrees = "they rank the networks as the test points do" if by_validation == by_test else "they rank them otherwise"
    return f"{text}; {agrees} ({', '.join(map(net_name, by_validation))})."


def _table(found: Sequence[Trained]) -> Table:
    columns = (
        "network",
        "parameters",
        "kept",
        "starts",
        "epoch",
        "train",
        "test",
        "min … max",
        "true curve",
    )
    rows: list[Sequence[Cell]] = []
    for hidden in networks(found):
        for kept in (LAST, BEST, FASTER):
            runs = chosen(found, kept, hidden)
            if runs:
                epochs = [item.run.card.best_epoch if kept == BEST else item.run.card.epochs for item in runs]
                medians = [
                    statistics.median(getattr(item, figure) for item in runs) for figure in ("train", "test", "clean")
                ]
                rows.append(
                    (
                        net_name(hidden),
                        count_parameters(hidden),
                        _SHORT[kept],
                        len(runs),
                        round(statistics.median(epochs)),
                        *medians[:2],
                        _span(runs),
                        medians[2],
                    )
                )
    note = (
        "Mean squared errors with the weights of the last or of the best epoch (by validation loss), medians over "
        f"starts; last column: against the true curve. On the noisy test points that curve scores {FLOOR:.2f}."
    )
    return Table("Capacity and error", columns, rows, note)


def _figures(found: Sequence[Trained]) -> list[PageFigure]:
    data = noisy_sine()
    points = {
        "training points": Points(data.train.features[:, 0], data.train.targets[:, 0]),
        "validation points": Points(data.validation.features[:, 0], data.validation.targets[:, 0]),
    }
    fits = [FitPanel("the data")]
    losses = []
    for hidden in PUBLISHED:
        kinds = {"after all epochs": chosen(found, LAST, hidden), "early stopping": chosen(found, BEST, hidden)}
        fits.append(FitPanel(net_name(hidden), {k: _curves(runs[:5]) for k, runs in kinds.items() if runs}))
        first = next((runs[0] for runs in kinds.values() if runs), None)
        if first is not None:
            losses.append(_loss_panel(first.run, chosen(found, WATCHED, hidden)))
    drawn = "Loss curves of the first start; the diamond is the early-stopping epoch"
    figures = [
        PageFigure(
            "Data, and what the networks make of them (up to five starts each)",
            fit_panels(fits, DRAWN, truth(DRAWN), NOISE, points),
        ),
        PageFigure(f"{drawn}. Axis as published", loss_panels(losses, log=False, top=0.6)),
        PageFigure(f"{drawn}. On a logarithmic axis, which shows what happens below the noise", loss_panels(losses)),
    ]
    caption = "Capacity against error: a mark for each start, lines through the medians"
    marks = "On points without noise, where the price of training on is easier to see"
    return [
        *figures,
        PageFigure(caption, _sweep(found, "test", ("noise floor of the test error", FLOOR))),
        PageFigure(f"{caption}. {marks}", _sweep(found, "clean", None)),
    ]


def _sweep(found: Sequence[Trained], figure: str, floor: tuple[str, float] | None) -> Figure:
    """Error on the test points with or without their noise, and training loss, against the parameters."""
    nets = networks(found)
    where = "test" if figure == "test" else "true curve"
    series = {
        label: [np.array([getattr(item, name) for item in chosen(found, kept, hidden)]) for hidden in nets]
        for label, kept, name in (
            (f"{where}, after all epochs", LAST, figure),
            (f"{where}, early stopping", BEST, figure),
            ("training, after all epochs", LAST, "train"),
        )
        if chosen(found, kept)
    }
    names, sizes = [net_name(hidden) for hidden in nets], [count_parameters(hidden) for hidden in nets]
    return capacity_sweep(names, sizes, series, floor=floor, ylabel="mean squared error")


def _curves(runs: Sequence[Trained]) -> np.ndarray:
    """What each start makes of the line: (starts, m)."""
    return np.stack([item.run.load_model().predict(DRAWN[:, None])[:, 0] for item in runs])


def _loss_panel(run: Run, watched: Sequence[Trained]) -> LossPanel:
    """Of one start; with the expected test error where it was watched: that against the true curve and the noise."""
    epochs, train, validation = (
        np.array([getattr(row, name) for row in run.history]) for name in ("epoch", "train_loss", "validation_loss")
    )
    same = [item for item in watched if item.run.config.seed == run.config.seed]
    others = {}
    if same:
        others["expected test error"] = FLOOR + np.array([row.validation_loss for row in same[0].run.history])
    best = int(np.argmin(validation))
    return LossPanel(net_name(run.config.hidden), epochs, train, validation, {"noise": FLOOR}, best, others)


def _span(runs: Sequence[Trained], figure: str = "test") -> str:
    """Smallest and largest of several starts."""
    values = [getattr(item, figure) for item in runs]
    return f"{min(values):.4f}" if len(values) == 1 else f"{min(values):.4f} … {max(values):.4f}"
