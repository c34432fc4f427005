"""Drawings of an arm in one or several configurations: planar arms in the plane, other arms in space."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from kinverse.errors import ConfigError, ShapeError, cannot_write
from kinverse.files import write_atomic
from kinverse.learning.evaluation.metrics import finite_array
from kinverse.plotting.colours import BLACK, VERMILLION
from kinverse.plotting.style import AXIS_COLOURS, DASHES, SERIES, legend_below, new_figure, tidy, to_png
from kinverse.robot.arm import Arm

MAX_SEPARATE = 4
"""Up to this number of configurations, each has its own colour and tool axes; more are drawn as one motion."""


def arm_pose(
    arm: Arm,
    q: Float[np.ndarray, "*k dof"],
    target: Float[np.ndarray, "*m d"] | Float[np.ndarray, "*m 4 4"] | None = None,
    title: str = "",
    half_width: float | None = None,
) -> Figure:
    """Draw the arm as a line from its base through its joints to the tool, with the axes of the tool frame.

    Args:
        arm: the arm.
        q: (dof,) joint positions, or (k, dof) for k configurations in one figure [rad or m].
        target: one target or a batch: positions (2,) or (3,) [m], or poses (4, 4); None: no target is drawn.
        title: text above the plot.
        half_width: half the width of the axes, centred on the base [m]; gives several figures of one arm equal axes.
            None: the axes fit the contents.

    Raises:
        ShapeError: `q` or `target` does not fit the arm or is not finite.
    """
    q = np.atleast_2d(finite_array("q", q))
    if q.ndim != 2:
        raise ShapeError(f"configurations to draw must have shape ({arm.dof},) or (k, {arm.dof}), got {q.shape}")
    frames = arm.link_poses(q)  # (k, dof + 1, 4, 4)
    base = np.broadcast_to(np.eye(4)[None, None], (len(q), 1, 4, 4))
    chain = np.concatenate([base, frames], axis=1)  # (k, dof + 2, 4, 4)
    dimensions = 2 if arm.is_planar else 3
    points = chain[:, :, :dimensions, 3]
    targets = None if target is None else _target_points(target, dimensions)
    shown = points.reshape(-1, dimensions)
    if targets is not None:
        shown = np.vstack([shown, targets])
    if half_width is not None:
        shown = half_width / 1.36 * np.array([[-1.0] * dimensions, [1.0] * dimensions])  # `_frame` adds a margin
    reach = float(np.ptp(shown, axis=0).max()) or 1.0
    figure = new_figure(5.6, 5.8)
    axes: Any = figure.add_subplot() if arm.is_planar else figure.add_subplot(projection="3d")
    for i in range(len(q)):
        _draw_chain(axes, points[i], i, len(q))
        if len(q) <= MAX_SEPARATE or i == len(q) - 1:
            _draw_triad(axes, chain[i, -1], 0.12 * reach, dimensions)
    _mark(axes, points[0, 0], "base", marker="s", color=BLACK, markersize=9)
    if targets is not None:
        one_each = 1 < len(targets) == len(q) <= MAX_SEPARATE  # each target gets the colour of its configuration
        for i, point in enumerate(targets):
            color = SERIES[i] if one_each else VERMILLION
            _mark(axes, point, "target" if i == 0 else None, marker="x", color=color, markersize=10, markeredgewidth=2)
    _frame(axes, shown, reach, title, arm.is_planar)
    legend_below(figure, axes, columns=4)
    return figure


def _target_points(
    target: Float[np.ndarray, "*m d"] | Float[np.ndarray, "*m 4 4"], dimensions: int
) -> Float[np.ndarray, "m dims"]:
    """Positions of one target or a batch; in space, a planar target lies at height 0."""
    targets = finite_array("target", target)
    is_pose = targets.shape[-2:] == (4, 4)
    if (is_pose and targets.ndim > 3) or (
        not is_pose and (targets.ndim not in (1, 2) or targets.shape[-1] not in (2, 3))
    ):
        raise ShapeError(f"a target must have shape (2,), (3,) or (4, 4), or (m, …) of one, got {targets.shape}")
    positions = targets.reshape(-1, 4, 4)[:, :3, 3] if is_pose else np.atleast_2d(targets)
    if positions.shape[1] < dimensions:
        return np.pad(positions, ((0, 0), (0, 1)))
    return positions[:, :dimensions]


def _draw_chain(axes: Axes, points: Float[np.ndarray, "frames dims"], i: int, count: int) -> None:
    """Draw configuration `i` of `count`: the links as a line, the joints as dots, the tool as a diamond.

    Up to `MAX_SEPARATE` configurations differ in colour, line style and label; more fade in as a motion.
    """
    last = i == count - 1
    if count <= MAX_SEPARATE:
        color, dash, label = to_rgb(SERIES[i]), DASHES[i], "arm" if count == 1 else f"pose {i + 1}"
    else:
        share = 0.2 + 0.8 * i / (count - 1)
        red, green, blue = (1.0 - share * (1.0 - part) for part in to_rgb(SERIES[0]))
        color, dash, label = (red, green, blue), "-", f"pose {i + 1}" if i == 0 or last else "_"
    axes.plot(*points.T, color=color, linestyle=dash, linewidth=3, label=label)
    dots: dict[str, Any] = {"linestyle": "", "color": color, "markersize": 7}
    # Shared labels belong to the last configuration, so that the legend lists the configurations first.
    axes.plot(*points[1:-1].T, marker="o", markeredgecolor="white", label="joint" if last else None, **dots)
    axes.plot(*points[-1:].T, marker="D", markeredgecolor=BLACK, label="tool" if last else None, **dots)


def _mark(axes: Axes, point: Float[np.ndarray, " dims"], label: str | None, **style: Any) -> None:
    """Draw one marker, in the plane or in space."""
    axes.plot(*point[:, None], linestyle="", label=label, **style)


def _draw_triad(axes: Any, T: Float[np.ndarray, "4 4"], length: float, dimensions: int) -> None:
    """Draw the axes of a frame with their letters; in the plane, z is omitted because it points at the reader."""
    origin = T[:dimensions, 3]
    for axis, letter in enumerate("xyz"[:dimensions]):
        end = origin + length * T[:dimensions, axis]
        axes.plot(*np.stack([origin, end]).T, color=AXIS_COLOURS[axis], linewidth=1.5, zorder=4)
        axes.text(
            *(origin + 1.25 * length * T[:dimensions, axis]), letter, color=AXIS_COLOURS[axis], ha="center", va="center"
        )


def _frame(axes: Any, shown: Float[np.ndarray, "n dims"], reach: float, title: str, planar: bool) -> None:
    """Set equal scales on all axes, labels in metres, and a margin."""
    middle = (shown.min(axis=0) + shown.max(axis=0)) / 2.0
    half = 0.5 * reach + 0.18 * reach
    limits = np.stack([middle - half, middle + half], axis=1)
    axes.set_xlim(*limits[0])
    axes.set_ylim(*limits[1])
    if planar:
        axes.set_aspect("equal")
        tidy(axes, "x [m]", "y [m]", title)
        return
    axes.set_zlim(*limits[2])
    axes.set_box_aspect((1.0, 1.0, 1.0))
    axes.view_init(elev=22, azim=-60)
    axes.set(xlabel="x [m]", ylabel="y [m]", zlabel="z [m]")
    axes.locator_params(nbins=5)
    if title:
        axes.set_title(title, loc="left", fontsize="medium")


def save_arm_picture(arm: Arm, path: Path | None = None) -> Path:
    """Write a picture of the arm in three configurations.

    Args:
        arm: the arm.
        path: PNG file, replaced if it exists; None: NAME.png in the current folder, or NAME-2.png, … if another
            picture has that name.

    Returns:
        The file.

    Raises:
        ConfigError: the file does not end in .png, or its folder does not exist or cannot be written.
    """
    if path is not None and path.suffix.lower() != ".png":
        raise ConfigError(f"{path}: the picture is a PNG file, give a name that ends in .png")
    picture = to_png(arm_pose(arm, arm.sample(3, seed=4), title=arm.name))
    try:
        path = path or _picture_path(arm.name, picture)
        write_atomic(path, picture)
    except OSError as problem:
        raise cannot_write(path, problem) from None
    return path


def _picture_path(name: str, picture: bytes) -> Path:
    """NAME.png, or the first of NAME-2.png, … that is free or already contains this picture."""
    paths = (Path(f"{name}.png" if number == 1 else f"{name}-{number}.png") for number in itertools.count(1))
    return next(path for path in paths if not path.exists() or (path.is_file() and path.read_bytes() == picture))
