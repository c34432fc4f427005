"""The settings of a training that suit an arm."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kinverse.learning.training.config import FitConfig

if TYPE_CHECKING:
    from kinverse.robot.arm import Arm

PROPOSER = FitConfig(
    hidden=(64, 64, 64),
    activation="silu",
    heads=4,
    bounds="range",
    loss="distance",
    loss_space="tip",
    learning_rate=1e-2,
    schedule="one_cycle",
    epochs=400,
    batch_size=512,
    inputs="pose",
    scale_features="standard",
    scale_targets="none",
    rows=40_000,
    resample=True,
)
"""Several answers to every pose of an arm, for a solver to finish; `default_config` adds the arm's own scale."""
RADIAN = 0.5
"""What a radian of rotation error counts as, in parts of `tool_spread`, so that arms of all sizes are treated alike."""


def default_config(what: object) -> FitConfig:
    """The settings that suit what is learned from: a proposer's for an arm that reaches poses, else the plain ones.

    Args:
        what: an arm, or anything else that `kv.fit` takes.
    """
    from kinverse.robot.arm import Arm

    if not isinstance(what, Arm) or what.task != "pose":
        return FitConfig()
    return replace(PROPOSER, rotation_weight=RADIAN * tool_spread(what))


def tool_spread(arm: Arm) -> float:
    """How far the tool is from its middle place, root mean square over the joints' range [m]; 1 if it stays there."""
    positions = arm.pose(arm.sample(1000, seed=0))[:, :3, 3]
    spread = float(positions.var(axis=0).sum()) ** 0.5
    return spread if spread > 1e-6 else 1.0
