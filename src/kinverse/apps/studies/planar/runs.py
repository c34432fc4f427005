"""Trainings of the planar study: the six published models."""

from __future__ import annotations

import math

from kinverse.apps.studies.study import Recipe
from kinverse.learning.training.config import FitConfig


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
    return Recipe(f"planar model {number}", FitConfig(**(settings | changes)), published)


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
