"""The page of the complexity study."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kinverse.apps.report.page import PageFigure
from kinverse.apps.studies.complexity.findings import DRAWN, Findings
from kinverse.apps.studies.complexity.runs import (
    ALL_STARTS,
    FLOOR,
    NOISE,
    PUBLISHED,
    SMALLEST,
    Hidden,
    Weights,
    count_parameters,
    error_of_truth,
    net_name,
    noisy_sine,
    truth,
)
from kinverse.apps.studies.study import Compared, Conclusion
from kinverse.apps.studies.texts import Texts, span
from kinverse.plotting.fits import FitPanel, Points, capacity_sweep, fit_panels
from kinverse.plotting.losses import LossPanel, loss_curves
from kinverse.tables import Cell, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROWS = noisy_sine()
TEXTS = Texts(
    "complexity",
    rows=ROWS,
    noise=NOISE,
    floor=FLOOR,
    smallest=SMALLEST,
    all_starts=ALL_STARTS,
    true_train=error_of_truth(ROWS.train),
    true_validation=error_of_truth(ROWS.validation),
)
LABELS: dict[Weights, str] = {"last weights": "last", "best epoch": "best", "ten times the rate": "last, 10 × rate"}


def report(found: Findings) -> Conclusion:
    """Errors of every network on the test points, and which of them over- and underfit."""
    return Conclusion(
        sentences=TEXTS.items("findings", found),
        compared=compared(found),
        tables=[errors_table(found)],
        figures=figures(found),
        settings={
            "data": TEXTS.paragraph("data"),
            "training": "Adam 1e-4, 10,000 epochs, all rows in one batch",
            "test error": TEXTS.paragraph("test_error"),
        },
    )


def compared(found: Findings) -> list[Compared]:
    """The printed losses beside those of the random starts; nobody has published a test error."""
    items = []
    for hidden, printed in PUBLISHED.items():
        runs = found.chosen("last weights", hidden)
        if not runs:
            continue
        for name, published in zip(("train", "validation", "test"), (*printed, None), strict=True):
            ours = tuple(getattr(item, name) for item in runs)
            why = TEXTS.paragraph("outside", len(ours))
            items.append(Compared(net_name(hidden), f"{name} MSE", published, ours).explain(why).unless(found.quick))
    return items


def errors_table(found: Findings) -> Table:
    """Errors by capacity and by the weights kept."""
    rows: list[tuple[Cell, ...]] = []
    for hidden in found.networks:
        for weights, label in LABELS.items():
            runs = found.chosen(weights, hidden)
            if runs:
                epoch = round(statistics.median(item.epoch for item in runs))
                train, test, clean = (
                    statistics.median(getattr(item, name) for item in runs) for name in ("train", "test", "clean")
                )
                spread = span([item.test for item in runs])
                size = (net_name(hidden), count_parameters(hidden))
                rows.append((*size, label, len(runs), epoch, train, test, spread, clean))
    columns = ("network", "parameters", "kept", "starts", "epoch", "train", "test", "min … max", "true curve")
    return Table("Capacity and error", columns, rows, TEXTS.paragraph("table_note"))


def figures(found: Findings) -> list[PageFigure]:
    """Curves over the data, losses on both kinds of axes, and errors against capacity."""
    points = {
        "training points": Points(ROWS.train.features[:, 0], ROWS.train.targets[:, 0]),
        "validation points": Points(ROWS.validation.features[:, 0], ROWS.validation.targets[:, 0]),
    }
    fits = [FitPanel("the data"), *(fit_panel(found, hidden) for hidden in PUBLISHED)]
    losses = [panel for panel in (losses_panel(found, hidden) for hidden in PUBLISHED) if panel is not None]
    drawn = "Loss curves of the first start; the diamond is the early-stopping epoch"
    sweep = "Capacity against error: a mark for each start, lines through the medians"
    return [
        PageFigure(
            "Data, and the curves of the networks (up to five starts each)",
            fit_panels(fits, DRAWN, truth(DRAWN), NOISE, points),
        ),
        PageFigure(f"{drawn}. Axis as published", loss_curves(losses, log=False, top=0.6)),
        PageFigure(f"{drawn}. On a logarithmic axis, which shows the losses below the noise", loss_curves(losses)),
        PageFigure(sweep, sweep_figure(found, "test")),
        PageFigure(
            f"{sweep}. On points without noise, where the price of further training is easier to see",
            sweep_figure(found, "clean"),
        ),
    ]


def fit_panel(found: Findings, hidden: Hidden) -> FitPanel:
    """Curves of up to five starts of a network, of each kind of weights."""
    kinds = {
        "after all epochs": found.chosen("last weights", hidden),
        "early stopping": found.chosen("best epoch", hidden),
    }
    curves = {
        kind: np.stack([item.curve for item in runs[:5] if item.curve is not None])
        for kind, runs in kinds.items()
        if runs
    }
    return FitPanel(net_name(hidden), curves)


def losses_panel(found: Findings, hidden: Hidden) -> LossPanel | None:
    """Losses of a network's first start; where it was watched, also its expected test error: the noise is added."""
    runs = found.either(hidden)
    if not runs or runs[0].history is None:
        return None
    others = {}
    for item in found.chosen("watched", hidden):
        if item.key.seed == runs[0].key.seed and item.history is not None:
            others["expected test error"] = FLOOR + item.history.validation_loss
    return LossPanel.of(net_name(hidden), runs[0].history, {"noise": FLOOR}, others)


def sweep_figure(found: Findings, figure: str) -> Figure:
    """Error on the test points with ("test") or without ("clean") their noise, and training loss, by parameters."""
    label = "test" if figure == "test" else "true curve"
    lines: Sequence[tuple[str, Weights, str]] = (
        (f"{label}, after all epochs", "last weights", figure),
        (f"{label}, early stopping", "best epoch", figure),
        ("training, after all epochs", "last weights", "train"),
    )
    series = {
        text: [np.array([getattr(item, name) for item in found.chosen(weights, h)]) for h in found.networks]
        for text, weights, name in lines
        if found.chosen(weights)
    }
    names, sizes = map(net_name, found.networks), map(count_parameters, found.networks)
    floor = ("noise floor of the test error", FLOOR) if figure == "test" else None
    return capacity_sweep(list(names), list(sizes), series, floor=floor, ylabel="mean squared error")
