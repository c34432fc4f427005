"""The figures of the planar study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from kinverse.apps.studies.planar.runs import PLANAR
from kinverse.learning.evaluation.scores import BEST_REACHABLE, CONSTANT_ANSWER
from kinverse.learning.training.run import Run
from kinverse.plotting.dot_plot import strips
from kinverse.plotting.panels import LossPanel, PlanePanel, loss_panels, plane_panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POSE = 66
"""Which of the 10 × 10 targets the arm is drawn at: (1.3, 1.3)."""


def settings_of(run: Run) -> str:
    """What sets a model apart, in a few words."""
    config = run.config
    angle = "" if config.max_angle is None else f", ±{config.max_angle:.3g} rad"
    return f"{'-'.join(map(str, config.hidden))}{angle}, rate {config.learning_rate:g}"


def curves(runs: Mapping[int, Run]) -> Figure:
    """Losses of each model, with the floors that the run was measured against."""
    panels = []
    for number, run in runs.items():
        epochs, train, validation = (
            np.array([getattr(row, name) for row in run.history]) for name in ("epoch", "train_loss", "validation_loss")
        )
        floors = (run.card.metrics or {}).get("floors", {})
        shown = {name: floors[name] for name in (CONSTANT_ANSWER, BEST_REACHABLE) if floors.get(name, 0.0) > 1e-6}
        title = f"model {number}: {settings_of(run)}"
        panels.append(LossPanel(title, epochs, train, validation, shown, int(epochs[np.argmin(validation)])))
    return loss_panels(panels, ylabel="MSE loss [m²]")


def predictions(runs: Mapping[int, Run]) -> Figure:
    """The published 10 × 10 grid, what each model reaches, and the arm in one of the poses."""
    ticks = np.arange(0.1, 2.0, 0.2)
    targets = np.column_stack([axis.ravel() for axis in np.meshgrid(ticks, ticks)])
    panels = []
    for number, run in runs.items():
        assert run.arm is not None
        q = run.predict(targets)
        joints = run.arm.joint_poses(q[POSE])[..., :2, 3]
        chain = np.concatenate([np.zeros((1, 2)), joints])
        bound = run.config.max_angle
        disc = 1.0 if bound is not None and bound <= np.pi / 2 + 1e-9 else None
        panels.append(
            PlanePanel(f"model {number}: {settings_of(run)}", targets, run.arm.forward(q), out_of_reach=disc, arm=chain)
        )
    return plane_panels(panels, square=(0.0, 2.0))


def dots(found: Mapping[tuple[int, str], list[Run]]) -> Figure:
    """Final validation loss of every start."""
    groups: dict[str, dict[str, list[float]]] = {}
    floors, published = {}, {}
    for (number, way), runs in found.items():
        label = f"model {number}"
        groups.setdefault(label, {})[way] = [run.history[-1].validation_loss for run in runs]
        published[label] = PLANAR[number].published["final validation loss"]
        if way == "as published":
            best = (runs[0].card.metrics or {}).get("floors", {}).get(BEST_REACHABLE, 0.0)
            if best > 1e-6:
                floors[label] = best
    marks = {"published": published, "best reachable as published": floors}
    return strips(groups, "validation MSE loss at the end [m²]", marks={k: v for k, v in marks.items() if v})
