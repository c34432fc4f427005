"""Figures of the course's lessons on training and judging networks; each is computed here, in a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from torch import nn

from kinverse.learning.data.dataset import Dataset, Manifest, Table
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.loop import TrainingState, train
from kinverse.learning.training.problem import build_problem
from kinverse.plotting.graph import Node, computation_graph
from kinverse.plotting.losses import LossPanel, loss_curves
from kinverse.plotting.parity import parity
from kinverse.plotting.regions import RegionPanel, decision_regions
from kinverse.plotting.style import BLACK, BLUE, GREY, VERMILLION, new_figure, tidy
from kinverse.robot.planar import planar_arm


def backprop_chain(x: float = -2.0, weights: tuple[float, ...] = (-1.0, 3.0, 7.0), t: float = 40.0) -> Figure:
    """A chain of products and ReLUs with the value and the gradient of every step; the loss is ½ (y − t)².

    Args:
        x: what goes in.
        weights: one for each product; behind all but the last stands a ReLU.
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
    back, behind = h[-1] - t, loss  # the gradient of what stands before `behind`
    for n in range(last, 0, -1):
        place = 2.0 * n - 1.0
        if n < last:
            name = f"h{n} = ReLU(z{n})"
            nodes.append(Node(name, (h[n],), (back,), place + 1.0, 1))
            arrows.append((name, behind))
            back, behind = back * (z[n - 1] > 0.0), name
        name = f"{'y' if n == last else f'z{n}'} = w{n} · {'x' if n == 1 else f'h{n - 1}'}"
        nodes.append(Node(name, (z[n - 1],), (back,), place, 1))
        nodes.append(Node(f"w{n}", (weights[n - 1],), (back * h[n - 1],), place, 0, "weight"))
        arrows += [(name, behind), (f"w{n}", name)]
        back, behind = back * weights[n - 1], name
    arrows.append(("x", behind))
    return computation_graph(nodes, arrows)


def reset_or_not(steps: int = 150, seed: int = 0) -> Figure:
    """Losses of one training with the gradient reset before every step, and of the same one without.

    Args:
        steps: to take.
        seed: of the weights.
    """
    titles = {True: "gradient reset before every step", False: "never reset: gradients pile up"}
    panels = [
        LossPanel(title, np.arange(steps + 1), *losses_of_steps(steps, seed, reset=reset))
        for reset, title in titles.items()
    ]
    figure = loss_curves(panels, columns=2, ylabel="MSE loss [m²]")
    for axes in figure.axes:
        axes.set_xlabel("step")
    return figure


def losses_of_steps(steps: int, seed: int, *, reset: bool, rate: float = 0.05) -> Float[np.ndarray, "2 measured"]:
    """Train a network to say where the tip of the planar arm is, by plain gradient descent with all rows in a step.

    Args:
        steps: to take.
        seed: of the weights.
        reset: whether the gradient is set to zero before it is computed anew.
        rate: learning rate.

    Returns:
        (2, steps + 1) mean squared errors [m²] before the first step and after each: on 400 training rows, and on 400
        validation rows of the same kind.
    """
    arm = planar_arm([1.0, 1.0, 1.0])
    angles = [0.5 * arm.sample(400, seed=number) for number in range(2)]
    tables = [tuple(torch.tensor(a, dtype=torch.float32) for a in (q, arm.forward(q))) for q in angles]
    losses = np.empty((2, steps + 1))
    with seeded(seed):
        model = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 2))
        optimiser = torch.optim.SGD(model.parameters(), lr=rate)
        for step in range(steps + 1):
            train, validation = (nn.functional.mse_loss(model(x), y) for x, y in tables)
            losses[:, step] = train.item(), validation.item()
            if reset:
                optimiser.zero_grad()
            train.backward()
            optimiser.step()
    return losses


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Torch with a seed and on one thread, on which small networks are fastest; what the caller had comes back."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)


NOISE = 0.4
"""Standard deviation of the noise of `noisy_wave`."""


