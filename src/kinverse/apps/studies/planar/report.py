"""The page of the planar study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kinverse.apps.report.page import PageFigure
from kinverse.apps.studies.planar.findings import NO_FLOOR, STEP, UNTRAINED, Findings, Trained
from kinverse.apps.studies.planar.runs import PLANAR, QUICK_EPOCHS, ModelVariant, rows
from kinverse.apps.studies.study import Compared, Conclusion
from kinverse.apps.studies.texts import Texts
from kinverse.learning.evaluation.scores import BEST_REACHABLE, CONSTANT_ANSWER
from kinverse.plotting.dot_plot import dot_plot
from kinverse.plotting.losses import LossPanel, loss_curves
from kinverse.plotting.plane import PlanePanel, plane_errors
from kinverse.tables import Cell, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TEXTS = Texts("planar", quick_epochs=QUICK_EPOCHS, untrained=UNTRAINED)
VARIANTS: tuple[ModelVariant, ...] = ("as published", "as specified", "remedied")


def report(found: Findings) -> Conclusion:
    """Published figures beside ours, what stopped models 4 to 6, and whether the remedies help."""
    tables = [losses_table(found), diagnosis_table(found)]
    if found.untrained:
        tables.append(untrained_table(found))
    return Conclusion(
        sentences=TEXTS.items("findings", found),
        compared=compared(found),
        tables=tables,
        figures=figures(found),
        settings={"data": TEXTS.paragraph("data", rows())},
        caution=TEXTS.paragraph("caution"),
    )


def compared(found: Findings) -> list[Compared]:
    """The published losses beside ours.

    The published script logs the training loss before a step and the validation loss after it, so its validation loss
    of epoch e is ours of epoch e + 1. A ratio is given at epoch 0 only, to the many untrained networks: at the end the
    loss jumps from epoch to epoch, so the published one is compared with the range of the last tenth of our epochs.
    """
    items = []
    for number, group in found.published.items():
        histories = [run.history for run in group.runs]
        ours: dict[str, Iterable[float]] = {
            "train loss, epoch 0": [h.train_loss[0] for h in histories],
            "validation loss, epoch 0": [h.validation_loss[1] for h in histories],
            "final train loss": np.concatenate([run.history.train_loss[run.last] for run in group.runs]),
            "final validation loss": np.concatenate([run.history.validation_loss[run.last] for run in group.runs]),
        }
        for figure, values in ours.items():
            published = PLANAR[number].published[figure]
            item = Compared(f"model {number}", f"{figure} [m²]", published, tuple(map(float, values)), starts=())
            if figure.endswith("epoch 0"):
                item = replace(item, starts=tuple(map(float, found.untrained[number].losses)))
                why = TEXTS.paragraph("start_explained", found.untrained[number], published)
            else:
                why = TEXTS.paragraph("end_explained", item, group)
            items.append(item.explain(why).unless(found.quick))
    return items


def losses_table(found: Findings) -> Table:
    """Final losses of every variant of every model."""
    rows: list[tuple[Cell, ...]] = []
    for group in found.groups.values():
        rate, ends = float(group.runs[0].history.learning_rate[-1]), group.ends
        losses = (group.final, min(ends), max(ends), group.best, group.floor)
        rows.append((f"model {group.model}", group.variant, len(ends), rate, *losses))
    columns = (
        "", "variant", "starts", "last rate", "final validation loss, median", "min", "max", "best, median", "floor",
    )  # fmt: skip
    return Table("Losses of every variant [m²]", columns, rows)


def diagnosis_table(found: Findings) -> Table:
    """The diagnosis of every run, made from the run alone."""
    rows: list[tuple[Cell, ...]] = []
    for group in found.groups.values():
        label, total = (f"model {group.model}", group.variant), len(group.runs)
        for cause, count in group.causes.items():
            finding = next(f for run in group.runs for f in run.diagnosis.findings if f.cause == cause)
            rows.append((*label, f"{count} of {total}", cause, finding.evidence, finding.remedy))
        if not group.causes:
            rows.append((*label, f"{total} of {total}", "nothing found", None, None))
    columns = ("", "variant", "starts", "diagnosis", "evidence (first of them)", "remedy")
    return Table("Diagnosis, from each run alone", columns, rows)


def untrained_table(found: Findings) -> Table:
    """Where the published loss at epoch 0 lies among those of untrained networks."""
    rows: list[tuple[Cell, ...]] = []
    for number, untrained in found.untrained.items():
        below = f"{100.0 * untrained.below(untrained.published):.1f} %"
        spread = np.percentile(untrained.losses, (0, 50, 100)).tolist()
        rows.append((f"model {number}", untrained.published, below, float(untrained.losses[0]), *spread))
    columns = ("", "published [m²]", "of our starts below it", "seed 0", "min", "median", "max")
    note = TEXTS.paragraph("untrained_note", UNTRAINED, STEP)
    return Table("Losses of untrained networks [m²]", columns, rows, note)


def figures(found: Findings) -> list[PageFigure]:
    """Losses and predictions of seed 0 for each variant, then the final losses of all starts."""
    drawn = []
    for variant in VARIANTS:
        first = {group.model: group.runs[0] for group in found.groups.values() if group.variant == variant}
        if first:
            text = TEXTS.paragraph("variant", variant)
            drawn.append(PageFigure(f"Losses, seed 0, {text}", losses_figure(first)))
            caption = f"Predictions on the 10 × 10 grid and one pose, seed 0, {text}"
            drawn.append(PageFigure(caption, plane_figure(first)))
    drawn.append(PageFigure(TEXTS.paragraph("ends_caption", found.quick), ends_figure(found)))
    return drawn


def title_of(number: int, run: Trained) -> str:
    """A model and the settings that set it apart."""
    config = run.config
    angle = "" if config.model.max_angle is None else f", ±{config.model.max_angle:.3g} rad"
    return f"model {number}: {'-'.join(map(str, config.model.hidden))}{angle}, rate {config.optimiser.learning_rate:g}"


def losses_figure(runs: Mapping[int, Trained]) -> Figure:
    """Losses of each model, with the floors that the run was evaluated against."""
    panels = []
    for number, run in runs.items():
        floors = {CONSTANT_ANSWER: run.constant, BEST_REACHABLE: run.best_reachable}
        shown = {name: value for name, value in floors.items() if value > NO_FLOOR}
        panels.append(LossPanel.of(title_of(number, run), run.history, shown))
    return loss_curves(panels, ylabel="MSE loss [m²]")


def plane_figure(runs: Mapping[int, Trained]) -> Figure:
    """The published 10 × 10 grid, what each model reaches, and the arm in one of the poses."""
    panels = []
    for number, run in runs.items():
        assert run.plane is not None
        bound, plane = run.config.model.max_angle, run.plane
        disc = 1.0 if bound is not None and bound <= np.pi / 2 + 1e-9 else None
        title = title_of(number, run)
        panels.append(PlanePanel(title, plane.targets, plane.reached, unreachable=disc, arm=plane.chain))
    return plane_errors(panels, square=(0.0, 2.0))


def ends_figure(found: Findings) -> Figure:
    """Final validation loss of every start."""
    groups: dict[str, dict[str, list[float]]] = {}
    floors, published = {}, {}
    for group in found.groups.values():
        label = f"model {group.model}"
        groups.setdefault(label, {})[group.variant] = group.ends
        published[label] = PLANAR[group.model].published["final validation loss"]
        if group.variant == "as published" and group.floor is not None:
            floors[label] = group.floor
    marks = {"published": {} if found.quick else published, "best reachable as published": floors}
    return dot_plot(groups, "validation MSE loss at the end [m²]", marks={k: v for k, v in marks.items() if v})
