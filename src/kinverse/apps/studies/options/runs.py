"""Trainings of the options study: every option for every seed, three learning rates and three capacities."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kinverse.apps.studies.options import data
from kinverse.apps.studies.study import Effort, Training
from kinverse.learning.training.config import FitConfig

BASE = FitConfig.of(hidden=(24, 24), learning_rate=0.01, epochs=600, scale_features="none", scale_targets="none")
"""Every option changes one setting of this: the second planar model on a coarser grid."""
CLASSES = BASE.replace(loss="cross_entropy", epochs=300)

REGRESSION: dict[str, dict[str, dict[str, Any]]] = {
    "activation": {name: {"activation": name} for name in ("relu", "leaky_relu", "sigmoid", "tanh", "silu")},
    "layers": {
        "none hidden": {"hidden": ()},
        "linear + relu": {},
        "batch norm": {"batch_norm": True},
        "dropout 0.1": {"dropout": 0.1},
        "tanh bounds ±π": {"max_angle": math.pi},
    },
    "initialiser": {
        name: {"initialisers": (name,), "bias_initialiser": "zeros" if name == "zeros" else "default"}
        for name in ("default", "xavier_uniform", "xavier_normal", "he_uniform", "he_normal", "uniform", "zeros")
    },
    "optimiser": {
        "sgd": {"optimiser": "sgd"},
        "sgd, momentum 0.9": {"optimiser": "sgd", "momentum": 0.9},
        "adam": {"optimiser": "adam"},
        "adamw": {"optimiser": "adamw", "weight_decay": 0.01},
        "rmsprop": {"optimiser": "rmsprop"},
        "adagrad": {"optimiser": "adagrad"},
    },
    "loss": {name: {"loss": name} for name in ("mse", "mae", "huber", "distance")},
    "schedule": {
        "constant": {},
        "step": {"schedule": "step", "schedule_step": 100, "gamma": 0.3},
        "exponential": {"schedule": "exponential", "gamma": 0.99},
        "cosine": {"schedule": "cosine"},
        "one_cycle": {"schedule": "one_cycle"},
    },
    "scaler": {name: {"scale_features": name} for name in ("minmax", "standard", "none")},
}
"""Setting → option → its changes to the base, for the task of reaching targets."""
CLASSIFICATION: dict[str, dict[str, Any]] = {
    "cross_entropy on logits": {"loss": "cross_entropy"},
    "cross_entropy after softmax": {"loss": "cross_entropy", "output_activation": "softmax", "double_softmax": True},
    "bce on logits": {"loss": "bce"},
    "kl, log-probabilities": {"loss": "kl"},
    "hinge (SVM)": {"loss": "hinge"},
    "hinge_embedding": {"loss": "hinge_embedding", "output_activation": "sigmoid"},
}
"""Losses for classes. The embedding hinge is no classifier's loss: it pulls outputs of +1 rows to 0 and pushes the
others above 1, and needs an output that is bounded below."""
LEARNING_RATES = {"too small": 1e-5, "right": 1e-2, "too large": 1.0}
CAPACITIES = {"too small": (2,), "larger": (16, 16), "too large for the rows": (256, 256)}
FIT_TO_NOISE = BASE.replace(learning_rate=3e-3, epochs=1500, keep_best=False, scale_features="standard")
QUICK_EPOCHS = 100
STARTS = 3


@dataclass(frozen=True)
class Key:
    """One training: the option that a setting takes, and a random start where there are several."""

    setting: str
    option: str = ""
    seed: int | None = None

    def __str__(self) -> str:
        start = "" if self.seed is None else f", seed {self.seed}"
        return f"{self.setting} {self.option}".strip() + start


def option_key(setting: str, option: str, seed: int) -> Key:
    """The training of an option; an option that changes nothing is the base."""
    is_base = BASE.replace(**REGRESSION[setting][option]) == BASE
    return Key("base", seed=seed) if is_base else Key(setting, option, seed)


def class_key(option: str, seed: int) -> Key:
    """The training of a loss for classes."""
    return Key("class loss", option, seed)


def rate_key(name: str) -> Key:
    """The training of a learning rate."""
    return Key("learning rate", name)


def capacity_key(name: str) -> Key:
    """The training of a network of another size on few, noisy rows."""
    return Key("capacity", name)


def trainings(effort: Effort) -> Sequence[Training[Key]]:
    """Every option, for every seed; options that are the base itself are trained once."""
    found: dict[Key, Training[Key]] = {}

    def add(key: Key, base: FitConfig, changes: dict[str, Any], rows: Any, seconds: float) -> None:
        epochs = QUICK_EPOCHS if effort.quick else base.epochs
        found[key] = Training(key, base.replace(**{"seed": key.seed or 0, "epochs": epochs, **changes}), rows, seconds)

    for seed in starts(effort):
        for setting, options in REGRESSION.items():
            for option, changes in options.items():
                add(option_key(setting, option, seed), BASE, changes, data.grid, 0.7)
        for option, changes in CLASSIFICATION.items():
            rows = functools.partial(data.rings, data.rings_for(changes["loss"]))
            add(class_key(option, seed), CLASSES, changes, rows, 0.5)
    for name, rate in LEARNING_RATES.items():
        add(rate_key(name), BASE, {"learning_rate": rate}, data.grid, 0.7)
    for name, hidden in CAPACITIES.items():
        config = FIT_TO_NOISE.replace(hidden=hidden)
        found[capacity_key(name)] = Training(capacity_key(name), config, data.noisy_rows, 1.5)
    return list(found.values())


def starts(effort: Effort) -> range:
    """The seeds of every option."""
    return effort.starts(STARTS, quick=1)
