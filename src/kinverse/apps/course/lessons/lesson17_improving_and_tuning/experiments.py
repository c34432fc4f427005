"""Experiments for the questions of lesson 17."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

import kinverse as kv
from kinverse.learning.training.config import FitConfig
from kinverse.tables import Cell, Table

SEEDS = (0, 1, 2)
BASE = FitConfig.of(hidden=(16,), learning_rate=0.01, epochs=150, keep_best=False)
"""The published NAO network, with half as many epochs."""


def one_change() -> Table:
    """The published NAO network and four single changes of it: losses after the last epoch."""
    data = kv.make_arkoma("nao-right", rows=1000, seed=0)
    changes = {
        "6-16-5, 150 epochs": BASE,
        "with dropout 0.2": BASE.replace(dropout=0.2),
        "with weight decay 0.001": BASE.replace(weight_decay=1e-3),
        "with 450 epochs": BASE.replace(epochs=450),
        "6-64-64-5": BASE.replace(hidden=(64, 64)),
    }
    rows: list[Sequence[Cell]] = []
    for name, config in changes.items():
        found = [kv.fit(data, config, seed=seed).history for seed in SEEDS]
        median = float(np.median([f.train_loss[-1] for f in found]))
        rows.append((name, median, *(f.validation_loss[-1] for f in found)))
    columns = ("network", "training, median", *(f"validation, seed {seed}" for seed in SEEDS))
    return Table("Mean squared error of scaled joints, 600 training rows", columns, rows)


def where_draws_fall() -> Table:
    """The fraction of learning rates in each decade, for uniform rates and uniform logarithms."""
    rng = np.random.default_rng(0)
    by_size, by_logarithm = rng.uniform(1e-4, 1.0, 10_000), 10.0 ** rng.uniform(-4.0, 0.0, 10_000)
    edges = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
    rows: list[Sequence[Cell]] = []
    for low, high in pairwise(edges):
        shares = (100.0 * float(np.mean((draws >= low) & (draws < high))) for draws in (by_size, by_logarithm))
        rows.append((f"{low:g} … {high:g}", *shares))
    columns = ("learning rate", "uniform rate [%]", "uniform logarithm [%]")
    return Table("10,000 learning rates from 0.0001 to 1", columns, rows)


def luck() -> Table:
    """How often one group of seeds is better than another group of the same network, by two rules."""
    data = kv.make_arkoma("nao-right", rows=1000, seed=0)
    losses = np.array([kv.fit(data, BASE.replace(seed=seed)).history.validation_loss[-1] for seed in range(20)])
    rng = np.random.default_rng(0)
    rows: list[Sequence[Cell]] = []
    for size in (1, 3, 5):
        pairs = np.array([rng.permutation(losses)[: 2 * size].reshape(2, size) for _ in range(10_000)])
        new, old = pairs[:, 0], pairs[:, 1]
        by_median = float(np.mean(np.median(new, axis=1) < np.median(old, axis=1)))
        rows.append((size, 100.0 * by_median, 100.0 * float(np.mean(new.max(axis=1) < old.min(axis=1)))))
    columns = ("seeds in a group", "smaller median [%]", "every loss smaller [%]")
    note = f"20 trainings of one network: validation losses {losses.min():.4f} … {losses.max():.4f}."
    return Table("How often a change without effect looks better", columns, rows, note)


def lucky_choice() -> Table:
    """Random yes-or-no predictions: the best of many on 20 rows, and the same one on fresh rows."""
    rng = np.random.default_rng(0)
    rows: list[Sequence[Cell]] = []
    for count in (1, 10, 100):
        right = rng.random((200, count, 20)) < 0.5  # repetition, coin, row
        best = right.mean(axis=2).max(axis=1)
        fresh = (rng.random((200, 1000)) < 0.5).mean(axis=1)
        rows.append((count, 100.0 * float(best.mean()), 100.0 * float(fresh.mean())))
    columns = ("number of coins", "best on these 20 rows [% correct]", "the same on 1,000 fresh rows [% correct]")
    return Table("The best of many random predictions, mean of 200 repetitions", columns, rows)
