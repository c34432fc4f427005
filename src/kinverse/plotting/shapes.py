"""Loss functions and activations with their slopes."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from kinverse.plotting.style import DASHES, SERIES, legend_below, new_panels, tidy


def loss_shapes(delta: float = 1.0) -> Figure:
    """Draw MSE, MAE and the Huber loss over the error, and their slopes.

    Args:
        delta: the error at which the Huber loss changes from quadratic to linear.
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
    return _curves_and_slopes(error, curves, "error e", ("loss", "slope of the loss"))


def activation_shapes() -> Figure:
    """Draw the hidden activations and their slopes, the factors by which backpropagation scales the gradients."""
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
    return _curves_and_slopes(x, curves, "input", ("output", "slope"), clip=(-1.5, 3.0))


def _curves_and_slopes(
    x: np.ndarray,
    curves: dict[str, tuple[np.ndarray, np.ndarray]],
    xlabel: str,
    ylabels: tuple[str, str],
    clip: tuple[float, float] | None = None,
) -> Figure:
    figure, all_axes = new_panels(2, 2, (4.0, 3.4))
    for i, (ylabel, axes) in enumerate(zip(ylabels, all_axes, strict=True)):
        for (name, values), color, dash in zip(curves.items(), SERIES, DASHES, strict=False):
            axes.plot(x, values[i], color=color, linestyle=dash, label=name)
        if clip is not None and i == 0:
            axes.set_ylim(*clip)
        tidy(axes, xlabel, ylabel)
    legend_below(figure, all_axes[0], columns=5)
    return figure
