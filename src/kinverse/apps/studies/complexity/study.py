"""Model complexity: three networks on a noisy sine, judged by five points and by ten thousand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kinverse.apps.studies.complexity.data import noisy_sine, watched_sine
from kinverse.apps.studies.complexity.findings import (
    BEST,
    FASTER,
    LAST,
    PUBLISHED,
    WATCHED,
    Trained,
    count_parameters,
    net_name,
)
from kinverse.apps.studies.complexity.report import report
from kinverse.apps.studies.study import Conclusion, Effort, Training
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.run import Run

CONFIG = FitConfig(
    scale_features="none",
    scale_targets="none",
    learning_rate=1e-4,
    epochs=10_000,
    keep_best=False,
)
"""As published: Adam, all 20 rows in one batch, nothing scaled, the last weights kept."""
OTHERS: tuple[tuple[int, ...], ...] = ((1,), (2,), (8,), (16,), (64, 64), (256, 256, 256))
"""Capacities between, below and beyond the published ones, for the sweep."""
SMALLEST = next(iter(PUBLISHED))
FASTER_RATE = 10.0 * CONFIG.learning_rate


def trainings(effort: Effort) -> Sequence[Training]:
    """Every network from several starts: its last weights as published, those of its best epoch as corrected.

    Both are the same training, since neither validation nor test points reach the weights; what is kept differs.
    """
    found: list[Training] = []
    nets: list[tuple[int, ...]] = [*PUBLISHED] if effort.quick else [*PUBLISHED, *OTHERS]
    for hidden in nets:
        seconds = 4.0 + 1e-4 * count_parameters(hidden)
        usual = 10 if hidden in PUBLISHED else 3
        if "as published" in effort.ways:
            found += [_training(hidden, LAST, seed, seconds) for seed in effort.starts(usual, 1)]
        # In a quick look the smallest is left out: in the one start that is run its best epoch is its last.
        if "corrected" in effort.ways and not (effort.quick and hidden == SMALLEST):
            usual = 5 if hidden in PUBLISHED else 3
            found += [_training(hidden, BEST, seed, seconds, keep_best=True) for seed in effort.starts(usual, 1)]
    if "corrected" in effort.ways and not effort.quick:
        found += [replace(_training(hidden, WATCHED, 0, 2.0 * seconds), rows=watched_sine) for hidden in PUBLISHED]
        found += [_training(SMALLEST, FASTER, seed, 4.0, learning_rate=FASTER_RATE) for seed in effort.starts(5)]
    return found


def conclude(effort: Effort, runs: Mapping[str, Run]) -> Conclusion:
    """Errors of every run on the clean test set, and who over- and underfits."""
    return report([Trained.of(name, run) for name, run in runs.items()])


def _training(hidden: tuple[int, ...], kept: str, seed: int, seconds: float, **changes: object) -> Training:
    config = CONFIG.replace(hidden=hidden, seed=seed, **changes)  # type: ignore[arg-type]
    return Training(f"{net_name(hidden)}, {kept}, start {seed}", config, noisy_sine, seconds)
