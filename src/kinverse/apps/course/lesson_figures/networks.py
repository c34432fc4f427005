"""Figures of networks before training: what ReLU layers can represent, and how weights spread numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from kinverse.plotting.style import BLACK, BLUE, DASHES, SERIES, VERMILLION, legend_below, new_figure, tidy


def relu_hinges(widths: Sequence[int] = (2, 4, 9)) -> Figure:
    """A curve and its approximation by one hidden layer of ReLUs: straight pieces with a bend for every unit.

    The bends have equal distances and their heights are optimal (least squares), so this is what such a network can
    represent, not the result of a training.

    Args:
        widths: numbers of hidden units, one panel for each.
    """
    x = np.linspace(0.0, 1.0, 401)
    curve = np.sin(5.0 * (x + 0.082))
    figure = new_figure(8.4, 3.4)
    for place, width in enumerate(widths):
        axes = figure.add_subplot(1, len(widths), place + 1)
        bends = np.linspace(0.0, 1.0, width + 1)[:-1]  # the first at the edge, where it is a line
        basis = np.column_stack([np.ones_like(x), *(np.maximum(x - bend, 0.0) for bend in bends)])
        heights = np.linalg.lstsq(basis, curve, rcond=None)[0]
        followed = basis @ heights
        axes.plot(x, curve, color=BLACK, linestyle=":", label="curve")
        axes.plot(x, followed, color=BLUE, label="a hidden layer of ReLUs")
        at = np.interp(bends, x, followed)
        axes.plot(bends, at, linestyle="", marker="o", color=VERMILLION, markersize=5, label="bend")
        error = float(np.sqrt(np.mean((followed - curve) ** 2)))
        tidy(axes, "x", "y" if place == 0 else "", f"{width} units: error {error:.2g}")
    legend_below(figure, figure.axes[0])
    return figure


def spread_through_layers(depth: int = 12, width: int = 128, rows: int = 512, seed: int = 0) -> Figure:
    """The size of the numbers after each of many ReLU layers before training, for several rules of initialisation.

    Args:
        depth: number of hidden layers.
        width: units of each layer.
        rows: number of inputs, drawn from a standard normal distribution.
        seed: seed of inputs and weights.
    """
    rules = {
        "He: std √(2/fan_in)": np.sqrt(2.0 / width),
        "Glorot: √(2/(fan_in + fan_out))": np.sqrt(1.0 / width),
        "torch's default: 1/√(3 fan_in)": np.sqrt(1.0 / (3.0 * width)),
        "std 0.2": 0.2,
    }
    figure = new_figure(7.0, 4.4)
    axes = figure.add_subplot()
    for (name, std), colour, dash in zip(rules.items(), SERIES, DASHES, strict=False):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(rows, width))
        sizes = [float(np.sqrt(np.mean(x**2)))]
        for _ in range(depth):
            x = np.maximum(x @ rng.normal(0.0, std, (width, width)), 0.0)
            sizes.append(float(np.sqrt(np.mean(x**2))))
        axes.plot(range(depth + 1), sizes, color=colour, linestyle=dash, marker="o", markersize=3.5, label=name)
    axes.set_yscale("log")
    tidy(axes, "layer (0: the inputs)", "root mean square of the numbers")
    legend_below(figure, axes, columns=2)
    return figure
