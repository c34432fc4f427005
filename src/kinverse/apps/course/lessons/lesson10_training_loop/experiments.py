"""Experiments for the questions of lesson 10."""

import time
from collections.abc import Sequence

import kinverse as kv
from kinverse.apps.course.examples import losses_of_steps
from kinverse.learning.training.config import FitConfig
from kinverse.tables import Cell, Table

SEEDS = (0, 1, 2)
STEPS = 150


def forgotten_reset() -> Table:
    """Losses of the same training with and without the reset."""
    rows: list[Sequence[Cell]] = []
    for seed in SEEDS:
        losses = [losses_of_steps(STEPS, seed, reset=reset)[0] for reset in (True, False)]
        rows.append((seed, *(float(value) for kept in losses for value in (kept[-1], kept[STEPS // 2 :].max()))))
    columns = ("start", "reset: last loss", "highest, 2nd half", "no reset: last", "highest, 2nd half ")
    note = "Tool position of the planar arm from its three angles, 2 × 32 units, SGD, all 400 rows in each step."
    return Table(f"Training loss after {STEPS} steps [m²]", columns, rows, note)


def batch_sizes() -> Table:
    """Validation loss and time of 30 epochs, by batch size."""
    data = kv.make_arkoma("nao-right", rows=1000, seed=0)
    rows: list[Sequence[Cell]] = []
    for size in (None, 100, 10):
        started = time.monotonic()
        losses = kv.fit(data, FitConfig.of(hidden=(32,), learning_rate=1e-3, epochs=30, batch_size=size)).history
        steps = 30 * (1 if size is None else len(data.train) // size)
        rows.append(
            (
                size or len(data.train),
                steps,
                losses.train_loss[0],
                losses.validation_loss[-1],
                time.monotonic() - started,
            )
        )
    columns = ("rows in a batch", "steps", "training loss before", "validation loss after", "time [s]")
    return Table("30 epochs on 600 rows of NAO's right arm, Adam 0.001", columns, rows, "Losses on scaled targets.")


def false_gap() -> Table:
    """Training and validation loss on rows of one kind, at the same weights and one step apart."""
    rows: list[Sequence[Cell]] = []
    for seed in SEEDS:
        train, validation = losses_of_steps(1, seed, reset=True)
        rows.append((seed, float(train[0]), float(validation[0]), float(validation[1])))
    columns = ("start", "training, before step 1", "validation, same weights", "validation, after step 1")
    return Table("The first entry of a history [m²]", columns, rows, "Training and validation rows are of one kind.")
