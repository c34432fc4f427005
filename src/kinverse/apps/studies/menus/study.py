"""Study 6: every option of the workflow's menus, tried on one small task.

The task is that of the planar arm on a coarse grid: targets in the plane to joint angles, trained through the forward
kinematics. Losses for classes sort the same points into three rings about the base. One setting is changed at a time.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

from kinverse.apps.report.page import PageFigure
from kinverse.apps.studies.menus.findings import (
    Tried,
    accuracy_of,
    capacity_figure,
    class_figure,
    menu_figure,
    menu_table,
    plural,
    rate_figure,
    splits_table,
    verdicts,
)
from kinverse.apps.studies.menus.layers import layer_gallery
from kinverse.apps.studies.menus.tasks import (
    BASE,
    CAPACITIES,
    CLASSES,
    CLASSIFICATION,
    FIT_TO_NOISE,
    LEARNING_RATES,
    REGRESSION,
    grid,
    noisy_rows,
    rings,
    rings_for,
)
from kinverse.apps.studies.study import Conclusion, Effort, Training
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.run import Run
from kinverse.plotting.shapes import activation_shapes, loss_shapes

QUICK_EPOCHS = 100
STARTS = 3


def trainings(effort: Effort) -> Sequence[Training]:
    """Every option, for every seed; options that are the base itself are trained once."""
    found: list[Training] = []
    for seed in effort.starts(STARTS, quick=1):
        options = {
            _name(menu, option): c for menu, menu_options in REGRESSION.items() for option, c in menu_options.items()
        }
        for name, changes in options.items():
            found.append(Training(f"{name}, seed {seed}", _config(BASE, effort, seed, changes), grid, 0.7))
        for option, changes in CLASSIFICATION.items():
            config = _config(CLASSES, effort, seed, changes)
            rows = functools.partial(rings, rings_for(config.loss))
            found.append(Training(f"class loss {option}, seed {seed}", config, rows, 0.5))
    for name, rate in LEARNING_RATES.items():
        config = _config(BASE, effort, 0, {"learning_rate": rate})
        found.append(Training(f"learning rate {name}", config, grid, 0.7))
    for name, hidden in CAPACITIES.items():
        found.append(Training(f"capacity {name}", FIT_TO_NOISE.replace(hidden=hidden), noisy_rows, 1.5))
    return found


def _name(menu: str, option: str) -> str:
    """Name of an option's training; what the base does anyway is the base."""
    return "base" if BASE.replace(**REGRESSION[menu][option]) == BASE else f"{menu} {option}"


def _config(base: FitConfig, effort: Effort, seed: int, changes: Mapping[str, object]) -> FitConfig:
    epochs = QUICK_EPOCHS if effort.quick else base.epochs
    return base.replace(**{"seed": seed, "epochs": epochs, **changes})  # type: ignore[arg-type]


def conclude(effort: Effort, runs: Mapping[str, Run]) -> Conclusion:
    """What each option gives, menu by menu."""
    seeds = effort.starts(STARTS, quick=1)
    tried = {
        menu: [Tried.of(option, [runs[f"{_name(menu, option)}, seed {seed}"] for seed in seeds]) for option in options]
        for menu, options in REGRESSION.items()
    }
    classes = {
        option: [accuracy_of(runs[f"class loss {option}, seed {seed}"]) for seed in seeds] for option in CLASSIFICATION
    }
    rates = {name: runs[f"learning rate {name}"] for name in LEARNING_RATES}
    capacities = {name: runs[f"capacity {name}"] for name in CAPACITIES}
    figures = [
        PageFigure(f"The menu of {plural(menu)}: tip error of every option", menu_figure(menu, options))
        for menu, options in tried.items()
    ]
    figures += [
        PageFigure("Losses for classes: share of right test rows", class_figure(classes)),
        PageFigure("The learning rate: too small, right, too large", rate_figure(rates)),
        PageFigure("Underfitting, overfitting and where to stop", capacity_figure(capacities)),
        PageFigure("Loss shapes: what one error costs, and how hard it pulls", loss_shapes()),
        PageFigure("Activations, and their slopes", activation_shapes()),
    ]
    return Conclusion(
        verdicts=verdicts(tried, classes, rates, capacities),
        tables=[menu_table(tried), splits_table(tried), layer_gallery()],
        figures=figures,
        settings={"task": grid().manifest.source, "base": _said(BASE)},
    )


def _said(config: FitConfig) -> str:
    hidden = "-".join(map(str, config.hidden))
    return (
        f"2-{hidden}-3, {config.activation}, {config.optimiser.name} {config.learning_rate:g}, {config.epochs} epochs"
    )
