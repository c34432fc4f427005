"""Material phase: what a second softmax and unscaled inputs cost a classifier of 36 points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from kinverse.apps.studies.phase.data import fold_split, points, published_split, stopping_split
from kinverse.apps.studies.phase.report import WHOLE_STARTS, report
from kinverse.apps.studies.study import Conclusion, Effort, Training
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.run import Run

EPOCHS = 1001
"""As published; so the number of epochs was not chosen on a point that is left out."""
AS_PUBLISHED = FitConfig(
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
LOGITS = {"output_activation": "linear", "double_softmax": False}
SCALED = {"scale_features": "standard"}
VARIANTS: dict[str, FitConfig] = {
    "as published": AS_PUBLISHED,
    "logits only": AS_PUBLISHED.replace(**LOGITS),  # type: ignore[arg-type]
    "standardised only": AS_PUBLISHED.replace(**SCALED),  # type: ignore[arg-type]
    "corrected": AS_PUBLISHED.replace(**LOGITS, **SCALED),  # type: ignore[arg-type]
}
"""Both flaws, each one mended alone, and both mended."""
STOPPED = "corrected, early stopping"
"""Also corrected, but with the weights of the best epoch on rows of its own; only where points are left out, since the
published split has no rows to spare."""
QUICK_FOLDS = 4
SECONDS = 0.7


def trainings(effort: Effort) -> Sequence[Training]:
    """The published split from many random starts, and every variant with points left out in turn."""
    found: list[Training] = []
    folds = _folds(effort)
    for variant, config in _asked(effort).items():
        starts = effort.starts(WHOLE_STARTS, 3) if variant == "as published" else effort.starts(5, 1)
        found += [
            Training(start_name(variant, seed), config.replace(seed=seed), published_split, SECONDS) for seed in starts
        ]
        found += _left_out(variant, config, fold_split, folds)
    if "corrected" in effort.ways:
        found += _left_out(STOPPED, VARIANTS["corrected"].replace(keep_best=True), stopping_split, folds)
    return found


def _left_out(variant: str, config: FitConfig, split: Callable[[int, int], Dataset], folds: int) -> list[Training]:
    return [
        Training(fold_name(variant, fold, folds), config, partial(split, fold, folds), SECONDS) for fold in range(folds)
    ]


def conclude(effort: Effort, runs: Mapping[str, Run]) -> Conclusion:
    """Losses against the published ones, accuracy with points left out, regions and confusion."""
    folds = _folds(effort)
    starts = {v: [run for name, run in runs.items() if name.startswith(f"{v}, start")] for v in _asked(effort)}
    judged = [*_asked(effort), *([STOPPED] if "corrected" in effort.ways else [])]
    return report(starts, {v: [runs[fold_name(v, fold, folds)] for fold in range(folds)] for v in judged})


def start_name(variant: str, seed: int) -> str:
    """Of a training on the published split."""
    return f"{variant}, start {seed}"


def fold_name(variant: str, fold: int, folds: int) -> str:
    """Of a training with points left out."""
    return f"{variant}, fold {fold} of {folds}"


def _asked(effort: Effort) -> dict[str, FitConfig]:
    """Only the published variant, only the others, or all."""
    return {
        name: config
        for name, config in VARIANTS.items()
        if ("as published" if name == "as published" else "corrected") in effort.ways
    }


def _folds(effort: Effort) -> int:
    return QUICK_FOLDS if effort.quick else len(points())
