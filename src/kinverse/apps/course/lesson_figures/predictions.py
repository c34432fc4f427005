"""Figures of predictions: parity plots, decision regions, errors over the plane."""

from __future__ import annotations

import numpy as np
import torch
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import kinverse as kv
from kinverse.apps.course.examples import CLASSIFIER, REACH_NAMES, SIDE, nao_network, reach_classes
from kinverse.learning.data.sampling import grid_dataset
from kinverse.learning.training.config import FitConfig
from kinverse.plotting.parity import parity
from kinverse.plotting.regions import RegionPanel, decision_regions
from kinverse.plotting.style import BLACK, BLUE, DASHES, VERMILLION, legend_below, new_figure, tidy
from kinverse.robot.catalog import load_arm


def parity_gallery(rows: int = 250, seed: int = 0) -> Figure:
    """Six kinds of prediction of one angle, as parity plots with their R².

    Args:
        rows: points in each panel.
        seed: seed of the angles and the noise.
    """
    rng = np.random.default_rng(seed)
    actual, noise = rng.normal(0.0, 0.5, rows), rng.normal(0.0, 0.5, rows)
    far = np.where(rng.random(rows) < 0.04, rng.choice([-1.0, 1.0], rows) * 1.8, 0.0)
    answers = {
        "small noise": actual + 0.15 * noise,
        "squeezed": actual.mean() + 0.5 * (actual - actual.mean()),
        "shifted": actual + 0.35,
        "constant": np.full(rows, actual.mean()),
        "outliers": actual + 0.1 * noise + far,
        "mirrored": 2.0 * actual.mean() - actual,
    }
    panels = np.column_stack(list(answers.values()))
    return parity(np.tile(actual[:, None], len(answers)), panels, list(answers), "rad")


def reach_regions(seed: int = 0) -> Figure:
    """Decision regions of a linear classifier and of one with two hidden layers.

    Args:
        seed: seed of rows and weights.
    """
    data = reach_classes(160, seed, 40)
    points = np.concatenate([data.train.features, data.validation.features])
    classes = np.concatenate([data.train.targets, data.validation.targets])[:, 0].astype(int)
    held_out = np.arange(len(points)) >= len(data.train)
    axis = np.linspace(0.0, SIDE, 160)
    grid = np.column_stack([a.ravel() for a in np.meshgrid(axis, axis)])
    panels = []
    for hidden, title in (((), "no hidden layer"), ((16, 16), "two hidden layers of 16")):
        model = kv.fit(data, CLASSIFIER.replace(hidden=hidden, seed=seed)).network
        predicted = model.predict(grid).argmax(axis=1).reshape(len(axis), len(axis))
        panels.append(RegionPanel(title, predicted, points, classes, held_out))
    return decision_regions(panels, REACH_NAMES, ((0.0, SIDE), (0.0, SIDE)), ("x [m]", "y [m]"))


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


SQUARE = (0.0, 2.0)
"""Sides of the square of training targets [m]."""


def beyond_the_training_square(epochs: int = 300, points: int = 61) -> Figure:
    """Distance of the tool from its target, inside and outside the square of the training targets.

    Args:
        epochs: number of epochs.
        points: number of targets on each axis of the map.
    """
    arm, data = load_arm("planar3"), grid_dataset("planar3", points_per_axis=25)
    config = FitConfig.of(hidden=(48, 48), activation="silu", learning_rate=0.01, epochs=epochs)
    model = kv.fit(data, config).network
    axis = np.linspace(-1.0, 3.0, points)
    x, y = np.meshgrid(axis, axis)
    targets = np.column_stack([x.ravel(), y.ravel()])
    tools = arm.forward_kinematics(model.predict(targets).astype(np.float64))[:, :2, 3]
    miss = 1e3 * np.linalg.norm(tools - targets, axis=1).reshape(x.shape)
    figure = new_figure(6.0, 4.8)
    axes = figure.add_subplot()
    levels = np.logspace(0.5, 3.0, 11)
    filled = axes.contourf(x, y, miss, levels=levels, norm=LogNorm(), cmap="cividis", extend="both")
    side = SQUARE[1] - SQUARE[0]
    axes.add_patch(Rectangle(SQUARE[:1] * 2, side, side, fill=False, edgecolor="white", linewidth=2.5))
    square = Rectangle(
        SQUARE[:1] * 2, side, side, fill=False, edgecolor=BLACK, linestyle=DASHES[1], linewidth=1.5,
        label="training targets",
    )  # fmt: skip
    axes.add_patch(square)
    turn = np.linspace(0.0, 2.0 * np.pi, 400)
    reach = 3.0 * np.column_stack([np.cos(turn), np.sin(turn)])
    axes.plot(*reach.T, color=VERMILLION, linestyle=DASHES[3], linewidth=2.0, label="reach of the arm")
    axes.set_xlim(axis[0], axis[-1])
    axes.set_ylim(axis[0], axis[-1])
    axes.set_aspect("equal")
    bar = figure.colorbar(filled, ax=axes, label="distance of the tool from its target [mm]")
    bar.set_ticks([10.0, 100.0, 1000.0], labels=["10", "100", "1000"])
    tidy(axes, "x of the target [m]", "y of the target [m]")
    axes.grid(False)
    legend_below(figure, axes)
    return figure
