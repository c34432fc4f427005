"""The page of the options study."""

from __future__ import annotations

import statistics

from kinverse.apps.report.page import PageFigure
from kinverse.apps.studies.options.findings import Findings
from kinverse.apps.studies.options.layers import layer_gallery
from kinverse.apps.studies.options.runs import BASE, CAPACITIES, LEARNING_RATES, grid
from kinverse.apps.studies.study import Conclusion
from kinverse.apps.studies.texts import Texts
from kinverse.plotting.dot_plot import dot_plot
from kinverse.plotting.losses import LossPanel, loss_curves
from kinverse.plotting.shapes import activation_shapes, loss_shapes
from kinverse.tables import Cell, Table

TEXTS = Texts("options")
PLURALS = {"loss": "losses", "layers": "layers"}
"""Settings whose plural is not made by an s."""


def report(found: Findings) -> Conclusion:
    """Errors of every option, setting by setting."""
    return Conclusion(
        sentences=TEXTS.items("findings", found),
        tables=[options_table(found), splits_table(found), layer_gallery()],
        figures=figures(found),
        settings={"task": grid().manifest.source, "base": TEXTS.paragraph("base", BASE)},
    )


def options_table(found: Findings) -> Table:
    """Every option with its errors."""
    rows: list[tuple[Cell, ...]] = []
    for setting, options in found.tried.items():
        for tried in options:
            errors, starts = tried.validation_mm, len(tried.validation_mm)
            spread = f"{min(errors):.3g} … {max(errors):.3g}" if starts > 1 else None
            failed = f"{tried.failed} of {starts}" if tried.failed else None
            rows.append((setting, tried.option, tried.median, spread, statistics.median(tried.test_mm), failed))
    columns = ("setting", "option", "validation, median [mm]", "min … max", "test, median [mm]", "failed with NaN")
    return Table("Every option on the same task", columns, rows, TEXTS.paragraph("options_note"))


def splits_table(found: Findings) -> Table:
    """The purpose of each split, and the errors of what was selected on one of them."""
    selected = found.selected
    rows: list[tuple[Cell, ...]] = [
        ("train", "weights and scalers are fitted on it", None, None),
        ("validation", TEXTS.paragraph("selection", selected), selected.validation_mm, None),
        ("test", "looked at once, at the end; nothing is selected on it", None, selected.test_mm),
    ]
    columns = (
        "split", "purpose", "error of the selected one, on which it was selected [mm]",
        "error on which nothing was selected [mm]",
    )  # fmt: skip
    return Table("Three splits", columns, rows, TEXTS.paragraph("splits_note", selected))


def figures(found: Findings) -> list[PageFigure]:
    """Errors of every option, losses of rates and capacities, shapes of losses and activations."""
    drawn = []
    for setting, options in found.tried.items():
        name = PLURALS.get(setting, f"{setting}s")
        dots = {t.option: {"validation rows": t.validation_mm, "test rows": t.test_mm} for t in options}
        figure = dot_plot(dots, "root mean square error of the tool [mm]", title=name)
        drawn.append(PageFigure(f"{name.capitalize()}: error of the tool for every option", figure))
    accuracies = {loss: {"test rows": [100.0 * share for share in shares]} for loss, shares in found.classes.items()}
    rates = [LossPanel.of(f"{name}: {LEARNING_RATES[name]:g}", history) for name, history in found.rates.items()]
    capacities = [
        LossPanel.of(f"{name}: {'-'.join(map(str, CAPACITIES[name]))}", history)
        for name, history in found.capacities.items()
    ]
    return [
        *drawn,
        PageFigure(
            "Losses for classes: share of test rows that are correct", dot_plot(accuracies, "correct [%]", log=False)
        ),
        PageFigure("Learning rate: too small, right, too large", loss_curves(rates, ylabel="MSE loss [m²]")),
        PageFigure("Underfitting, overfitting and where to stop", loss_curves(capacities, ylabel="MSE loss [m²]")),
        PageFigure("Loss shapes: the loss of one error, and its slope", loss_shapes()),
        PageFigure("Activations, and their slopes", activation_shapes()),
    ]
