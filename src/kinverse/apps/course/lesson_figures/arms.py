"""Figures of planar arms: angles and reach, two solutions, convergence of damped steps."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from kinverse.plotting.style import BLACK, BLUE, DASHES, GREY, ORANGE, VERMILLION, legend_below, new_figure, tidy
from kinverse.robot.arm import Arm
from kinverse.robot.catalog import planar_arm

STEPS = 25
DAMPING = 0.01
MIN_DISTANCE = 1e-13


def planar_kinematics(q: tuple[float, ...] = (0.9, -0.5, -0.8), poses: int = 6000) -> Figure:
    """A planar arm with its joint angles, and the tool positions of random poses with all angles within ±90°.

    Args:
        q: joint angles [rad], one for each link of 1 m.
        poses: number of random poses in the second panel.
    """
    arm = planar_arm([1.0] * len(q), max_angle=np.pi / 2.0)
    figure = new_figure(8.8, 4.6)
    axes = figure.add_subplot(1, 2, 1)
    joints = arm.link_poses(np.array(q))[:, :2, 3]
    axes.plot(*joints.T, color=BLUE, linewidth=3.0, marker="o", markersize=7, label="links and joints")
    axes.plot(*joints[-1:].T, linestyle="", marker="D", color=VERMILLION, markersize=8, zorder=4, label="tool")
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
    tidy(axes, "x [m]", "y [m]", "each angle is measured from the link before")
    reached = figure.add_subplot(1, 2, 2)
    reached.plot(
        *_tool(arm, arm.sample(poses, seed=0)).T, linestyle="", marker=".", color=BLUE, markersize=1.5, alpha=0.6
    )
    reached.plot([], [], linestyle="", marker="o", color=BLUE, markersize=4, label="tool of a random pose")
    reached.add_patch(Rectangle((0.0, 0.0), 2.0, 2.0, fill=False, edgecolor=BLACK, linewidth=1.6, label="targets"))
    reached.add_patch(
        Circle((0.0, 0.0), 1.0, fill=False, edgecolor=VERMILLION, linestyle="--", linewidth=1.6, label="1 m")
    )
    reached.set_aspect("equal")
    tidy(reached, "x [m]", "y [m]", "angles within ±90°")
    shown = [handle for panel in (axes, reached) for handle in panel.get_legend_handles_labels()[0]]
    figure.legend(handles=shown, loc="outside lower center", ncols=5, frameon=False, fontsize="small")
    return figure


def two_elbows(lengths: tuple[float, float] = (1.0, 0.8), target: tuple[float, float] = (0.9, 0.5)) -> Figure:
    """Both solutions of a two-link arm for one target, and the arm at their average.

    Args:
        lengths: lengths of the links [m].
        target: target of the tool [m].
    """
    arm, (x, y) = planar_arm(lengths), target
    l1, l2 = lengths
    elbow = np.arccos((x * x + y * y - l1 * l1 - l2 * l2) / (2.0 * l1 * l2))
    answers = [
        np.array([np.arctan2(y, x) - np.arctan2(l2 * np.sin(q2), l1 + l2 * np.cos(q2)), q2]) for q2 in (elbow, -elbow)
    ]
    average = np.mean(answers, axis=0)
    miss = 1e3 * float(np.linalg.norm(_tool(arm, average) - target))
    figure = new_figure(5.6, 5.0)
    axes = figure.add_subplot()
    looks = (("elbow on one side", BLUE, DASHES[0]), ("elbow on the other side", ORANGE, DASHES[0]))
    for q, (label, colour, dash) in zip(
        [*answers, average], (*looks, ("their average", BLACK, DASHES[1])), strict=True
    ):
        chain = np.vstack([np.zeros(2), arm.link_poses(q)[1:, :2, 3]])
        axes.plot(*chain.T, color=colour, linestyle=dash, linewidth=3, marker="o", markersize=6, label=label)
    axes.plot(x, y, linestyle="", marker="x", color=VERMILLION, markersize=12, markeredgewidth=3, label="target")
    axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.08)
    tidy(axes, "x [m]", "y [m]", f"the average misses by {miss:.0f} mm")
    legend_below(figure, axes, columns=2)
    return figure


def refinement(starts: int = 6, seed: int = 3) -> Figure:
    """Distance of the tool from the target over damped steps, from starts near a solution and from random ones.

    Args:
        starts: number of starts of each kind.
        seed: seed of solutions and starts.
    """
    arm = planar_arm([1.0, 0.8, 0.6], max_angle=2.4)
    rng = np.random.default_rng(seed)
    figure = new_figure()
    axes = figure.add_subplot()
    kinds = (("0.25 rad from a solution", BLUE, DASHES[0], 0.25), ("random start", VERMILLION, DASHES[1], None))
    for label, colour, dash, off in kinds:
        for i in range(starts):
            solution = np.array([rng.uniform(-1.0, 1.0), rng.uniform(0.6, 1.6), rng.uniform(0.6, 1.6)])
            direction = rng.normal(size=3)
            start = arm.sample(1, rng)[0] if off is None else solution + off * direction / np.linalg.norm(direction)
            miss = _misses(arm, start, _tool(arm, solution))
            axes.plot(miss, color=colour, linestyle=dash, label=label if i == 0 else None, linewidth=1.4)
    axes.set_yscale("log")
    tidy(axes, "step", "distance of the tool from the target [m]")
    legend_below(figure, axes)
    return figure


def _misses(arm: Arm, q: Float[np.ndarray, " 3"], target: Float[np.ndarray, " 2"]) -> Float[np.ndarray, " steps"]:
    """The distance before each step [m], at least `MIN_DISTANCE`, the level of rounding."""
    found = []
    for _ in range(STEPS):
        error = target - _tool(arm, q)
        found.append(max(float(np.linalg.norm(error)), MIN_DISTANCE))
        J = arm.jacobian(q)[:2]
        q = np.clip(q + J.T @ np.linalg.solve(J @ J.T + DAMPING**2 * np.eye(2), error), arm.lower, arm.upper)
    return np.array(found)


def _tool(arm: Arm, q: Float[np.ndarray, "*batch dof"]) -> Float[np.ndarray, "*batch 2"]:
    """Position of the tool in the plane [m]."""
    return arm.forward_kinematics(q)[..., :2, 3]