def noisy_wave(rows: int, seed: int, validation_rows: int = 500) -> Dataset:
    """Rows of y = sin 5x with noise, x in −1 … 1, and validation rows of the same kind.

    Args:
        rows: training rows.
        seed: of the training rows; the validation rows are always the same.
        validation_rows: how many.
    """
    names = {"feature_names": ("x",), "feature_units": ("",), "target_names": ("y",), "target_units": ("",)}
    manifest = Manifest(name="noisy wave", source="y = sin 5x with noise", seed=seed, **names)  # type: ignore[arg-type]
    tables = {}
    for split, count, start in (("train", rows, seed), ("validation", validation_rows, 1000)):
        rng = np.random.default_rng(start)
        x = rng.uniform(-1.0, 1.0, (count, 1))
        tables[split] = Table(x, np.sin(5.0 * x) + rng.normal(0.0, NOISE, x.shape))
    return Dataset.from_tables(tables, manifest)


UNREGULARISED = FitConfig(
    hidden=(64, 64), learning_rate=0.01, epochs=400, scale_features="none", scale_targets="none", keep_best=False
)
"""A network that is large for 20 rows, trained for long."""


def under_and_overfitting(seed: int = 2) -> Figure:
    """Losses of a small and a large network on 20 noisy points, and of the large one on 400, with the noise's level.

    Args:
        seed: of rows and weights.
    """
    panels = []
    for hidden, rows, verdict in (((2,), 20, "underfits"), ((64, 64), 20, "overfits"), ((64, 64), 400, "fits")):
        config = UNREGULARISED.replace(hidden=hidden, seed=seed)
        with seeded(seed):
            problem = build_problem(noisy_wave(rows, seed), None, config)
            state = train(problem, config, TrainingState.fresh(problem, config))
        curves = np.array([(row.train_loss, row.validation_loss) for row in state.history]).T
        title = f"{'-'.join(map(str, (1, *hidden, 1)))}, {rows} rows: {verdict}"
        floor = {"noise floor σ²": NOISE**2}
        epochs = np.arange(len(state.history))
        panels.append(LossPanel(title, epochs, curves[0], curves[1], floor, state.best_epoch))
    return loss_curves(panels)


