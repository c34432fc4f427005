"""A training with a known fault, and the settings that are right for each kind of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kinverse.learning.training.config import FitConfig
from tests.support.faulty_trainings.rows import Rows


@dataclass(frozen=True)
class Case:
    """One training with a known fault.

    Attributes:
        name: unique.
        rows: makes the data set, from a seed.
        config: settings; the seed is added.
        causes: what the diagnosis must find, with any of the alternatives that a "|" separates; empty: healthy.
        also: what it may find besides, because it is true as well.
        slow: takes more than a few seconds.
    """

    name: str
    rows: Rows
    config: FitConfig
    causes: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    slow: bool = False

    def with_seed(self, seed: int) -> FitConfig:
        """The settings with this seed."""
        return self.config.replace(seed=seed)


def plain(**settings: Any) -> FitConfig:
    """A small network that learns most things here."""
    return FitConfig.of(**({"hidden": (24, 24), "learning_rate": 0.01, "epochs": 400} | settings))


def sines(**settings: Any) -> FitConfig:
    """A network that follows a sine."""
    return plain(**({"activation": "tanh", "scale_features": "standard", "epochs": 1000} | settings))


def planar(**settings: Any) -> FitConfig:
    """A network for the planar arm's square."""
    return plain(**({"scale_features": "none", "schedule": "exponential", "gamma": 0.99, "epochs": 500} | settings))


def floor(angle: float) -> FitConfig:
    """The same with angles that do not reach all of the square."""
    return planar(hidden=(64, 64), learning_rate=3e-3, schedule="cosine", scale_features="standard", max_angle=angle)


def nao(**settings: Any) -> FitConfig:
    """A network for the joints of NAO's arm."""
    usual = {"hidden": (64, 64), "activation": "silu", "scale_features": "standard", "scale_targets": "standard"}
    return plain(**(usual | {"schedule": "one_cycle", "batch_size": 128, "epochs": 40} | settings))


def proposer(**settings: Any) -> FitConfig:
    """Several answers to each target, judged by where they bring the tool."""
    return nao(**({"heads": 3, "loss_space": "tool", "bounds": "limits", "scale_targets": "none"} | settings))


def classes(**settings: Any) -> FitConfig:
    """A small classifier."""
    usual = {"hidden": (16, 16), "loss": "cross_entropy", "scale_features": "standard", "schedule": "cosine"}
    return plain(**(usual | {"epochs": 200} | settings))


DOUBLE = {"output_activation": "softmax", "double_softmax": True}
"""Settings of the mistake."""
