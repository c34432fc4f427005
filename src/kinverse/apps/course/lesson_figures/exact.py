"""Figures of the course's lessons on exact solutions."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.figure import Figure

from kinverse.apps.course.lesson_figures.training import seeded
from kinverse.learning.data.arkoma import make_arkoma
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.data.sampling import grid_dataset
from kinverse.learning.evaluation.floors import reachability_floor
from kinverse.learning.model.inverse import InverseModel
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.loop import TrainingState, train
from kinverse.learning.training.problem import build_problem
from kinverse.plotting.losses import LossPanel, loss_curves
from kinverse.plotting.style import BLACK, BLUE, DASHES, ORANGE, VERMILLION, legend_below, new_figure, tidy
from kinverse.robot.arm import Arm
from kinverse.robot.catalog import load_arm
from kinverse.robot.planar import planar_arm

STEPS = 25
DAMPING = 0.01
LOWEST = 1e-13


def refinement(starts: int = 6, seed: int = 3) -> Figure:
    """Distance of the tool from the target over damped steps, from starts beside a solution and from random ones.

    Args:
        starts: of each kind.
        seed: of solutions and starts.
    """
    arm = planar_arm([1.0, 0.8, 0.6], max_angle=2.4)
    rng = np.random.default_rng(seed)
    figure = new_figure()
    axes = figure.add_subplot()
    kinds = (("0.25 rad beside a solution", BLUE, DASHES[0], 0.25), ("random start", VERMILLION, DASHES[1], None))
    for label, colour, dash, off in kinds:
        for i in range(starts):
            goal = np.array([rng.uniform(-1.0, 1.0), rng.uniform(0.6, 1.6), rng.uniform(0.6, 1.6)])
            direction = rng.normal(size=3)
            start = arm.sample(1, rng)[0] if off is None else goal + off * direction / np.linalg.norm(direction)
            miss = _misses(arm, start, arm.forward(goal))
            axes.plot(miss, color=colour, linestyle=dash, label=label if i == 0 else None, linewidth=1.4)
    axes.set_yscale("log")
    tidy(axes, "step", "distance of the tool from the target [m]")
    legend_below(figure, axes)
    return figure


def two_elbows(lengths: tuple[float, float] = (1.0, 0.8), target: tuple[float, float] = (0.9, 0.5)) -> Figure:
    """Both solutions of a two-link arm for one target, and the arm at their average.

    Args:
        lengths: of the links [m].
        target: where the tool should be [m].
    """
    arm, (x, y) = planar_arm(lengths), target
    l1, l2 = lengths
    elbow = np.arccos((x * x + y * y - l1 * l1 - l2 * l2) / (2.0 * l1 * l2))
    answers = [
        np.array([np.arctan2(y, x) - np.arctan2(l2 * np.sin(q2), l1 + l2 * np.cos(q2)), q2]) for q2 in (elbow, -elbow)
    ]
    average = np.mean(answers, axis=0)
    miss = 1e3 * float(np.linalg.norm(arm.forward(average) - target))
    figure = new_figure(5.6, 5.0)
    axes = figure.add_subplot()
    looks = (("elbow on one side", BLUE, DASHES[0]), ("elbow on the other side", ORANGE, DASHES[0]))
    for q, (label, colour, dash) in zip(
        [*answers, average], (*looks, ("their average", BLACK, DASHES[1])), strict=True
    ):
        chain = np.vstack([np.zeros(2), arm.joint_poses(q)[1:, :2, 3]])
        axes.plot(*chain.T, color=colour, linestyle=dash, linewidth=3, marker="o", markersize=6, label=label)
    axes.plot(x, y, linestyle="", marker="x", color=VERMILLION, markersize=12, markeredgewidth=3, label="target")
    axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.08)
    tidy(axes, "x [m]", "y [m]", f"the average misses by {miss:.0f} mm")
    legend_below(figure, axes, columns=2)
    return figure


def loss_through_kinematics(epochs: int = 300) -> Figure:
    """Losses of the 24-24 network that learns a planar arm through its kinematics, on a coarse grid.

    Args:
        epochs: how long to train.
    """
    arm, data = load_arm("planar3"), grid_dataset("planar3", points_per_axis=25)
    config = FitConfig(hidden=(24, 24), learning_rate=0.01, epochs=epochs, scale_features="none")
    problem = build_problem(data, arm, config)
    with seeded(0):
        history = train(problem, config, TrainingState.fresh(problem, config)).history
    measured, training, validation = (
        np.array([getattr(row, name) for row in history]) for name in ("epoch", "train_loss", "validation_loss")
    )
    constant = float(data.validation.features.var(axis=0).mean())
    return loss_curves(
        LossPanel("", measured, training, validation, {"constant answer": constant}), ylabel="MSE loss [m²]"
    )


def three_failures() -> Figure:
    """Losses of three networks that fail, on a coarse grid, with what they can be held against."""
    arm, data = load_arm("planar3"), grid_dataset("planar3", points_per_axis=20)
    targets = data.validation.features
    constant = float(targets.var(axis=0).mean())
    cases = (
        ("angles within ±π/2", {"max_angle": np.pi / 2, "learning_rate": 0.01}),
        ("learning rate 1", {"learning_rate": 1.0}),
        ("learning rate 0.0001", {"max_angle": 2.0, "learning_rate": 1e-4}),
    )
    panels = []
    for title, changes in cases:
        config = FitConfig(hidden=(48, 48), epochs=300, scale_features="none", **changes)
        problem = build_problem(data, arm, config)
        with seeded(0):
            history = train(problem, config, TrainingState.fresh(problem, config)).history
        epochs, losses, validation = (
            np.array([getattr(row, name) for row in history]) for name in ("epoch", "train_loss", "validation_loss")
        )
        floors = {"constant answer": constant}
        if "within" in title:
            bound = float(np.pi / 2)
            floors["best reachable"] = reachability_floor(arm, targets, lower=-bound, upper=bound)
        panels.append(LossPanel(title, epochs, losses, validation, floors))
    return loss_curves(panels, ylabel="MSE loss [m²]")


def nao_network(config: FitConfig | None = None) -> tuple[InverseModel, Dataset]:
    """A network that has learned NAO's right arm from 1,200 rows, and its data.

    Args:
        config: its settings; None: the published ones with 32 hidden units.
    """
    data = make_arkoma("nao-right", rows=2000, seed=0, test_rows="uniform")
    config = config or FitConfig(hidden=(32,), learning_rate=0.01, epochs=300)
    problem = build_problem(data, None, config)
    with seeded(0):
        train(problem, config, TrainingState.fresh(problem, config))
    return problem.model.eval(), data


def with_and_without_scalers() -> Figure:
    """Predicted against actual joints of NAO, with the network's scaler and without it."""
    model, data = nao_network()
    actual, features = data.validation.targets[:, 0], data.validation.features
    with torch.no_grad():
        raw = model.network(torch.tensor(features, dtype=torch.float32)).double().numpy()
    answers = {"scaled, as trained": model.predict(features), "not scaled": model.spec.targets.inverse(raw)}
    figure = new_figure(8.4, 4.2)
    for place, (title, predicted) in enumerate(answers.items()):
        axes = figure.add_subplot(1, 2, place + 1)
        axes.plot(actual, predicted[:, 0], linestyle="", marker="o", markersize=3, color=BLUE, alpha=0.5)
        axes.plot([-2.1, 2.1], [-2.1, 2.1], color=BLACK, linestyle=DASHES[1], linewidth=1)
        tidy(axes, "actual joint1 [rad]", "predicted [rad]" if place == 0 else "", title)
    return figure


def _misses(arm: Arm, q: Float[np.ndarray, " 3"], target: Float[np.ndarray, " 2"]) -> Float[np.ndarray, " steps"]:
    """The distance before each step [m]; what is below rounding is drawn at it."""
    found = []
    for _ in range(STEPS):
        error = target - arm.forward(q)
        found.append(max(float(np.linalg.norm(error)), LOWEST))
        J = arm.jacobian(q)[:2]
        q = np.clip(q + J.T @ np.linalg.solve(J @ J.T + DAMPING**2 * np.eye(2), error), arm.lower, arm.upper)
    return np.array(found)
