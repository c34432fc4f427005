"""Experiments for the questions of lesson 4."""

from collections.abc import Sequence

import numpy as np

import kinverse as kv
from kinverse.learning.training.config import FitConfig
from kinverse.tables import Cell, Table

BASE = FitConfig.of(
    hidden=(32, 32), learning_rate=0.01, epochs=200, scale_features="standard", scale_targets="standard"
)
SEEDS = (0, 1)


def output_activations() -> Table:
    """NAO's right arm, targets with mean 0 and standard deviation 1, and several output activations."""
    data = kv.make_arkoma("nao-right", rows=1000, seed=0, test_rows="uniform")
    rows: list[Sequence[Cell]] = []
    for name, reach in (("linear", "any number"), ("relu", "0 and above"), ("sigmoid", "0 … 1"), ("tanh", "−1 … 1")):
        config = BASE.replace(output_activation=name)  # type: ignore[arg-type]
        rows.append((name, reach, *_best_losses(data, config)))
    columns = ("output", "range", *(f"validation loss, seed {seed}" for seed in SEEDS))
    note = "Loss on targets with mean 0 and standard deviation 1; the loss of a constant is about 1."
    return Table("Output activations of a regression", columns, rows, note)


def hidden_activations() -> Table:
    """The same with several hidden activations, and with none."""
    data = kv.make_arkoma("nao-right", rows=1000, seed=0, test_rows="uniform")
    rows: list[Sequence[Cell]] = []
    for name in ("relu", "leaky_relu", "tanh", "silu", "sigmoid"):
        config = BASE.replace(activation=name)
        rows.append((name, *_best_losses(data, config)))
    # Linear layers without activations are equivalent to one linear layer.
    linear = BASE.replace(hidden=())
    rows.append(("none: equivalent to one layer", *_best_losses(data, linear)))
    columns = ("hidden activation", *(f"validation loss, seed {seed}" for seed in SEEDS))
    return Table("Hidden activations", columns, rows)


def vanishing_slopes() -> Table:
    """The remaining gradient after ten layers, for inputs drawn from a standard normal distribution."""
    x = np.random.default_rng(0).normal(size=(10, 100_000))
    sigmoid = 1.0 / (1.0 + np.exp(-x))
    slopes = {
        "sigmoid": sigmoid * (1.0 - sigmoid),
        "tanh": 1.0 - np.tanh(x) ** 2,
        "ReLU above 0": np.ones_like(x),
    }
    rows: list[Sequence[Cell]] = [
        (name, float(values.max()), float(np.median(values.prod(axis=0)))) for name, values in slopes.items()
    ]
    return Table("Product of the slopes of ten layers", ("activation", "largest slope", "product, median"), rows)


def _best_losses(data: kv.Dataset, config: FitConfig) -> list[float]:
    """The smallest validation loss for each seed."""
    return [float(kv.fit(data, config, seed=seed).history.validation_loss.min()) for seed in SEEDS]
