"""Settings that are known to work: those that suit an arm, and published trainings with their numbers.

The published ones are those of the workshop material that the two running examples come from (the NAO arm on ARKOMA,
and the three-link planar arm trained through its forward kinematics).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
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


@dataclass(frozen=True)
class Recipe:
    """One training and what it is known to give.

    Attributes:
        title: for tables.
        config: the settings.
        published: name of a figure → its published value; empty for our own recipes.
    """

    title: str
    config: FitConfig
    published: dict[str, float] = field(default_factory=dict)


NAO_PUBLISHED = Recipe(
    "NAO right arm, 6-16-5",
    FitConfig(
        hidden=(16,),
        initialisers=("he_normal", "xavier_normal"),
        bias_initialiser="zeros",
        learning_rate=0.01,
        epochs=300,
        keep_best=False,  # the published script keeps the last weights
    ),
    {"scaled test MSE": 0.0185, "R², global mean": 0.7178},
)

NAO_BETTER = Recipe(
    "NAO right arm, better network",
    FitConfig(
        hidden=(128, 128, 128),
        activation="silu",
        inputs="pose",
        scale_features="standard",
        scale_targets="standard",
        learning_rate=3e-3,
        schedule="one_cycle",
        batch_size=128,
        epochs=150,
    ),
)


def _planar(number: int, hidden: tuple[int, ...], published: dict[str, float], **changes: object) -> Recipe:
    """One of the six planar models: full-batch Adam on raw coordinates, the published almost constant schedule."""
    settings: dict[str, object] = {
        "hidden": hidden,
        "learning_rate": 0.01,
        "schedule": "step",
        "schedule_step": 100,
        "gamma": 0.995,
        "epochs": 1000,
        "scale_features": "none",
        "keep_best": False,
    }
    return Recipe(f"planar model {number}", FitConfig(**(settings | changes)), published)  # type: ignore[arg-type]


def _losses(first: tuple[float, float], last: tuple[float, float]) -> dict[str, float]:
    return {
        "train loss, epoch 0": first[0],
        "validation loss, epoch 0": first[1],
        "final train loss": last[0],
        "final validation loss": last[1],
    }


PLANAR = {
    1: _planar(1, (12,), _losses((4.8425, 4.4216), (0.0014, 0.0015))),
    2: _planar(2, (24, 24), _losses((2.6520, 1.7917), (0.0005, 0.0003))),
    3: _planar(3, (48, 48, 48), _losses((2.6872, 2.0361), (0.0004, 0.0004))),
    4: _planar(4, (48, 48), _losses((2.2229, 1.5491), (0.0167, 0.0192)), max_angle=math.pi / 2),
    5: _planar(5, (48, 48), _losses((2.6804, 2.8504), (0.3395, 0.3426)), learning_rate=1.0, schedule="constant"),
    6: _planar(
        6, (48, 48), _losses((2.4209, 2.4439), (0.6831, 0.7282)),
        max_angle=2.0, learning_rate=1e-4, schedule="constant", epochs=300,
    ),
}  # fmt: skip
