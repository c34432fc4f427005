"""Trainings of the phase study: the published split from many starts, and every variant with points left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from kinverse.apps.studies.phase.data import fold_split, points, published_split, stopping_split
from kinverse.apps.studies.study import Effort, Training
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.training.config import FitConfig

NetworkVariant = Literal["as published", "logits only", "standardised only", "corrected", "corrected, early stopping"]
EPOCHS = 1001
"""As published; so the number of epochs was not chosen on a point that is left out."""
AS_PUBLISHED = FitConfig.of(
    hidden=(16, 16),
    output_activation="softmax",
    loss="cross_entropy",
    double_softmax=True,
    scale_features="none",
    scale_targets="none",
    learning_rate=1e-3,
    epochs=EPOCHS,
    keep_best=False,
)
LOGITS_ONLY = AS_PUBLISHED.replace(output_activation="linear", double_softmax=False)
VARIANTS: dict[NetworkVariant, FitConfig] = {
    "as published": AS_PUBLISHED,
    "logits only": LOGITS_ONLY,
    "standardised only": AS_PUBLISHED.replace(scale_features="standard"),
    "corrected": LOGITS_ONLY.replace(scale_features="standard"),
}
"""Both flaws, each one corrected alone, and both corrected."""
STOPPED: NetworkVariant = "corrected, early stopping"
"""Also corrected, but with the weights of the best epoch on rows of its own; only where points are left out, since the
published split has no rows to spare."""
ALL_STARTS = 20
"""Starts of the published variant in the whole study."""
QUICK_FOLDS = 4
SECONDS = 0.7


@dataclass(frozen=True)
class StartKey:
    """A training on the published split, from one random start."""

    variant: NetworkVariant
    seed: int

    def __str__(self) -> str:
        return f"{self.variant}, start {self.seed}"


@dataclass(frozen=True)
class FoldKey:
    """A training with the points of one fold left out."""

    variant: NetworkVariant
    fold: int
    folds: int

    def __str__(self) -> str:
        return f"{self.variant}, fold {self.fold} of {self.folds}"


Key = StartKey | FoldKey


def trainings(effort: Effort) -> Sequence[Training[Key]]:
    """The published split from random starts, and every variant with points left out in turn."""
    found: list[Training[Key]] = []
    for variant, config in VARIANTS.items():
        if ("as published" if variant == "as published" else "corrected") not in effort.variants:
            continue
        seeds = effort.starts(ALL_STARTS, 3) if variant == "as published" else effort.starts(5, 1)
        starts = [(StartKey(variant, seed), config.replace(seed=seed)) for seed in seeds]
        found += [Training(key, settings, published_split, SECONDS) for key, settings in starts]
        found += _leave_out(variant, config, fold_split, effort)
    if "corrected" in effort.variants:
        found += _leave_out(STOPPED, VARIANTS["corrected"].replace(keep_best=True), stopping_split, effort)
    return found


def _leave_out(
    variant: NetworkVariant, config: FitConfig, split: Callable[[int, int], Dataset], effort: Effort
) -> list[Training[Key]]:
    """One training for each fold."""
    folds = QUICK_FOLDS if effort.quick else len(points())
    keys = [FoldKey(variant, fold, folds) for fold in range(folds)]
    return [Training(key, config, partial(split, key.fold, folds), SECONDS) for key in keys]
