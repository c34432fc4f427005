"""Figures of losses: over the epochs, and over the settings of a random search."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

import kinverse as kv
from kinverse.apps.course.examples import NOISE, UNREGULARISED, noisy_wave
from kinverse.learning.data.sampling import generate, grid_dataset
from kinverse.learning.evaluation.floors import reachability_floor
from kinverse.learning.training.config import FitConfig, FitSettings
from kinverse.plotting.losses import LossPanel, loss_curves
from kinverse.plotting.style import BLACK, BLUE, GREY, VERMILLION, legend_below, new_figure, tidy
from kinverse.robot.catalog import load_arm

SEEDS = (0, 1, 2)
"""Seeds of the trainings of each setting in `random_search`."""


def under_and_overfitting(seed: int = 2) -> Figure:
    """Losses of a small and a large network on 20 noisy points, and of the large one on 400, with the noise floor.

    Args:
        seed: seed of rows and weights.
    """
    panels = []
    for hidden, rows, result in (((2,), 20, "underfits"), ((64, 64), 20, "overfits"), ((64, 64), 400, "fits")):
        model = kv.fit(noisy_wave(rows, seed), UNREGULARISED.replace(hidden=hidden, seed=seed))
        losses = model.history
        title = f"{'-'.join(map(str, (1, *hidden, 1)))}, {rows} rows: {result}"
        floor = {"noise floor σ²": NOISE**2}
        curves = (losses.epoch, losses.train_loss, losses.validation_loss)
        panels.append(LossPanel(title, *curves, floor, model.best_epoch))
    return loss_curves(panels)


def loss_through_kinematics(epochs: int = 300) -> Figure:
    """Losses of the 24-24 network that learns a planar arm through its kinematics, on a coarse grid.

    Args:
        epochs: number of epochs.
    """
    data = grid_dataset("planar3", points_per_axis=25)
    config = FitConfig.of(hidden=(24, 24), learning_rate=0.01, epochs=epochs, scale_features="none")
    losses = kv.fit(data, config).history
    floors = {"constant": float(data.validation.features.var(axis=0).mean())}
    panel = LossPanel("", losses.epoch, losses.train_loss, losses.validation_loss, floors)
    return loss_curves(panel, ylabel="MSE loss [m²]")


def three_failures() -> Figure:
    """Losses of three failing networks on a coarse grid, with the losses of a constant and of the best angles."""
    arm, data = load_arm("planar3"), grid_dataset("planar3", points_per_axis=20)
    targets = data.train.features  # the floors of the training loss
    constant = float(targets.var(axis=0).mean())
    cases: tuple[tuple[str, FitSettings], ...] = (
        ("angles within ±π/2", {"max_angle": np.pi / 2, "learning_rate": 0.01}),
        ("learning rate 1", {"learning_rate": 1.0}),
        ("learning rate 0.0001", {"max_angle": 2.0, "learning_rate": 1e-4}),
    )
    panels = []
    for title, changes in cases:
        config = FitConfig.of(hidden=(48, 48), epochs=300, scale_features="none").replace(**changes)
        losses = kv.fit(data, config).history
        floors = {"constant": constant}
        if "within" in title:
            bound = float(np.pi / 2)
            floors["best reachable"] = reachability_floor(arm, targets, lower=-bound, upper=bound)
        panels.append(LossPanel(title, losses.epoch, losses.train_loss, losses.validation_loss, floors))
    return loss_curves(panels, ylabel="MSE loss [m²]")


def random_search(settings: int = 14, epochs: int = 50, seed: int = 3) -> Figure:
    """Validation losses of NAO networks of random width and learning rate: three seeds for each setting.

    Args:
        settings: number of settings.
        epochs: number of epochs of each training.
        seed: seed of the search.
    """
    data, rng = generate(load_arm("nao-right"), rows=400, seed=0), np.random.default_rng(seed)
    rates, widths = 10.0 ** rng.uniform(-4.0, 0.0, settings), np.rint(2.0 ** rng.uniform(2.0, 7.0, settings))
    losses = np.empty((settings, len(SEEDS)))
    for i, (rate, width) in enumerate(zip(rates, widths, strict=True)):
        for k, start in enumerate(SEEDS):
            config = FitConfig.of(hidden=(int(width),), learning_rate=float(rate), epochs=epochs, seed=start)
            losses[i, k] = kv.fit(data, config).history.validation_loss.min()
    medians = np.median(losses, axis=1)
    best = int(np.argmin(medians))
    figure = new_figure()
    axes = figure.add_subplot()
    wide = widths > np.sqrt(4.0 * 128.0)  # the geometric middle of the range
    for which, label, colour, marker in ((~wide, "narrow: 4 … 22 units", VERMILLION, "v"),
                                         (wide, "wide: 23 … 128 units", BLUE, "o")):  # fmt: skip
        axes.vlines(rates[which], losses[which].min(axis=1), losses[which].max(axis=1), color=GREY, linewidth=1.2)
        axes.plot(rates[which], medians[which], linestyle="", marker=marker, color=colour, markersize=7, label=label)
    axes.vlines([], [], [], color=GREY, linewidth=1.2, label="smallest to largest of three seeds")
    axes.plot(
        rates[best], medians[best], linestyle="", marker="o", markerfacecolor="none", markeredgecolor=BLACK,
        markersize=14, label="smallest median",
    )  # fmt: skip
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:.2g}")
    tidy(axes, "learning rate", "validation loss (MSE of scaled joints)")
    legend_below(figure, axes, columns=2)
    return figure
