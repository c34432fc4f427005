"""The report page of a trained model: settings, diagnosis, losses, scores and figures."""

from __future__ import annotations

from pathlib import Path

from kinverse import __version__
from kinverse.apps.report.interactive import interactive_arm
from kinverse.apps.report.model_figures import ModelFigures
from kinverse.apps.report.page import Page, PageFigure, render
from kinverse.errors import cannot_write
from kinverse.files import write_atomic
from kinverse.learning.data.dataset import SPLITS, Dataset
from kinverse.learning.diagnosis.finding import Diagnosis
from kinverse.learning.diagnosis.reach import reachability
from kinverse.learning.evaluation.scores import NETWORK, Report
from kinverse.learning.trained import Model
from kinverse.plotting.reach import reach_figure

MIN_LOSSES = 2
"""Number of measured epochs needed to draw the losses."""


def write_model_report(
    model: Model, report: Report, dataset: Dataset, path: Path, diagnosis: Diagnosis | None = None
) -> Path:
    """Write the report page of a model.

    Args:
        model: the model.
        report: the evaluation to show.
        dataset: the rows that were evaluated.
        path: the HTML file.
        diagnosis: the diagnosis of the training, or None.

    Returns:
        The file.

    Raises:
        ConfigError: the file cannot be written.
    """
    page = render(model_page(model, report, dataset, diagnosis))
    try:
        write_atomic(path, page)
    except OSError as problem:
        raise cannot_write(path, problem) from None
    return path


def model_page(model: Model, report: Report, dataset: Dataset, diagnosis: Diagnosis | None = None) -> Page:
    """The report page of a model; see `write_model_report`."""
    figures = ModelFigures(model, dataset)
    return Page(
        title=f"Report: {model.name}",
        subtitle=model.manifest.source,
        settings=_settings(model),
        tables=[*([] if diagnosis is None else diagnosis.tables), *model.tables(report), model.weights_table],
        figures=[*_reach_figures(model, dataset, diagnosis), *_figures(figures, report)],
        interactive=interactive_arm(model, figures.square),
        warnings=report.warnings,
        footer=f"kinverse {__version__}",
    )


def _settings(model: Model) -> dict[str, str]:
    """Data, arm and training, then all settings with a value."""
    rows = model.manifest.rows
    counts = ", ".join(f"{rows[split]} {split}" for split in SPLITS if split in rows)
    settings = {"data": f"{model.manifest.name} ({counts})"}
    if model.arm is not None:
        settings["arm"] = f"{model.arm.name} ({model.arm.dof} joints, fingerprint {model.arm.fingerprint})"
    settings["training"] = model.how_it_ended
    settings["time"] = f"{model.seconds:.1f} s for {model.epochs} epochs"
    unused = () if model.origin.kind == "arm" else ("rows",)  # no rows were drawn
    return settings | {
        name.replace("_", " "): _text(value)
        for name, value in model.config.settings.items()
        if value is not None and name not in unused
    }


def _reach_figures(model: Model, dataset: Dataset, diagnosis: Diagnosis | None) -> list[PageFigure]:
    """The figure of unreachable targets, if the diagnosis found that they limit the training."""
    if diagnosis is None or "reachability floor" not in diagnosis.names:
        return []
    found = reachability(model, model.network.spec, dataset)
    if found is None:
        return []
    return [PageFigure(f"Reachable and unreachable targets with {found.bounds}", reach_figure(found))]


def _figures(figures: ModelFigures, report: Report) -> list[PageFigure]:
    """Figures that fit the model and its report, with captions."""
    model, drawn = figures.model, []
    if len(model.history) >= MIN_LOSSES:
        caption = "Training and validation loss, measured with the same weights; epoch 0 is the untrained network"
        drawn.append(PageFigure(caption, figures.losses(report.floors)))
    scores = report.of(NETWORK).targets
    if scores is not None and scores.r2:
        drawn.append(PageFigure(f"Predicted over actual values, {report.split} rows", figures.parity()))
    encoding = model.network.spec.encoding
    if model.arm is None or encoding is None:
        return drawn
    if encoding == "xy":
        drawn.append(PageFigure("Targets on a grid and the reached positions", figures.plane()))
    caption = f"Position error of the tool, {report.split} rows: share of rows with at most this error"
    drawn.append(PageFigure(caption, figures.position_errors()))
    caption = "Three targets and the predicted configurations"
    drawn.append(PageFigure(caption, figures.configurations()))
    return drawn


def _text(value: object) -> str:
    """A setting as text."""
    if isinstance(value, tuple):
        return ", ".join(map(_text, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
