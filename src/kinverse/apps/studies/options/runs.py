"""What the options study trains: every option for every seed, three learning rates and three capacities."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import kinverse as kv
from kinverse.apps.studies.study import Effort, Training
from kinverse.learning.data.dataset import Dataset, Manifest, Table
from kinverse.learning.data.splits import split_indices
from kinverse.learning.training.config import FitConfig

POINTS_PER_AXIS = 20
SPLIT_SEED = 42
XY = Manifest(name="xy", source="", feature_names=("x", "y"), feature_units=("m", "m"))

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
STARTS = 5


@functools.cache
def grid() -> Dataset:
    """Positions to reach with the three-link arm: 20 × 20 points on [0, 2]² m, without joint positions."""
    arm = kv.load_arm("planar3")
    axis = np.linspace(0.0, 2.0, POINTS_PER_AXIS)
    points = np.column_stack([a.ravel() for a in np.meshgrid(axis, axis)])
    source = f"grid of {POINTS_PER_AXIS} × {POINTS_PER_AXIS} tool positions on [0, 2]² m"
    manifest = replace(XY, name="planar3-grid", source=source, encoding="xy", seed=SPLIT_SEED)
    return _split(points, np.empty((len(points), 0)), manifest.with_arm(arm))


@functools.cache
def rings(kind: str = "numbers") -> Dataset:
    """The same points in three classes: closer to the base than 1 m, between 1 and 2 m, farther.

    Args:
        kind: the form of the targets: "numbers" 0, 1, 2; "columns", one for each class, 0 or 1; "signs", +1 for the
            first class and −1 for the others.
    """
    data = grid()
    points = np.concatenate([table.features for table in data.splits.values()])
    number = np.minimum(np.linalg.norm(points, axis=1), 2.999).astype(int)
    targets = {
        "numbers": number[:, None].astype(float),
        "columns": np.eye(3)[number],
        "signs": np.where(number == 0, 1.0, -1.0)[:, None],
    }[kind]
    names = ("near", "middle", "far") if kind == "columns" else ("ring",)
    manifest = replace(
        XY,
        name=f"rings-{kind}",
        source="the grid's points by their distance from the base: below 1 m, 1 to 2 m, above",
        target_names=names,
        target_units=("",) * len(names),
        seed=SPLIT_SEED,
    )
    return _split(points, targets, manifest)


def rings_for(loss: str) -> str:
    """The form of the classes that a loss takes."""
    return {"bce": "columns", "kl": "columns", "hinge_embedding": "signs"}.get(loss, "numbers")


@functools.cache
def noisy_rows() -> Dataset:
    """Few rows and noise: the distance of 60 points from the base, measured with an error of 0.1 m."""
    generator = np.random.default_rng(0)
    points = generator.uniform(0.0, 2.0, (260, 2))
    targets = np.linalg.norm(points, axis=1, keepdims=True) + generator.normal(0.0, 0.1, (260, 1))
    source = "distance from the base with an error of 0.1 m, 60 training rows"
    manifest = replace(XY, name="noisy-distance", source=source, target_names=("distance",), target_units=("m",))
    tables = {"train": slice(0, 60), "validation": slice(60, 260)}
    return Dataset.from_tables({k: Table(points[rows], targets[rows]) for k, rows in tables.items()}, manifest)


def _split(features: np.ndarray, targets: np.ndarray, manifest: Manifest) -> Dataset:
    indices = split_indices(len(features), (0.6, 0.2, 0.2), SPLIT_SEED)
    tables = {name: Table(features[rows], targets[rows]) for name, rows in indices.named().items()}
    return Dataset.from_tables(tables, manifest)


@dataclass(frozen=True)
class Key:
    """Identifies one training run: the setting, the option chosen for it, and the seed."""

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


def trainings(effort: Effort) -> Sequence[Training[Key]]:
    """Every option, for every seed; options that are the base itself are trained once."""
    found: dict[Key, Training[Key]] = {}

    def add(key: Key, base: FitConfig, changes: dict[str, Any], rows: Any, seconds: float) -> None:
        epochs = QUICK_EPOCHS if effort.quick else base.epochs
        found[key] = Training(key, base.replace(**{"seed": key.seed or 0, "epochs": epochs, **changes}), rows, seconds)

    for seed in effort.starts(STARTS, quick=1):
        for setting, options in REGRESSION.items():
            for option, changes in options.items():
                add(option_key(setting, option, seed), BASE, changes, grid, 0.7)
        for option, changes in CLASSIFICATION.items():
            rows = functools.partial(rings, rings_for(changes["loss"]))
            add(Key("class loss", option, seed), CLASSES, changes, rows, 0.5)
    for name, rate in LEARNING_RATES.items():
        add(Key("learning rate", name), BASE, {"learning_rate": rate}, grid, 0.7)
    for name, hidden in CAPACITIES.items():
        config = FIT_TO_NOISE.replace(hidden=hidden)
        key = Key("capacity", name)
        found[key] = Training(key, config, noisy_rows, 1.5)
    return list(found.values())
