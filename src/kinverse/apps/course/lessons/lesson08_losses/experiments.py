"""Experiments for the questions of lesson 8."""

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional

import kinverse as kv
from kinverse.learning.data.dataset import Dataset, Manifest
from kinverse.learning.data.dataset import Table as Rows
from kinverse.learning.training.config import FitConfig
from kinverse.tables import Cell, Table


def double_softmax() -> Table:
    """Three rings about the planar arm's base, learned from logits and from softmax outputs."""
    rng = np.random.default_rng(0)
    points = rng.uniform(0.0, 2.0, (600, 2))
    number = np.minimum(np.linalg.norm(points, axis=1), 2.999).astype(int)[:, None].astype(float)
    manifest = Manifest(
        "rings", "rings", feature_names=("x", "y"), feature_units=("m", "m"), target_names=("ring",), target_units=("",)
    )
    parts = {"train": slice(0, 400), "validation": slice(400, 600)}
    data = Dataset.from_tables({name: Rows(points[at], number[at]) for name, at in parts.items()}, manifest)
    base = FitConfig.of(
        hidden=(24, 24), loss="cross_entropy", learning_rate=0.01, epochs=300, scale_features="standard"
    )
    twice = base.replace(output_activation="softmax", double_softmax=True)
    rows: list[Sequence[Cell]] = []
    for label, config in (("logits, softmax in the loss", base), ("second softmax at the output", twice)):
        losses = kv.fit(data, config).history
        rows.append((label, losses.train_loss[0], losses.train_loss[-1], losses.validation_loss.min()))
    columns = ("output", "first training loss", "last", "best validation loss")
    note = (
        f"With three classes and a second softmax the loss is at least log(1 + 2/e) = {np.log(1.0 + 2.0 / np.e):.4f}."
    )
    return Table("Cross-entropy with one softmax and with two", columns, rows, note)


def outliers() -> Table:
    """The best constant for a hundred measurements of 1 with some outliers, by loss."""
    rng = np.random.default_rng(0)
    rows: list[Sequence[Cell]] = []
    for bad in (0, 5, 20):
        values = torch.as_tensor(np.concatenate([rng.normal(1.0, 0.1, 100 - bad), rng.normal(11.0, 0.1, bad)]))
        grid = torch.linspace(0.0, 12.0, 12_001, dtype=torch.float64)[:, None]
        errors = grid - values
        losses = {
            "mse": errors**2,
            "mae": errors.abs(),
            "huber": functional.huber_loss(
                grid.expand_as(errors), values.expand_as(errors), reduction="none", delta=0.2
            ),
        }
        rows.append((bad, *(float(grid[loss.mean(dim=1).argmin(), 0]) for loss in losses.values())))
    columns = ("outliers of 100", "MSE's constant", "MAE's", "Huber's, δ = 0.2")
    return Table("The best constant for measurements of 1 and some outliers of 11", columns, rows)


def divergence() -> Table:
    """KLDivLoss of two distributions, with the first argument as probabilities and as their logarithms."""
    p, q = torch.tensor([[0.7, 0.2, 0.1]]), torch.tensor([[0.5, 0.3, 0.2]])
    exact = float((q * (q / p).log()).sum())
    with_logs = float(functional.kl_div(p.log(), q, reduction="batchmean"))
    without = float(functional.kl_div(p, q, reduction="batchmean"))
    equal = float(functional.kl_div(q, q, reduction="batchmean"))
    rows: list[Sequence[Cell]] = [
        ("Σ q log(q / p), by hand", exact),
        ("kl_div(log p, q)", with_logs),
        ("kl_div(p, q)", without),
        ("kl_div(q, q), which should be 0", equal),
    ]
    return Table("The Kullback–Leibler divergence", ("computed as", "value"), rows)
