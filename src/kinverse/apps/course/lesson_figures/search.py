"""The figure of a random search over settings."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

import kinverse as kv
from kinverse.learning.data.sampling import generate
from kinverse.learning.training.config import FitConfig
from kinverse.plotting.style import (
    BLACK,
    BLUE,
    GREY,
    VERMILLION,
    legend_below,
    new_figure,
    tidy,
)
from kinverse.robot.catalog import load_arm

SEEDS = (0, 1, 2)


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
