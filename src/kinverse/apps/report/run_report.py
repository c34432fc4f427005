"""The report page of a training: settings, losses, scores, figures and warnings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from kinverse import __version__
from kinverse.apps.report.interactive import interactive_arm
from kinverse.apps.report.page import Page, PageFigure, render
from kinverse.apps.report.tables import diagnosis_table, loss_name, report_tables, weights_table
from kinverse.errors import ConfigError
from kinverse.files import write_atomic
from kinverse.learning.data.dataset import SPLITS, Dataset
from kinverse.learning.diagnosis.finding import Diagnosis
from kinverse.learning.diagnosis.reach import reachability
from kinverse.learning.evaluation.report import how_it_ended
from kinverse.learning.evaluation.scores import NETWORK, Report
from kinverse.learning.training.run import REPORT, Run
from kinverse.plotting.arms import arm_pose
from kinverse.plotting.error_distribution import error_distribution
from kinverse.plotting.losses import LossPanel, loss_curves
from kinverse.plotting.parity import parity
from kinverse.plotting.plane import PlanePanel, plane_errors
from kinverse.plotting.reach import reach_figure
from kinverse.robot.arm import Arm
from kinverse.robot.encodings import encoding_named

MIN_LOSSES = 2
"""Epochs of which the losses are drawn."""


def write_run_report(
    run: Run, report: Report, dataset: Dataset, out: Path | None = None, diagnosis: Diagnosis | None = None
) -> Path:
    """Write the page of a run.

    Args:
        run: the training.
        report: what was measured.
        dataset: the rows it was measured on.
        out: the HTML file; None: `report.html` in the run's folder.
        diagnosis: what was found in the training, or None.

    Returns:
        The file.

    Raises:
        ConfigError: the file cannot be written.
    """
    path = out or Path(run.folder or "") / REPORT
    page = render(run_page(run, report, dataset, diagnosis))
    try:
        write_atomic(path, page)
    except OSError as problem:
        raise ConfigError(f"{path}: the report cannot be written ({problem.strerror})") from None
    return path


def run_page(run: Run, report: Report, dataset: Dataset, diagnosis: Diagnosis | None = None) -> Page:
    """The page of a run, not yet written."""
    card = run.card
    rows = ", ".join(f"{count} {split}" for split, count in sorted(card.data["rows"].items(), key=_split_order))
    settings = {"data": f"{card.data['name']} ({rows})"}
    if run.arm is not None:
        settings["arm"] = f"{run.arm.name} ({run.arm.dof} joints, fingerprint {card.arm_fingerprint})"
    settings["training"] = how_it_ended(card)
    settings["time"] = f"{card.seconds:.1f} s for {card.epochs} epochs"
    unused = () if run.origin.kind == "arm" else ("rows",)  # nothing was drawn
    settings |= {
        name.replace("_", " "): _text(value)
        for name, value in run.config.to_dict().items()
        if value is not None and name not in unused
    }
    diagnosed = [] if diagnosis is None else [diagnosis_table(diagnosis)]
    return Page(
        title=f"Run {run.name}",
        subtitle=card.data["source"],
        settings=settings,
        tables=[*diagnosed, *report_tables(report, run), weights_table(run)],
        figures=[*_reach_figures(run, dataset, diagnosis), *_figures(run, report, dataset)],
        interactive=interactive_arm(run, _square(dataset)),
        warnings=report.warnings,
        footer=f"kinverse {__version__}",
    )


def loss_figure(run: Run, floors: dict[str, float] | None = None) -> Figure:
    """Both losses over the epochs, with the best epoch and the floors."""
    epochs, train, validation = (
        np.array([getattr(row, name) for row in run.history]) for name in ("epoch", "train_loss", "validation_loss")
    )
    best = int(epochs[np.argmin(validation)])
    return loss_curves(LossPanel("Losses", epochs, train, validation, floors or {}, best), ylabel=loss_name(run))


def parity_figure(run: Run, dataset: Dataset) -> Figure:
    """Actual against predicted for every target column, on the test rows (validation rows where there are none)."""
    table = dataset.test or dataset.validation
    model = run.load_model()
    units = set(dataset.manifest.target_units)
    unit = units.pop() if len(units) == 1 else ""
    return parity(table.targets, model.predict(table.features), model.spec.target_names, unit or "unit")


def plane_figure(run: Run, dataset: Dataset | None = None) -> Figure:
    """Targets and reached positions on the published 10 × 10 grid, scaled to the training square."""
    targets, reached, square = _plane_points(run, dataset)
    return plane_errors(PlanePanel("Targets, and the positions that the arm reaches", targets, reached), square=square)


def pose_figure(run: Run, dataset: Dataset | None = None) -> Figure:
    """The predicted configurations for three targets."""
    arm = _arm_of(run)
    model = run.load_model()
    encoding = encoding_named(str(model.spec.encoding))
    if model.spec.encoding == "xy":
        targets, _, _ = _plane_points(run, dataset)
        features = targets[[22, 55, 77]]
    elif dataset is not None:
        rows = (dataset.test or dataset.validation).features
        # Far apart in the table, since successive rows of a trajectory look alike.
        features = rows[np.unique(np.linspace(0.1 * len(rows), 0.9 * (len(rows) - 1), 3).astype(int))]
    else:
        features = encoding.encode(arm.forward_kinematics(arm.sample(3, seed=1)))
    q = model.predict(features)
    return arm_pose(arm, q, target=encoding.decode(features), title=f"{arm.name}: predicted configurations")


def _reach_figures(run: Run, dataset: Dataset, diagnosis: Diagnosis | None) -> list[PageFigure]:
    """The unreachable targets, if the diagnosis found that they limit the training."""
    if diagnosis is None or "reachability floor" not in diagnosis.names:
        return []
    found = reachability(run, run.load_model().spec, dataset)
    if found is None:
        return []
    return [PageFigure(f"Which targets can be reached with {found.bounds}", reach_figure(found))]


def _figures(run: Run, report: Report, dataset: Dataset) -> list[PageFigure]:
    figures = []
    if len(run.history) >= MIN_LOSSES:
        caption = "Training and validation loss, both measured at the same weights; epoch 0 is the untrained network"
        figures.append(PageFigure(caption, loss_figure(run, report.floors)))
    model = run.load_model()
    table = dataset.test or dataset.validation
    scores = report.of(NETWORK).targets
    if scores is not None and scores.r2:
        figures.append(PageFigure(f"Actual against predicted, {report.split} rows", parity_figure(run, dataset)))
    if run.arm is None or model.spec.encoding is None:
        return figures
    if model.spec.encoding == "xy":
        caption = "Targets on a grid, and the positions that the arm reaches"
        figures.append(PageFigure(caption, plane_figure(run, dataset)))
    targets = encoding_named(model.spec.encoding).decode(table.features)[:, :3, 3]
    reached = run.arm.forward_kinematics(model.predict(table.features))[:, :3, 3]
    errors = 1e3 * np.linalg.norm(reached - targets, axis=1)
    caption = f"Position error of the tool, {report.split} rows: share of rows below each error"
    figures.append(PageFigure(caption, error_distribution(errors, "network")))
    caption = "Three targets, and the configurations that the network predicts for them"
    figures.append(PageFigure(caption, pose_figure(run, dataset)))
    return figures


def _plane_points(run: Run, dataset: Dataset | None) -> tuple[np.ndarray, np.ndarray, tuple[float, float]]:
    """Ten by ten targets, the positions reached for them, and the training square."""
    arm = _arm_of(run)
    low, high = _square(dataset)
    # The grid of the published figure, arange(0.1, 2.0, 0.2): the centres of ten equal parts of each side.
    ticks = low + (high - low) * (np.arange(10) + 0.5) / 10.0
    targets = np.column_stack([axis.ravel() for axis in np.meshgrid(ticks, ticks)])
    return targets, arm.forward_kinematics(run.load_model().predict(targets))[:, :2, 3], (low, high)


def _square(dataset: Dataset | None) -> tuple[float, float]:
    """Low and high side of the training square [m]; without the rows, the published one."""
    if dataset is None:
        return 0.0, 2.0
    return float(dataset.train.features.min()), float(dataset.train.features.max())


def _arm_of(run: Run) -> Arm:
    assert run.arm is not None, "figures of an arm are drawn only for runs that have one"
    return run.arm


def _split_order(rows: tuple[str, int]) -> int:
    return SPLITS.index(rows[0])


def _text(value: object) -> str:
    """A setting as text."""
    if isinstance(value, list):
        return ", ".join(map(_text, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
