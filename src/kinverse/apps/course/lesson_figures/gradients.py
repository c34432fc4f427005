"""Figures of gradients: descent in a bowl, backpropagation through a chain, a missing reset."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from kinverse.apps.course.examples import losses_of_steps
from kinverse.plotting.graph import Node, computation_graph
from kinverse.plotting.losses import LossPanel, loss_curves
from kinverse.plotting.style import BLUE, GREY, VERMILLION, legend_below, new_figure, tidy


def descents(rates: Sequence[float] = (0.01, 0.13, 0.168), steps: int = 25) -> Figure:
    """Gradient descent on a long bowl, ½ (x² + 12 y²), with learning rates too small, good and too large.

    Args:
        rates: learning rates, one panel for each; above 2/12 the steps across the bowl grow.
        steps: number of steps.
    """
    bend = np.array([1.0, 12.0])
    x, y = np.meshgrid(np.linspace(-0.5, 2.3, 120), np.linspace(-1.3, 1.3, 120))
    figure = new_figure(8.4, 3.6)
    for place, rate in enumerate(rates):
        axes = figure.add_subplot(1, len(rates), place + 1)
        axes.contour(x, y, 0.5 * (x**2 + 12.0 * y**2), levels=[0.1, 0.5, 1.5, 4.0, 9.0], colors=GREY, linewidths=0.7)
        path = [np.array([2.0, 0.8])]
        for _ in range(steps):
            path.append(path[-1] - rate * bend * path[-1])
        axes.plot(*np.transpose(path), color=BLUE, marker="o", markersize=3.0, linewidth=1.0, label="steps")
        axes.plot([0.0], [0.0], linestyle="", marker="*", color=VERMILLION, markersize=11, label="minimum")
        axes.set_xlim(-0.5, 2.3)
        axes.set_ylim(-1.3, 1.3)
        height = float(0.5 * (bend * path[-1] ** 2).sum())
        tidy(axes, "w₁", "w₂" if place == 0 else "", f"rate {rate:g}\nheight after {steps} steps: {height:.2g}")
    legend_below(figure, figure.axes[0])
    return figure


def backprop_chain(x: float = -2.0, weights: tuple[float, ...] = (-1.0, 3.0, 7.0), t: float = 40.0) -> Figure:
    """A chain of products and ReLUs with value and gradient of every step; the loss is ½ (y − t)².

    Args:
        x: input.
        weights: one for each product; a ReLU comes after all but the last.
        t: target.
    """
    z: list[float] = []
    h = [x]
    for n, weight in enumerate(weights):
        z.append(weight * h[-1])
        h.append(z[-1] if n == len(weights) - 1 else max(z[-1], 0.0))
    loss = "L = ½ (y − t)²"
    last = len(weights)
    column = 2.0 * last
    nodes = [
        Node("t", (t,), (), column, 0, "given"),
        Node(loss, (0.5 * (h[-1] - t) ** 2,), (1.0,), column, 1, "loss"),
        Node("x", (x,), (), 0, 1, "given"),
    ]
    arrows = [("t", loss)]
    back, after = h[-1] - t, loss  # the gradient of the node before `after`
    for n in range(last, 0, -1):
        place = 2.0 * n - 1.0
        if n < last:
            name = f"h{n} = ReLU(z{n})"
            nodes.append(Node(name, (h[n],), (back,), place + 1.0, 1))
            arrows.append((name, after))
            back, after = back * (z[n - 1] > 0.0), name
        name = f"{'y' if n == last else f'z{n}'} = w{n} · {'x' if n == 1 else f'h{n - 1}'}"
        nodes.append(Node(name, (z[n - 1],), (back,), place, 1))
        nodes.append(Node(f"w{n}", (weights[n - 1],), (back * h[n - 1],), place, 0, "weight"))
        arrows += [(name, after), (f"w{n}", name)]
        back, after = back * weights[n - 1], name
    arrows.append(("x", after))
    return computation_graph(nodes, arrows)


def reset_or_not(steps: int = 150, seed: int = 0) -> Figure:
    """Losses of one training with a reset of the gradient before every step, and of the same training without.

    Args:
        steps: number of steps.
        seed: seed of the weights.
    """
    titles = {True: "gradient reset before every step", False: "never reset: gradients accumulate"}
    panels = [
        LossPanel(title, np.arange(steps + 1), *losses_of_steps(steps, seed, reset=reset))
        for reset, title in titles.items()
    ]
    figure = loss_curves(panels, columns=2, ylabel="MSE loss [m²]")
    for axes in figure.axes:
        axes.set_xlabel("step")
    return figure
