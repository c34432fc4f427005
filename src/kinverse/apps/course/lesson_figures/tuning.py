"""Figures of the course's lessons on tuning and on deploying; each is trained here, in a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from kinverse.learning.data.dataset import Dataset
from kinverse.learning.data.generate import generate
from kinverse.learning.data.sampling import grid_dataset
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.loop import TrainingState, train
from kinverse.learning.training.problem import Problem, build_problem
from kinverse.plotting.style import BLACK, BLUE, DASHES, GREY, VERMILLION, legend_below, new_figure, tidy
from kinverse.robot.arm import Arm
from kinverse.robot.catalog import load_arm

SEEDS = (0, 1, 2)
SQUARE = (0.0, 2.0)
"""Sides of the square that the planar arm's targets come from [m]."""


def random_search(settings: int = 14, epochs: int = 50, seed: int = 3) -> Figure:
    """Validation losses of NAO networks of random width and learning rate: three seeds for each setting.

    Args:
        settings: how many to draw.
        epochs: of each training.
        seed: of the search.
    """
    data, rng = generate(load_arm("nao-right"), rows=400, seed=0), np.random.default_rng(seed)
    rates, widths = 10.0 ** rng.uniform(-4.0, 0.0, settings), np.rint(2.0 ** rng.uniform(2.0, 7.0, settings))
    losses = np.empty((settings, len(SEEDS)))
    for i, (rate, width) in enumerate(zip(rates, widths, strict=True)):
        for k, start in enumerate(SEEDS):
            config = FitConfig(hidden=(int(width),), learning_rate=float(rate), epochs=epochs, seed=start)
            losses[i, k] = _trained(data, None, config)[1].best_loss
    medians = np.median(losses, axis=1)
    best = int(np.argmin(medians))
    figure = new_figure()
    axes = figure.add_subplot()
    wide = widths > np.sqrt(4.0 * 128.0)  # the middle of the range, by factors
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


def beyond_the_training_square(epochs: int = 300, points: int = 61) -> Figure:
    """How far the tool misses its target, inside and outside the square that a network's targets came from.

    Args:
        epochs: how long to train.
        points: targets on each axis of the map.
    """
    arm, data = load_arm("planar3"), grid_dataset("planar3", points_per_axis=25)
    config = FitConfig(hidden=(48, 48), activation="silu", learning_rate=0.01, epochs=epochs)
    model = _trained(data, arm, config)[0].model
    axis = np.linspace(-1.0, 3.0, points)
    x, y = np.meshgrid(axis, axis)
    targets = np.column_stack([x.ravel(), y.ravel()])
    miss = 1e3 * _misses(arm, model.predict(targets), targets).reshape(x.shape)
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


def _misses(arm: Arm, q: Float[np.ndarray, "n dof"], targets: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, " n"]:
    """Distance of the tool from its target [m]."""
    return np.asarray(np.linalg.norm(arm.forward(q.astype(np.float64)) - targets, axis=1))


def _trained(data: Dataset, arm: Arm | None, config: FitConfig) -> tuple[Problem, TrainingState]:
    with _one_thread():
        problem = build_problem(data, arm, config)
        return problem, train(problem, config, TrainingState.fresh(problem, config))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Small networks are fastest on one thread; what the caller had comes back, the random state too."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_num_threads(threads)