def parity_gallery(rows: int = 250, seed: int = 0) -> Figure:
    """Six ways to be right or wrong about one angle, as parity plots with their R².

    Args:
        rows: points in a panel.
        seed: of the angles and the noise.
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


SIDE = 3.6
"""Of the square of targets that `reach_classes` draws from [m]."""
REACHES = ("too near", "reached", "too far")


def reach_classes(rows: int, seed: int, held_out: int) -> Dataset:
    """Targets in a quarter of the plane, and whether a planar arm reaches them.

    Of three links of 1 m whose angles stay within ±π/2, which reaches all of this quarter between 1 m and 3 m from its
    base and nothing else; `kinverse.ik.reach.closest_reachable` says the same.

    Args:
        rows: training rows.
        seed: of all rows.
        held_out: validation rows.

    Returns:
        Features x and y [m], target 0 too near, 1 reached, 2 too far.
    """
    names = {
        "feature_names": ("x", "y"),
        "feature_units": ("m", "m"),
        "target_names": ("reach",),
        "target_units": ("",),
    }
    manifest = Manifest(name="reach", source="targets in a square", seed=seed, **names)  # type: ignore[arg-type]
    xy = np.random.default_rng(seed).uniform(0.0, SIDE, (rows + held_out, 2))
    classes = np.digitize(np.linalg.norm(xy, axis=1), [1.0, 3.0])[:, None].astype(float)
    tables = {"train": Table(xy[:rows], classes[:rows]), "validation": Table(xy[rows:], classes[rows:])}
    return Dataset.from_tables(tables, manifest)


CLASSIFIER = FitConfig(
    hidden=(16, 16), loss="cross_entropy", learning_rate=0.01, epochs=300, scale_features="standard",
    scale_targets="none", keep_best=False,
)  # fmt: skip


def reach_regions(seed: int = 0) -> Figure:
    """What a linear classifier and one with two hidden layers say all over the plane.

    Args:
        seed: of rows and weights.
    """
    data = reach_classes(160, seed, 40)
    points = np.concatenate([data.train.features, data.validation.features])
    classes = np.concatenate([data.train.targets, data.validation.targets])[:, 0].astype(int)
    held_out = np.arange(len(points)) >= len(data.train)
    axis = np.linspace(0.0, SIDE, 160)
    grid = np.column_stack([a.ravel() for a in np.meshgrid(axis, axis)])
    panels = []
    for hidden, title in (((), "no hidden layer"), ((16, 16), "two hidden layers of 16")):
        config = CLASSIFIER.replace(hidden=hidden, seed=seed)
        with seeded(seed):
            problem = build_problem(data, None, config)
            train(problem, config, TrainingState.fresh(problem, config))
        said = problem.model.predict(grid).argmax(axis=1).reshape(len(axis), len(axis))
        panels.append(RegionPanel(title, said, points, classes, held_out))
    return decision_regions(panels, REACHES, ((0.0, SIDE), (0.0, SIDE)), ("x [m]", "y [m]"))


def planar_kinematics(q: tuple[float, ...] = (0.9, -0.5, -0.8), tips: int = 6000) -> Figure:
    """The planar arm in a pose with its angles, and where its tip gets while all angles stay within ±90°.

    Args:
        q: the angles [rad], one for each link of 1 m.
        tips: random poses in the second panel.
    """
    arm = planar_arm([1.0] * len(q), max_angle=np.pi / 2.0)
    figure = new_figure(8.8, 4.6)
    axes = figure.add_subplot(1, 2, 1)
    joints = arm.joint_poses(np.array(q))[:, :2, 3]
    axes.plot(*joints.T, color=BLUE, linewidth=3.0, marker="o", markersize=7, label="links and joints")
    axes.plot(*joints[-1:].T, linestyle="", marker="D", color=VERMILLION, markersize=8, zorder=4, label="tip")
    before = 0.0
    for n, (joint, angle) in enumerate(zip(joints[:-1], q, strict=True)):
        ahead = joint + 0.75 * np.array([np.cos(before), np.sin(before)])
        axes.plot(*np.stack([joint, ahead]).T, color=GREY, linestyle="--", linewidth=1.0)
        turn = before + angle * np.linspace(0.0, 1.0, 30)
        axes.plot(joint[0] + 0.38 * np.cos(turn), joint[1] + 0.38 * np.sin(turn), color=VERMILLION, linewidth=1.4)
        middle = before + 0.5 * angle
        axes.text(
            joint[0] + 0.56 * np.cos(middle), joint[1] + 0.56 * np.sin(middle), f"θ{n + 1}", ha="center", va="center"
        )
        before += angle
    axes.set_aspect("equal")
    axes.margins(0.12)
    tidy(axes, "x [m]", "y [m]", "every angle counts from the link before it")
    reached = figure.add_subplot(1, 2, 2)
    reached.plot(
        *arm.forward(arm.sample(tips, seed=0)).T, linestyle="", marker=".", color=BLUE, markersize=1.5, alpha=0.6
    )
    reached.plot([], [], linestyle="", marker="o", color=BLUE, markersize=4, label="tip of a random pose")
    reached.add_patch(Rectangle((0.0, 0.0), 2.0, 2.0, fill=False, edgecolor=BLACK, linewidth=1.6, label="targets"))
    reached.add_patch(
        Circle((0.0, 0.0), 1.0, fill=False, edgecolor=VERMILLION, linestyle="--", linewidth=1.6, label="1 m")
    )
    reached.set_aspect("equal")
    tidy(reached, "x [m]", "y [m]", "angles within ±90°")
    shown = [handle for panel in (axes, reached) for handle in panel.get_legend_handles_labels()[0]]
    figure.legend(handles=shown, loc="outside lower center", ncols=5, frameon=False, fontsize="small")
    return figure
