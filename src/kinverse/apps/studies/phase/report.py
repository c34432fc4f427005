"""The page of the phase study."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kinverse.apps.report.page import PageFigure
from kinverse.apps.studies.phase.findings import (
    DOUBLE_SOFTMAX_FLOOR,
    PRINTED,
    PUBLISHED,
    SPANS,
    UNINFORMED,
    Findings,
    Start,
)
from kinverse.apps.studies.phase.runs import ALL_STARTS, PHASES, TRAIN_ROWS, NetworkVariant, held_out, points
from kinverse.apps.studies.study import Compared, Conclusion
from kinverse.apps.studies.texts import Texts, span
from kinverse.learning.evaluation.metrics import proportion_interval
from kinverse.plotting.losses import LossPanel, loss_curves
from kinverse.plotting.regions import RegionPanel, confusion_matrices, decision_regions
from kinverse.tables import Cell, Table

TEXTS = Texts(
    "phase",
    floor=DOUBLE_SOFTMAX_FLOOR,
    uninformed=UNINFORMED,
    printed=PRINTED,
    chosen=2 * len(PUBLISHED),
    all_starts=ALL_STARTS,
    total=len(points()),
    held_out=len(points()) - TRAIN_ROWS,
)
ENDS: tuple[NetworkVariant, ...] = ("as published", "corrected")
"""The variants whose regions and confusion are drawn."""


def report(found: Findings) -> Conclusion:
    """Losses beside the published ones, accuracy with points left out, regions and confusion."""
    return Conclusion(
        sentences=sentences(found),
        compared=compared(found.published, found.quick),
        tables=[variants_table(found)],
        figures=figures(found),
        settings={
            "network": "2-16-16-3, ReLU",
            "training": "Adam 0.001, all rows in one batch",
            "printed epoch e": TEXTS.paragraph("printed_epoch"),
        },
        caution=TEXTS.paragraph("caution"),
    )


def sentences(found: Findings) -> list[str]:
    """What follows from the findings."""
    inside = sum(item.place == "inside" for item in compared(found.published))
    few = len(points()) - TRAIN_ROWS
    best = max(start.held_out_accuracy for start in found.every_start)
    return TEXTS.items("findings", found, inside, proportion_interval(round(best * few), few))


def compared(starts: Sequence[Start], quick: bool = False) -> list[Compared]:
    """Printed losses, and the best epoch, which is not printed, of the random starts; empty without starts."""
    if not starts:
        return []
    losses = [start.printed_losses for start in starts]
    items = [
        Compared(f"epoch {epoch}", f"{name} loss", published, tuple(of_start[epoch][i] for of_start in losses))
        for epoch, pair in PUBLISHED.items()
        for i, (name, published) in enumerate(zip(("training", "validation"), pair, strict=True))
    ]
    best = tuple(float(start.best_epoch) for start in starts)
    items.append(Compared("best epoch", "by validation loss", None, best))
    why = TEXTS.paragraph("outside", len(starts))
    return [item.explain(why).unless(quick) for item in items]


def variants_table(found: Findings) -> Table:
    """Losses and accuracies of every variant."""
    columns = (
        "variant", "starts", "training loss, last", "validation loss, last", "accuracy on the 8 held-out points",
        f"correct with {found.part} left out", "accuracy", "95 % interval",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for variant, unseen in found.unseen.items():
        starts = found.starts.get(variant, ())
        on_split: tuple[Cell, ...] = (None,) * 4
        if starts:
            accuracies = span([start.held_out_accuracy for start in starts], ".0%")
            train = span([start.history.train_loss[-1] for start in starts])
            validation = span([start.history.validation_loss[-1] for start in starts])
            on_split = (len(starts), train, validation, accuracies)
        low, high = unseen.interval
        score = f"{unseen.score} of {len(unseen.correct)}"
        rows.append((variant, *on_split, score, unseen.accuracy, f"{low:.2f} … {high:.2f}"))
    note = TEXTS.paragraph("variants_note")
    return Table("The two flaws, alone and together", columns, rows, note)


def figures(found: Findings) -> list[PageFigure]:
    """Losses of one start of each variant; regions and confusion of the published and the corrected one."""
    classes, is_held_out = points().targets[:, 0].astype(int), held_out()
    shown = {variant: starts[0] for variant, starts in found.starts.items()}
    if found.published:
        shown["as published"] = found.nearest
    ends = {variant: shown[variant] for variant in ENDS if variant in shown}
    floor = {"floor of a double softmax": DOUBLE_SOFTMAX_FLOOR}
    panels = [LossPanel.of(v, start.history, floor if start.double_softmax else {}) for v, start in shown.items()]
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
            f"Confusion when {found.part} is left out: each point is classified by a network that was not trained "
            "on it",
            confusion_matrices(confusions, PHASES),
        ),
    ]
