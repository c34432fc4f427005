"""What the questions of lesson 4 claim, measured."""

from collections.abc import Sequence

import numpy as np

import kinverse as kv
from kinverse.apps.course.examples import train_briefly
from kinverse.learning.training.config import FitConfig
from kinverse.tables import Cell, Table

BASE = FitConfig(hidden=(32, 32), learning_rate=0.01, epochs=200, scale_features="standard", scale_targets="standard")
SEEDS = (0, 1)


def output_activations() -> Table:
    """NAO's right arm, targets with mean 0 and deviation 1, and different functions at the output."""
    data = kv.make_arkoma("nao-right", rows=1000, seed=0, test_rows="uniform")
    rows: list[Sequence[Cell]] = []
    for name, reach in (("linear", "any number"), ("relu", "0 and above"), ("sigmoid", "0 … 1"), ("tanh", "−1 … 1")):
        config = BASE.replace(output_activation=name)  # type: ignore[arg-type]
        rows.append((name, reach, *(train_briefly(data, config.replace(seed=s)).best_loss for s in SEEDS)))
    columns = ("output", "can say", *(f"validation loss, seed {seed}" for seed in SEEDS))
    note = "Loss on targets with mean 0 and deviation 1; a constant answer scores about 1."
    return Table("What stands at the output of a regression", columns, rows, note)


def hidden_activations() -> Table:
    """The same with different functions behind the hidden layers, and with none."""
    data = kv.make_arkoma("nao-right", rows=1000, seed=0, test_rows="uniform")
    rows: list[Sequence[Cell]] = []
    for name in ("relu", "leaky_relu", "tanh", "silu", "sigmoid"):
        config = BASE.replace(activation=name)
        rows.append((name, *(train_briefly(data, config.replace(seed=s)).best_loss for s in SEEDS)))
    # Two linear layers without anything between them are one linear layer.
    linear = BASE.replace(hidden=())
    rows.append(("none: layers fall into one", *(train_briefly(data, linear.replace(seed=s)).best_loss for s in SEEDS)))
    columns = ("behind the hidden layers", *(f"validation loss, seed {seed}" for seed in SEEDS))
    return Table("What stands behind the hidden layers", columns, rows)


def vanishing_slopes() -> Table:
    """How much of a gradient is left after ten layers of slopes, for inputs drawn from a standard normal."""
    x = np.random.default_rng(0).normal(size=(10, 100_000))
    sigmoid = 1.0 / (1.0 + np.exp(-x))
    slopes = {
        "sigmoid": sigmoid * (1.0 - sigmoid),
        "tanh": 1.0 - np.tanh(x) ** 2,
        "ReLU, where it is on": np.ones_like(x),
    }
    rows: list[Sequence[Cell]] = [
        (name, float(values.max()), float(np.median(values.prod(axis=0)))) for name, values in slopes.items()
    ]
    return Table("Product of the slopes of ten layers", ("activation", "largest slope", "product, median"), rows)
