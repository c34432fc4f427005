"""Data sets from an arm alone: a grid of positions, or joint positions drawn within the limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from kinverse.arguments import as_number, as_whole
from kinverse.errors import ConfigError
from kinverse.learning.data.arkoma import Draw, make_arkoma
from kinverse.learning.data.dataset import Dataset, Manifest, Table, resolve_arm
from kinverse.learning.data.layout import is_arkoma_arm
from kinverse.learning.data.splits import require_seed, require_size, split_indices
from kinverse.robot.arm import Arm
from kinverse.robot.encodings import ARKOMA, XY, Encoding, default_encoding, encoding_named

GRID_SIDE = 2.0 / 3.0
"""Side of the default grid, as a share of the sum of the link lengths: 2 m for three links of 1 m, as published."""
SMALLEST_GRID = 4


def generate(
    arm: Arm,
    rows: int = 10_000,
    seed: int = 0,
    encoding: str | None = None,
    test_rows: Literal["trajectory", "uniform"] = "trajectory",
    draw: Draw = "uniform",
) -> Dataset:
    """A data set for the inverse kinematics of an arm.

    A NAO arm gives ARKOMA. A planar arm gives a square grid of positions without joint positions, to be learned through
    the forward kinematics: a position has many solutions, and their average is not one. The grid and its split are the
    published ones and do not depend on the seed. Any other arm gives joint samples and their poses.

    Args:
        arm: the arm.
        rows: number of rows in all splits; a grid has the nearest square number.
        seed: seed of the draw and the split.
        encoding: encoding of poses as columns; with any other than ARKOMA's, a NAO arm gives joint samples.
        test_rows: for ARKOMA only: along a joint trajectory, as published, or drawn like the training rows.
        draw: for ARKOMA only: joint positions "uniform" within the limits, or "normal", the closest match to the
            published rows.

    Raises:
        ConfigError: too few rows, more than memory holds, or another draw than the uniform one for other data.
        UnknownNameError: unknown encoding.
    """
    require_size(rows, arm.dof)
    if encoding is not None:
        encoding_named(encoding)
    if encoding in (None, ARKOMA.name) and is_arkoma_arm(arm.name, arm.fingerprint):
        return make_arkoma(arm, rows, seed, test_rows, draw)
    if draw != "uniform":
        raise ConfigError(f"draw {draw!r} is for ARKOMA's rows of the NAO arms; all other data is drawn uniformly")
    if encoding is None and default_encoding(arm) is XY:
        if rows < SMALLEST_GRID:
            raise ConfigError(f"the smallest grid has {SMALLEST_GRID} rows, got rows {rows}")
        return grid_dataset(arm, points_per_axis=round(rows**0.5))
    return joint_dataset(arm, rows, seed, encoding)


def grid_dataset(
    arm: Arm | str,
    points_per_axis: int = 100,
    low: float = 0.0,
    high: float | None = None,
    validation_fraction: float = 0.2,
    seed: int = 42,
    encoding: str | None = None,
) -> Dataset:
    """A regular grid of tool positions without joint positions, for losses that compare tool positions.

    The points run through `np.meshgrid(axis, axis)` in the default order, x fastest, and are split by
    scikit-learn's `train_test_split(test_size=validation_fraction, random_state=seed)`. The defaults are the
    published grid of the three-link arm (study 4): 100 × 100 points on [0, 2]².

    Args:
        arm: any arm, or its catalog name.
        points_per_axis: at least 2.
        low: first coordinate on every axis [m].
        high: last coordinate on every axis [m]; None: two thirds of the sum of the link lengths.
        validation_fraction: in (0, 1).
        seed: seed of the split.
        encoding: "xy" or "xyz"; default: that of the arm's default goal.

    Returns:
        A data set with features (n, 2) or (n, 3) [m], targets (n, 0) and no test split.

    Raises:
        ConfigError: the encoding holds a rotation, a setting is out of its range, or the grid does not fit into memory.
    """
    arm = resolve_arm(arm)
    form = default_encoding(arm) if encoding is None else encoding_named(encoding)
    if form.has_rotation:
        raise ConfigError(f"a grid holds positions: give encoding 'xy' or 'xyz' for {arm.name!r}, not {form.name!r}")
    points_per_axis = as_whole(points_per_axis, "points_per_axis", 2)
    validation_fraction = as_number(validation_fraction, "validation_fraction")
    low = as_number(low, "low")
    high = GRID_SIDE * link_length_sum(arm) if high is None else as_number(high, "high")
    if not (np.isfinite([low, high]).all() and low < high):
        raise ConfigError(f"low must be below high, got low {low!r}, high {high!r}")
    require_size(points_per_axis ** len(form.names), len(form.names))
    axis = np.linspace(low, high, points_per_axis)
    points = np.column_stack([axis_points.ravel() for axis_points in np.meshgrid(*[axis] * len(form.names))])
    shape = "×".join([str(points_per_axis)] * len(form.names))
    require_seed(seed)
    manifest = Manifest(
        name=f"{arm.name}-grid",
        source=f"grid of {shape} tool positions, {low:g} to {high:g} m on each axis",
        encoding=form.name,
        feature_names=form.names,
        feature_units=form.units,
        seed=int(seed),
    )
    indices = split_indices(len(points), (1.0 - validation_fraction, validation_fraction, 0.0), seed)
    tables = {split: Table(points[rows], np.empty((len(rows), 0))) for split, rows in indices.named().items()}
    return Dataset.from_tables(tables, manifest.with_arm(arm))


def joint_dataset(
    arm: Arm | str,
    rows: int = 10_000,
    seed: int = 0,
    encoding: Encoding | str | None = None,
    fractions: Sequence[float] = (0.6, 0.2, 0.2),
) -> Dataset:
    """Joint positions drawn uniformly within the limits, and their tool poses by forward kinematics.

    Args:
        arm: any arm, or its catalog name.
        rows: total number of rows.
        seed: seed of the draw and the split.
        encoding: encoding of poses as features, or its name; default: the exact one of the arm's default goal.
        fractions: fractions of train, validation and test; test may be 0.

    Returns:
        A data set whose targets are joint positions [rad or m] and whose features are the encoded poses.

    Raises:
        ConfigError: invalid fractions, too few rows to split, or too many to hold in memory.
        UnknownNameError: unknown encoding or arm.
    """
    arm = resolve_arm(arm)
    if encoding is None:
        encoding = default_encoding(arm)
    elif not isinstance(encoding, Encoding):
        encoding = encoding_named(encoding)
    require_size(rows, len(encoding.names) + arm.dof)
    indices = split_indices(rows, fractions, seed)
    q = arm.sample(rows, seed)
    features = encoding.encode(arm.forward_kinematics(q))
    manifest = Manifest(
        name=f"{arm.name}-joints",
        source=f"{rows} joint positions of {arm.name} drawn uniformly in its limits (continuous joints: ±π)",
        encoding=encoding.name,
        feature_names=encoding.names,
        feature_units=encoding.units,
        target_names=arm.joint_names,
        target_units=joint_units(arm),
        seed=int(seed),
    )
    tables = {split: Table(features[chosen], q[chosen]) for split, chosen in indices.named().items()}
    return Dataset.from_tables(tables, manifest.with_arm(arm))


def joint_units(arm: Arm) -> tuple[str, ...]:
    """The unit of each joint: "m" for a prismatic joint, "rad" for a revolute one."""
    return tuple("m" if slides else "rad" for slides in arm.is_prismatic)


def link_length_sum(arm: Arm) -> float:
    """Sum of the constant translations after the first joint [m]: turning joints reach no farther."""
    return float(np.linalg.norm(arm.T_offsets[1:, :3, 3], axis=1).sum())
