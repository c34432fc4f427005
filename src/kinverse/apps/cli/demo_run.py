"""`kinverse demo`: both running examples learned, measured and drawn in under a minute."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from kinverse.apps.report.page import Page, PageFigure, render
from kinverse.apps.report.run_report import loss_figure, parity_figure, plane_figure, pose_figure
from kinverse.apps.studies.nao.runs import NAO_BETTER, NAO_PUBLISHED
from kinverse.apps.studies.planar.runs import PLANAR
from kinverse.apps.studies.study import Recipe
from kinverse.files import write_atomic
from kinverse.learning.data.arkoma import make_arkoma
from kinverse.learning.data.folder import write_dataset
from kinverse.learning.data.sampling import grid_dataset
from kinverse.learning.evaluation.scores import NETWORK
from kinverse.learning.training.run import Run
from kinverse.learning.workflow import fit
from kinverse.robot.catalog import load_arm
from kinverse.tables import Cell, Table

SEED = 0


@dataclass(frozen=True)
class DemoResult:
    """What the demo made.

    Attributes:
        folder: everything lies below it.
        report: the page to open.
        table: published | ours.
        seconds: how long it took.
    """

    folder: Path
    report: Path
    table: Table
    seconds: float


def run_demo(folder: Path, progress: bool = True) -> DemoResult:
    """Generate ARKOMA's right arm, train three networks, compare with the published numbers, write one page.

    Args:
        folder: where data, runs and report go; made if it is not there.
        progress: show a bar for each training.
    """
    started = time.monotonic()
    nao, planar = load_arm("nao-right"), load_arm("planar3")
    # The published test rows follow a joint trajectory and are easier than rows drawn like the training rows.
    data = make_arkoma(nao, seed=SEED, test_rows="trajectory")
    nao_folder = write_dataset(data, folder / "nao-right-data")
    planar_folder = write_dataset(grid_dataset(planar), folder / "planar-data")
    published = fit(nao_folder, NAO_PUBLISHED.config, out=folder / "nao-right-published", progress=progress)
    better = fit(nao_folder, NAO_BETTER.config, out=folder / "nao-right-better", progress=progress)
    reach = fit(planar_folder, PLANAR[2].config, out=folder / "planar-model-2", progress=progress)
    table = comparison(((NAO_PUBLISHED, published), (NAO_BETTER, better), (PLANAR[2], reach)))
    page = Page(
        title="kinverse demo",
        subtitle="The right arm of NAO on generated ARKOMA data, and a planar arm trained through its kinematics",
        tables=(table,),
        figures=(
            PageFigure("The published 6-16-5 network on the test rows", parity_figure(published, data)),
            PageFigure("A better network on the same test rows", parity_figure(better, data)),
            PageFigure("Losses of planar model 2", loss_figure(reach)),
            PageFigure("Planar model 2: targets and where the arm gets to", plane_figure(reach)),
            PageFigure("Three targets, and the arm as planar model 2 answers them", pose_figure(reach)),
        ),
        footer="Each run has a report of its own: "
        + ", ".join(f"{r.name}/report.html" for r in (published, better, reach)),
    )
    write_atomic(folder / "report.html", render(page))
    return DemoResult(folder, folder / "report.html", table, time.monotonic() - started)


def comparison(trainings: tuple[tuple[Recipe, Run], ...]) -> Table:
    """The table published | ours."""
    rows: list[tuple[Cell, ...]] = []
    for recipe, run in trainings:
        for name, ours in figures_of_merit(run).items():
            rows.append((recipe.title, name, recipe.published.get(name), ours))
    return Table("Published and ours", ("training", "figure", "published", "ours"), rows)


def figures_of_merit(run: Run) -> dict[str, float]:
    """The figures that published tables give, read from a run."""
    if run.card.space == "tool":
        first, last = run.history[0], run.history[-1]
        return {
            "train loss, epoch 0": first.train_loss,
            "validation loss, epoch 0": first.validation_loss,
            "final train loss": last.train_loss,
            "final validation loss": last.validation_loss,
        }
    metrics = run.card.metrics or {}
    scores = next(s for s in metrics["scores"] if s["who"] == NETWORK and s["split"] == metrics["split"])
    return {
        "scaled test MSE": scores["targets"]["mse_scaled"],
        "R², global mean": scores["targets"]["r2_global_mean"],
        "R², mean of the joints": scores["targets"]["r2_mean"],
        "tip error, median [mm]": scores["tip"]["position_mm"]["median"],
    }
