"""What the questions of lesson 10 claim, measured."""

import time
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

import kinverse as kv
from kinverse.course.trial import trial
from kinverse.fit.config import FitConfig
from kinverse.show.table import Cell, Table

SEEDS = (0, 1, 2)
STEPS = 150
RATE = 0.05


def forgotten_reset() -> Table:
    """Smallest and last loss of the same training with the reset and without."""
    rows: list[Sequence[Cell]] = []
    for seed in SEEDS:
        losses = {reset: _losses(seed, reset) for reset in (True, False)}
        rows.append((seed, *(value for kept in losses.values() for value in (kept[-1], max(kept[STEPS // 2 :])))))
    columns = ("start", "reset: last loss", "highest of the last half", "never reset: last", "highest of the half")
    note = "Tip of the planar arm from its three angles, 2 × 32 units, SGD, all 400 rows in a step."
    return Table(f"Training loss after {STEPS} steps [m²]", columns, rows, note)


def batch_sizes() -> Table:
    """Validation loss and time of 30 epochs with batches of several sizes."""
    data = kv.make_arkoma("nao-right", rows=1000, seed=0)
    rows: list[Sequence[Cell]] = []
    for size in (None, 100, 10):
        started = time.monotonic()
        done = trial(data, FitConfig(hidden=(32,), learning_rate=1e-3, epochs=30, batch_size=size))
        steps = 30 * (1 if size is None else len(data.train) // size)
        rows.append((size or len(data.train), steps, done.first, done.validation, time.monotonic() - started))
    columns = ("rows in a batch", "steps", "training loss before", "validation loss after", "time [s]")
    return Table("30 epochs on 600 rows of NAO's right arm, Adam 0.001", columns, rows, "Losses on scaled targets.")


def false_gap() -> Table:
    """Training and validation loss on rows of one kind, logged at the same weights and a step apart."""
    rows: list[Sequence[Cell]] = []
    for seed in SEEDS:
        train, validation = _losses(seed, True, steps=2), _losses(seed, True, steps=2, measured=1)
        rows.append((seed, train[0], validation[0], validation[1]))
    columns = ("start", "training, before step 1", "validation, same weights", "validation, after step 1")
    return Table("The first entry of a history [m²]", columns, rows, "Training and validation rows are of one kind.")


def _losses(seed: int, reset: bool, steps: int = STEPS, measured: int = 0) -> list[float]:
    """The loss before every step, on training rows (measured = 0) or validation rows (1)."""
    tables = [_rows(0), _rows(1)]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 2))
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE)
    losses = []
    for _ in range(steps):
        with torch.no_grad():
            x, y = tables[measured]
            losses.append(float(nn.functional.mse_loss(model(x), y)))
        x, y = tables[0]
        if reset:
            optimiser.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimiser.step()
    return losses


def _rows(seed: int) -> tuple[Tensor, Tensor]:
    """Angles of the planar arm and where its tip is."""
    arm = kv.planar_arm([1.0, 1.0, 1.0])
    q = 0.5 * arm.sample(400, seed)
    return tuple(torch.tensor(np.asarray(a), dtype=torch.float32) for a in (q, arm.forward(q)))  # type: ignore[return-value]
