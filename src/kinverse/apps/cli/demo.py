"""`kinverse demo`: both running examples trained, measured and drawn in under a minute."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING

from kinverse.apps.cli.options import Json, print_json
from kinverse.apps.cli.verbs import verb
from kinverse.tables import Cell, Table

if TYPE_CHECKING:
    from kinverse.apps.studies.study import Recipe
    from kinverse.learning.trained import Model

SEED = 0
CAUTION = (
    "One run each: kinverse study nao planar compares over random starts. The published rows of NAO's arms are drawn "
    "otherwise than ours: three of their joints are not uniform, and their test rows bend every 6 to 11 rows, ours "
    "every 200."
)


@verb("demo", example="kinverse demo --out my-demo")
def demo(out: Path = Path("kinverse-demo"), json: Json = False) -> int:
    """Train, measure and draw both running examples in under a minute.

    They are the right arm of the NAO humanoid and a planar arm with three links. Published numbers stand beside
    ours.

    Args:
        out: folder for data, runs and report; a number is added if it exists
    """
    from kinverse.apps.cli.terminal import show
    from kinverse.files import free_path

    started = time.monotonic()
    report, table = run_demo(free_path(out), progress=not json)
    seconds = time.monotonic() - started
    if json:
        return print_json({"report": report, "rows": table.rows, "seconds": seconds})
    return show(table, f"report: {report} ({seconds:.0f} s)")


def run_demo(
    folder: Path, progress: bool = True, recipes: tuple[Recipe, Recipe, Recipe] | None = None, rows: int = 10_000
) -> tuple[Path, Table]:
    """Generate ARKOMA's right arm, train three networks, compare with the published numbers, write one page.

    Args:
        folder: for data, runs and report; made if it does not exist.
        progress: show a bar for each training.
        recipes: the trainings: two on ARKOMA, one on the planar arm; None: those of the studies.
        rows: size of each data set.

    Returns:
        The page, and its table of published numbers and ours.
    """
    from kinverse.apps.report.model_figures import ModelFigures
    from kinverse.apps.report.page import Page, PageFigure, render
    from kinverse.apps.studies.nao.runs import NAO_BETTER, NAO_PUBLISHED
    from kinverse.apps.studies.planar.runs import PLANAR
    from kinverse.files import write_atomic
    from kinverse.learning.data.arkoma import make_arkoma
    from kinverse.learning.data.folder import write_dataset
    from kinverse.learning.data.sampling import grid_dataset
    from kinverse.learning.workflow import fit
    from kinverse.robot.catalog import load_arm

    small, large, planar = recipes or (NAO_PUBLISHED, NAO_BETTER, PLANAR[2])
    # The published test rows follow a joint trajectory and are easier than rows drawn like the training rows.
    data = make_arkoma(load_arm("nao-right"), rows, seed=SEED, test_rows="trajectory")
    nao_folder = write_dataset(data, folder / "nao-right-data")
    planar_folder = write_dataset(grid_dataset(load_arm("planar3"), math.isqrt(rows)), folder / "planar-data")
    published = fit(nao_folder, small.config, out=folder / "nao-right-published", progress=progress)
    better = fit(nao_folder, large.config, out=folder / "nao-right-better", progress=progress)
    reach = fit(planar_folder, planar.config, out=folder / "planar-model-2", progress=progress)
    table = comparison(((small, published), (large, better), (planar, reach)))
    planar_figures = ModelFigures(reach, reach.dataset)
    page = Page(
        title="kinverse demo",
        subtitle="The right arm of NAO on generated ARKOMA data, and a planar arm trained through its kinematics",
        tables=(table,),
        figures=(
            PageFigure("The published 6-16-5 network on the test rows", ModelFigures(published, data).parity()),
            PageFigure("A better network on the same test rows", ModelFigures(better, data).parity()),
            PageFigure("Losses of planar model 2", planar_figures.losses()),
            PageFigure("Planar model 2: targets and reached positions", planar_figures.plane()),
            PageFigure("Three targets and the predictions of planar model 2", planar_figures.configurations()),
        ),
        footer="Each run has a report of its own: "
        + ", ".join(f"{r.name}/report.html" for r in (published, better, reach)),
    )
    write_atomic(folder / "report.html", render(page))
    return folder / "report.html", table


def comparison(trainings: tuple[tuple[Recipe, Model], ...]) -> Table:
    """Published figures beside those of our runs."""
    rows: list[tuple[Cell, ...]] = []
    for recipe, run in trainings:
        for name, ours in figures_of_merit(run).items():
            rows.append((recipe.title, name, recipe.published.get(name), ours))
    return Table("Published and ours", ("training", "figure", "published", "ours"), rows, CAUTION)


def figures_of_merit(run: Model) -> dict[str, float]:
    """The figures of published tables, computed from a run of ours."""
    if run.space == "tool":
        train, validation = run.history.train_loss, run.history.validation_loss
        return {
            "train loss, epoch 0": float(train[0]),
            "validation loss, epoch 0": float(validation[1]),  # the published script measures it after the first step
            "final train loss": float(train[-1]),
            "final validation loss": float(validation[-1]),
        }
    from kinverse.learning.evaluation.scores import NETWORK

    assert run.results is not None, "a training in a folder is measured"
    scores = run.results.report.of(NETWORK)
    assert scores.targets is not None and scores.tool is not None, "the demo's data has joints and an arm"
    return {
        "scaled test MSE": scores.targets.mse_scaled,
        "R², global mean": scores.targets.r2_global_mean or 0.0,
        "R², mean of the joints": scores.targets.r2_mean or 0.0,
        "tool error, median [mm]": scores.tool.position_mm.median,
    }
