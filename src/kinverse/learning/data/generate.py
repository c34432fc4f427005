"""`generate`: the rows that suit an arm, whatever arm it is."""

from __future__ import annotations

from typing import Literal

from kinverse.errors import ConfigError
from kinverse.learning.data.arkoma import make_arkoma
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.data.layout import is_arkoma_arm
from kinverse.learning.data.sampling import grid_dataset, joint_dataset
from kinverse.learning.data.splits import require_size
from kinverse.robot.arm import Arm
from kinverse.robot.encodings import ARKOMA, encoding_named

SMALLEST_GRID = 4


def generate(
    arm: Arm,
    rows: int = 10_000,
    seed: int = 0,
    encoding: str | None = None,
    test_rows: Literal["trajectory", "uniform"] = "trajectory",
) -> Dataset:
    """Rows to learn an arm's inverse kinematics from.

    A NAO arm gives ARKOMA. A planar arm (task "xy") gives a square grid of positions without joints, to be learned
    through the forward kinematics, because a position has many joint answers and their average is none; nothing is
    drawn there, so the seed does not matter, and the split is the published one. Any other arm gives joint samples and
    their poses.

    Args:
        arm: whose rows.
        rows: how many, over all splits; a grid has the nearest square number.
        seed: of everything drawn.
        encoding: how poses become columns; another one than ARKOMA's makes joint samples of a NAO arm.
        test_rows: of ARKOMA only: along a joint trajectory, as published, or drawn like the training rows.

    Raises:
        ConfigError: too few rows, or more than memory holds.
        UnknownNameError: no such encoding.
    """
    require_size(rows, arm.dof)
    if encoding is not None:
        encoding_named(encoding)
    if encoding in (None, ARKOMA.name) and is_arkoma_arm(arm.name, arm.fingerprint):
        return make_arkoma(arm, rows, seed, test_rows)
    if arm.task == "xy" and encoding is None:
        if rows < SMALLEST_GRID:
            raise ConfigError(f"the smallest grid has {SMALLEST_GRID} rows, got rows {rows}")
        return grid_dataset(arm, points_per_axis=round(rows**0.5))
    return joint_dataset(arm, rows, seed, encoding)
