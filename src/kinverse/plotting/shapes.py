"""Functions of the workflow drawn as curves: losses over the error, activations with their slopes."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from kinverse.plotting.style import DASHES, SERIES, legend_below, new_figure, tidy


def loss_shapes(delta: float = 1.0) -> Figure:
    """What an error costs under MSE, MAE and Huber's loss, and the slope that pulls at it.

    Args:
        delta: where Huber's loss turns from a square to a line.
    """
    error = np.linspace(-3.0, 3.0, 601)
    size = np.abs(error)
    curves = {
        "MSE: e²": (error**2, 2.0 * error),
        "MAE: |e|": (size, np.sign(error)),
        f"Huber, δ = {delta:g}": (
            np.where(size < delta, 0.5 * error**2, delta * (size - 0.5 * delta)),
            np.clip(error, -delta, delta),
        ),
    }
    return _two_panels(error, curves, "error e", ("loss", "slope of the loss"))


def activation_shapes() -> Figure:
    """The hidden activations and their slopes, which gradients are multiplied with on their way back."""
    x = np.linspace(-5.0, 5.0, 801)
    sigmoid = 1.0 / (1.0 + np.exp(-x))
    tanh = np.tanh(x)
    curves = {
        "ReLU": (np.maximum(x, 0.0), (x > 0.0).astype(float)),
        "leaky ReLU, 0.01": (np.where(x > 0.0, x, 0.01 * x), np.where(x > 0.0, 1.0, 0.01)),
        "sigmoid": (sigmoid, sigmoid * (1.0 - sigmoid)),
        "tanh": (tanh, 1.0 - tanh**2),
        "SiLU": (x * sigmoid, sigmoid * (1.0 + x * (1.0 - sigmoid))),
    }
    return _two_panels(x, curves, "input", ("output", "slope"), clip=(-1.5, 3.0))


def _two_panels(
    x: np.ndarray,
    curves: dict[str, tuple[np.ndarray, np.ndarray]],
    xlabel: str,
    ylabels: tuple[str, str],
    clip: tuple[float, float] | None = None,
) -> Figure:
    figure = new_figure(8.4, 4.0)
    for i, ylabel in enumerate(ylabels):
        axes = figure.add_subplot(1, 2, i + 1)
        for (name, values), color, dash in zip(curves.items(), SERIES, DASHES, strict=False):
            axes.plot(x, values[i], color=color, linestyle=dash, label=name)
        if clip is not None and i == 0:
            axes.set_ylim(*clip)
        tidy(axes, xlabel, ylabel)
    legend_below(figure, figure.axes[0], columns=5)
    return figure
