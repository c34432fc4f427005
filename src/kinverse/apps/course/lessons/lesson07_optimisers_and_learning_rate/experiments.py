"""Experiments for the questions of lesson 7."""

from collections.abc import Sequence

import numpy as np

import kinverse as kv
from kinverse.learning.training.config import FitConfig
from kinverse.tables import Cell, Table

BASE = FitConfig.of(hidden=(24, 24), epochs=300, scale_features="none", keep_best=False)


def learning_rates() -> Table:
    """The planar arm through its kinematics with learning rates over five powers of ten."""
    return _compared(
        "Adam, 300 epochs, several learning rates",
        {f"{rate:g}": BASE.replace(learning_rate=rate) for rate in (1e-4, 1e-3, 1e-2, 1e-1, 1.0)},
    )


def optimisers() -> Table:
    """Optimisers, each with a suitable learning rate."""
    options = {
        "sgd 0.1": BASE.replace(optimiser="sgd", learning_rate=0.1),
        "sgd 0.1, momentum 0.9": BASE.replace(optimiser="sgd", learning_rate=0.1, momentum=0.9),
        "rmsprop 0.001": BASE.replace(optimiser="rmsprop", learning_rate=0.001),
        "adagrad 0.05": BASE.replace(optimiser="adagrad", learning_rate=0.05),
        "adam 0.01": BASE.replace(optimiser="adam", learning_rate=0.01),
    }
    return _compared("Optimisers, 300 epochs", options)


def schedules() -> Table:
    """A constant learning rate and schedules."""
    options = {
        "constant 0.01": BASE.replace(learning_rate=0.01),
        "exponential, γ = 0.99": BASE.replace(learning_rate=0.01, schedule="exponential", gamma=0.99),
        "exponential, γ = 0.95": BASE.replace(learning_rate=0.01, schedule="exponential", gamma=0.95),
        "one cycle to 0.02": BASE.replace(learning_rate=0.02, schedule="one_cycle"),
    }
    return _compared("Schedules, Adam, 300 epochs", options)


def _compared(title: str, options: dict[str, FitConfig]) -> Table:
    arm = kv.planar_arm([1.0, 1.0, 1.0])
    data = kv.grid_dataset(arm, points_per_axis=20)
    rows: list[Sequence[Cell]] = []
    for name, config in options.items():
        found = [kv.fit(data, config, seed=seed) for seed in (0, 1)]
        rows.append((name, *(_millimetres(item) for item in found)))
    note = "Planar arm, 20 × 20 grid on [0, 2]² m, 2-24-24-3; a constant has an error of about 630 mm."
    return Table(title, ("", "validation, start 0 [mm]", "start 1 [mm]"), rows, note)


def _millimetres(found: kv.Model) -> float:
    """Root mean square error of a coordinate of the tool after the training."""
    return float(1e3 * np.sqrt(found.history.validation_loss[-1]))
