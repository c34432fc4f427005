"""Study 4: the six published models of a three-link planar arm, trained through the forward kinematics.

As published, the learning rate followed a step schedule that hardly moves (0.995 every 100 epochs); as specified it
falls by 0.995 in every epoch. Models 4, 5 and 6 fail; the diagnosis names why from the runs alone, and what it advises
is trained as well.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import kinverse as kv
from kinverse.apps.report.page import PageFigure
from kinverse.apps.studies.planar.figures import curves, dots, predictions
from kinverse.apps.studies.planar.findings import compared, diagnosed_table, losses_table, starts_table, verdicts
from kinverse.apps.studies.planar.runs import PLANAR
from kinverse.apps.studies.study import Conclusion, Effort, Training
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.run import Run

QUICK_EPOCHS = 200
MORE_STARTS = {6: 4}
"""Model 6 stops while it falls, so that its start decides where: it is given so many times the starts of the others."""
SECONDS = {1: 4.0, 2: 6.0, 3: 11.0, 4: 9.0, 5: 9.0, 6: 3.0}
REMEDIES = {
    4: {"max_angle": 2.36},
    5: {"learning_rate": 0.01, "schedule": "exponential"},
    6: {"learning_rate": 0.01, "schedule": "exponential", "epochs": 1000},
}


@functools.cache
def rows() -> Dataset:
    """The published grid: 100 × 100 points on [0, 2]² m, 80/20."""
    return kv.grid_dataset("planar3")


def name_of(number: int, way: str, seed: int) -> str:
    """Name of a training."""
    return f"model {number}, {way}, seed {seed}"


def recipes(effort: Effort) -> dict[tuple[int, str], FitConfig]:
    """Model and way → its settings, for the ways asked for."""
    found: dict[tuple[int, str], FitConfig] = {}
    for number, recipe in PLANAR.items():
        if "as published" in effort.ways:
            found[number, "as published"] = recipe.config
        if "corrected" in effort.ways:
            if recipe.config.schedule == "step":
                found[number, "as specified"] = recipe.config.replace(schedule="exponential", gamma=0.995)
            if number in REMEDIES:
                found[number, "remedied"] = recipe.config.replace(**REMEDIES[number])  # type: ignore[arg-type]
    if effort.quick:
        found = {key: c.replace(epochs=min(c.epochs, QUICK_EPOCHS)) for key, c in found.items()}
    return found


def trainings(effort: Effort) -> Sequence[Training]:
    """Every model, each way, for every seed."""
    found = []
    for (number, way), config in recipes(effort).items():
        more = 1 if effort.quick else MORE_STARTS.get(number, 1) if way == "as published" else 1
        seeds = range(more * len(effort.starts()))
        share = config.epochs / PLANAR[number].config.epochs
        for seed in seeds:
            settings = config.replace(seed=seed)
            found.append(Training(name_of(number, way, seed), settings, rows, SECONDS[number] * share))
    return found


def conclude(effort: Effort, runs: Mapping[str, Run]) -> Conclusion:
    """Published against ours, what stopped models 4 to 6, and whether the remedies help."""
    found: dict[tuple[int, str], list[Run]] = {}
    for key in recipes(effort):
        trained = [run for name, run in runs.items() if name.startswith(f"model {key[0]}, {key[1]}, ")]
        found[key] = trained
    data = rows()
    published = {number: seeds for (number, way), seeds in found.items() if way == "as published"}
    starts = starts_table(published, data) if published else None
    figures = []
    for way, caption in (
        ("as published", "as published: the learning rate hardly falls"),
        ("as specified", "as specified: the learning rate falls by 0.995 in every epoch"),
        ("remedied", "with the remedy that the diagnosis names"),
    ):
        first = {number: seeds[0] for (number, w), seeds in found.items() if w == way}
        if first:
            figures.append(PageFigure(f"Losses, seed 0, {caption}", curves(first)))
            text = f"Predictions on the 10 × 10 grid and one pose, seed 0, {caption}"
            figures.append(PageFigure(text, predictions(first)))
    figures.append(PageFigure("Final validation loss of every start, with floors and published values", dots(found)))
    tables = [losses_table(found), diagnosed_table(found)]
    return Conclusion(
        verdicts=verdicts(found, data),
        compared=compared(published, starts, quick=effort.quick),
        tables=tables if starts is None else [*tables, starts.table],
        figures=figures,
        settings={
            "data": f"{data.manifest.source}; {len(data.train)} rows to train, {len(data.validation)} to validate"
        },
    )
