"""The page of the phase study."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kinverse.apps.report.page import PageFigure
from kinverse.apps.studies.losses import loss_panel
from kinverse.apps.studies.phase.data import PHASES, TRAIN_ROWS, held_out, points
from kinverse.apps.studies.phase.findings import (
    CLOSE,
    DOUBLE_SOFTMAX_FLOOR,
    PUBLISHED,
    PUBLISHED_BEST,
    SPANS,
    UNINFORMED,
    Findings,
    Start,
)
from kinverse.apps.studies.phase.runs import ALL_STARTS, NetworkVariant
from kinverse.apps.studies.study import Compared, Conclusion
from kinverse.apps.studies.texts import Texts, span
from kinverse.learning.evaluation.metrics import proportion_interval
from kinverse.plotting.losses import loss_curves
from kinverse.plotting.regions import RegionPanel, confusion_matrices, decision_regions
from kinverse.tables import Cell, Table

TEXTS = Texts("phase")
ENDS: tuple[NetworkVariant, ...] = ("as published", "corrected")
"""The variants whose regions and confusion are drawn."""


def report(found: Findings) -> Conclusion:
    """Losses beside the published ones, accuracy with points left out, regions and confusion."""
    part = left_out_part(found)
    return Conclusion(
        sentences=sentences(found),
        compared=compared(found.published),
        tables=[variants_table(found, part)],
        figures=figures(found, part),
        settings={
            "network": "2-16-16-3, ReLU",
            "training": "Adam 0.001, all rows in one batch",
            "printed epoch e": TEXTS.paragraph("printed_epoch"),
        },
    )


def left_out_part(found: Findings) -> str:
    """What is left out at a time."""
    return "one point" if found.folds == len(points()) else f"one of {found.folds} parts"


def sentences(found: Findings) -> list[str]:
    """What follows from the findings."""
    inside = sum(item.place == "inside" for item in compared(found.published)[:-1])  # the last one is no loss
    few = len(points()) - TRAIN_ROWS
    best_interval = proportion_interval(round(max(found.held_out_accuracies) * few), few)
    losses = (inside, 2 * len(PUBLISHED), CLOSE, DOUBLE_SOFTMAX_FLOOR)
    return TEXTS.items("findings", found, *losses, few, best_interval, left_out_part(found), len(points()))


def compared(starts: Sequence[Start]) -> list[Compared]:
    """The printed losses and the best epoch beside those of the random starts; empty without starts."""
    if not starts:
        return []
    losses = [start.printed_losses for start in starts]
    items = [
        Compared(f"epoch {epoch}", f"{name} loss", published, tuple(of_start[epoch][i] for of_start in losses))
        for epoch, pair in PUBLISHED.items()
        for i, (name, published) in enumerate(zip(("training", "validation"), pair, strict=True))
    ]
    best = tuple(float(start.best_printed_epoch) for start in starts)
    items.append(Compared("best epoch", "by validation loss", float(PUBLISHED_BEST), best))
    why = TEXTS.paragraph("outside", len(starts), ALL_STARTS)
    return [item.explain(why) for item in items]


def variants_table(found: Findings, part: str) -> Table:
    """Losses and accuracies of every variant."""
    columns = (
        "variant", "starts", "training loss, last", "validation loss, last", "accuracy on the 8 held-out points",
        f"correct with {part} left out", "accuracy", "95 % interval",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for variant, unseen in found.unseen.items():
        starts = found.starts.get(variant, ())
        on_split: tuple[Cell, ...] = (None,) * 4
        if starts:
            accuracies = span([start.held_out_accuracy for start in starts], ".0%")
            train, validation = ([getattr(s, f"last_{n}_loss") for s in starts] for n in ("train", "validation"))
            on_split = (len(starts), span(train), span(validation), accuracies)
        low, high = unseen.interval
        score = f"{unseen.score} of {len(unseen.correct)}"
        rows.append((variant, *on_split, score, unseen.accuracy, f"{low:.2f} … {high:.2f}"))
    note = TEXTS.paragraph("variants_note", UNINFORMED, DOUBLE_SOFTMAX_FLOOR)
    return Table("The two flaws, alone and together", columns, rows, note)


def figures(found: Findings, part: str) -> list[PageFigure]:
    """Losses of one start of each variant; regions and confusion of the published and the corrected one."""
    classes, is_held_out = points().targets[:, 0].astype(int), held_out()
    shown = {variant: starts[0] for variant, starts in found.starts.items()}
    if found.published:
        shown["as published"] = min(found.published, key=lambda start: start.distance)
    ends = {variant: shown[variant] for variant in ENDS if variant in shown}
    floor = {"floor of a double softmax": DOUBLE_SOFTMAX_FLOOR}
    panels = [loss_panel(v, start.history, floor if start.double_softmax else {}) for v, start in shown.items()]
    regions = [
        RegionPanel(variant, start.regions, points().features, classes, is_held_out)
        for variant, start in ends.items()
        if start.regions is not None
    ]
    confusions: dict[str, np.ndarray] = {
        variant: unseen.confusion for variant, unseen in found.unseen.items() if variant in ends
    }
    return [
        PageFigure(
            TEXTS.paragraph("losses_caption", {variant: start.seed for variant, start in shown.items()}),
            loss_curves(panels, columns=2, ylabel="cross-entropy"),
        ),
        PageFigure(
            "Decision regions, trained on the published split; the eight held-out points are ringed",
            decision_regions(regions, PHASES, SPANS, ("temperature [K]", "pressure [atm]")),
        ),
        PageFigure(
            f"Confusion when {part} is left out: each point is classified by a network that was not trained on it",
            confusion_matrices(confusions, PHASES),
        ),
    ]
