"""Experiments for the questions of lesson 6."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

import kinverse as kv
from kinverse.learning.training.config import FitConfig
from kinverse.network.names import Initialiser
from kinverse.tables import Cell, Table

RULES: tuple[Initialiser, ...] = ("he_normal", "xavier_normal", "default", "uniform", "zeros")
SEEDS = (0, 1)


def starts() -> Table:
    """Three hidden layers on NAO's right arm, by initialisation."""
    data = kv.make_arkoma("nao-right", rows=1000, seed=0, test_rows="uniform")
    rows: list[Sequence[Cell]] = []
    for rule in RULES:
        found = [
            kv.fit(
                data,
                FitConfig.of(
                    hidden=(48, 48, 48), initialisers=(rule,), bias_initialiser="zeros", learning_rate=3e-3,
                    epochs=150, scale_features="standard", scale_targets="standard", seed=seed,
                ),
            ).history
            for seed in SEEDS
        ]  # fmt: skip
        kinds = [f.train_loss[0] for f in found], [f.validation_loss.min() for f in found]
        rows.append((rule, *(float(np.mean(losses)) for losses in kinds)))
    columns = ("weights", "training loss before the first step", "best validation loss")
    return Table("Initialisations", columns, rows, f"Biases 0; means of {len(SEEDS)} starts; uniform is ±1.")


def spread_of_he() -> Table:
    """Standard deviation and variance of He's weights for layers of different sizes."""
    rows: list[Sequence[Cell]] = []
    generator = torch.Generator().manual_seed(0)
    for fan_in in (6, 16, 100):
        weights = torch.empty(20_000 // fan_in, fan_in)
        nn.init.kaiming_normal_(weights, nonlinearity="relu", generator=generator)
        rows.append((fan_in, weights.std().item(), weights.var().item(), (2.0 / fan_in) ** 0.5, 2.0 / fan_in))
    columns = ("fan_in", "std", "variance", "√(2 / fan_in)", "2 / fan_in")
    return Table("kaiming_normal_, measured", columns, rows)


def torch_by_itself() -> Table:
    """The initial weights of torch.nn.Linear, compared with He's rule."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        rows: list[Sequence[Cell]] = []
        for fan_in in (6, 16, 100):
            weights = nn.Linear(fan_in, 20_000 // fan_in).weight.detach()
            he, bound = (2.0 / fan_in) ** 0.5, fan_in**-0.5
            rows.append((fan_in, weights.std().item(), he, weights.abs().max().item(), bound))
    columns = ("fan_in", "std", "He's std", "largest weight", "1 / √fan_in")
    return Table("Default weights of torch.nn.Linear", columns, rows)
