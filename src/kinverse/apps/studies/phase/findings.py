"""What the phase study measures: losses at the printed epochs, predictions of left-out points, regions."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from kinverse.apps.studies.phase.runs import (
    PHASES,
    FoldKey,
    Key,
    NetworkVariant,
    StartKey,
    left_out,
    points,
    published_split,
)
from kinverse.apps.studies.study import Effort, grouped
from kinverse.learning.evaluation.metrics import proportion_interval
from kinverse.learning.trained import Model
from kinverse.learning.training.history import History

PRINTED = 52
"""Losses that the published output holds: training and validation at 26 epochs, 0, 40 … 1000."""
PUBLISHED = {0: (1.0793, 1.1506), 400: (0.7729, 0.8476), 760: (0.6643, 0.8042), 1000: (0.6481, 0.8087)}
"""Some of the printed epochs → training and validation loss. The loop measures both before the step of the epoch. No
best epoch is printed; the lowest printed validation loss, 0.8042, stands at epochs 720 and 760."""
DOUBLE_SOFTMAX_FLOOR = math.log(1.0 + (len(PHASES) - 1.0) / math.e)
"""Lowest cross-entropy of probabilities that are taken for logits: those of a confident correct prediction are 1, 0, 0,
whose softmax gives the correct class e / (e + 2)."""
UNINFORMED = math.log(len(PHASES))
"""Cross-entropy of the same probability for every class."""
SPANS = ((0.0, 52.5), (0.0, 1.05))
"""Of the published plot: temperature [K] and pressure [atm]."""
GRID = 200


def predicted_classes(run: Model, features: Float[np.ndarray, "n 2"]) -> Int[np.ndarray, " n"]:
    """The class with the largest output."""
    classes: Int[np.ndarray, " n"] = run.network.predict(features).argmax(axis=1)
    return classes


@dataclass(frozen=True, eq=False)
class Start:
    """A training on the published split.

    Attributes:
        double_softmax: whether a second softmax stands before the loss.
        held_out_accuracy: share of the eight held-out points that are correct.
        regions: (GRID, GRID) class at every point of the published plot, lowest pressure first.
    """

    seed: int
    double_softmax: bool
    history: History
    held_out_accuracy: float = 0.0
    regions: Int[np.ndarray, "rows columns"] | None = None

    @classmethod
    def of(cls, key: StartKey, run: Model) -> Start:
        """The results of a run."""
        held_out = published_split().validation
        accuracy = float(np.mean(predicted_classes(run, held_out.features) == held_out.targets[:, 0]))
        x, y = np.meshgrid(np.linspace(*SPANS[0], GRID), np.linspace(*SPANS[1], GRID))
        regions = predicted_classes(run, np.column_stack([x.ravel(), y.ravel()])).reshape(GRID, GRID)
        return cls(key.seed, run.config.double_softmax, run.history, accuracy, regions)

    @property
    def printed_losses(self) -> dict[int, tuple[float, float]]:
        """Losses as the published loop logs them: both before an epoch's step."""
        train, validation = self.history.train_loss, self.history.validation_loss
        return {epoch: (float(train[epoch]), float(validation[epoch])) for epoch in PUBLISHED}

    @property
    def best_epoch(self) -> int:
        """The epoch before whose step the validation loss is lowest."""
        return int(np.argmin(self.history.validation_loss[:-1]))

    @property
    def distance(self) -> float:
        """Largest distance of a loss from the printed one."""
        ours = self.printed_losses
        return max(abs(a - b) for e in PUBLISHED for a, b in zip(ours[e], PUBLISHED[e], strict=True))


@dataclass(frozen=True, eq=False)
class LeftOut:
    """(n,) class of each point as predicted by a network that was not trained on it, and its true class."""

    predicted: Int[np.ndarray, " n"]
    actual: Int[np.ndarray, " n"]

    @classmethod
    def of(cls, folds: Mapping[FoldKey, Model]) -> LeftOut:
        """From one run for each fold."""
        predicted = np.empty(len(points()), dtype=int)
        for key, run in folds.items():
            rows = left_out(key.fold, key.folds)
            predicted[rows] = predicted_classes(run, points().features[rows])
        return cls(predicted, points().targets[:, 0].astype(int))

    @property
    def correct(self) -> Bool[np.ndarray, " n"]:
        """Which points are correct."""
        return self.predicted == self.actual

    @property
    def score(self) -> int:
        """How many points are correct."""
        return int(self.correct.sum())

    @property
    def accuracy(self) -> float:
        """Share of the points that are correct."""
        return float(self.correct.mean())

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the accuracy."""
        return proportion_interval(self.score, len(self.correct))

    @property
    def confusion(self) -> Int[np.ndarray, "k k"]:
        """Counts: a row for each true class, a column for each predicted one."""
        from sklearn.metrics import confusion_matrix

        counts: Int[np.ndarray, "k k"] = confusion_matrix(self.actual, self.predicted, labels=range(len(PHASES)))
        return counts


def chance_of_difference(a: LeftOut, b: LeftOut) -> float:
    """Probability that two equally good classifiers differ as much on these points or more: McNemar's exact test.

    Only points that one of them has correct and the other wrong count; for equals, each falls to either side by chance.
    """
    from scipy.stats import binomtest

    only_a, only_b = int((a.correct & ~b.correct).sum()), int((b.correct & ~a.correct).sum())
    return float(binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0


@dataclass(frozen=True, eq=False)
class Findings:
    """What the runs show.

    Attributes:
        starts: variant → its random starts on the published split.
        unseen: variant → each point as predicted without it.
        folds: into how many parts the points were divided.
        quick: whether only some starts and folds were run.
    """

    starts: Mapping[NetworkVariant, Sequence[Start]]
    unseen: Mapping[NetworkVariant, LeftOut]
    folds: int
    quick: bool = False

    @property
    def published(self) -> Sequence[Start]:
        """Starts of the published variant; none where it was not run."""
        return self.starts.get("as published", ())

    @property
    def corrected(self) -> Sequence[Start]:
        """Starts of the corrected variant; none where it was not run."""
        return self.starts.get("corrected", ())

    @property
    def every_start(self) -> list[Start]:
        """The starts of all variants."""
        return [start for starts in self.starts.values() for start in starts]

    @property
    def part(self) -> str:
        """What is left out at a time."""
        return "one point" if self.folds == len(points()) else f"one of {self.folds} parts"

    @property
    def rise(self) -> float:
        """The last validation loss of the corrected variant over its lowest, the median over the starts."""
        losses = [start.history.validation_loss for start in self.corrected]
        return float(statistics.median(loss[-1] / loss.min() for loss in losses))

    @property
    def chance(self) -> float | None:
        """That equally good classifiers differ as much as the published and the corrected variant, if both were run."""
        if not {"as published", "corrected"} <= set(self.unseen):
            return None
        return self.chance_of("corrected")

    def chance_of(self, variant: NetworkVariant) -> float:
        """That equally good classifiers differ as much as a variant and the published one."""
        return chance_of_difference(self.unseen[variant], self.unseen["as published"])

    def gain(self, variant: NetworkVariant) -> int:
        """Points that are correct in a variant and were not as published, less those that no longer are."""
        return self.unseen[variant].score - self.unseen["as published"].score

    @property
    def median_distance(self) -> float:
        """Largest distance of a printed loss from the median of the published variant's starts."""
        return max(
            abs(statistics.median(start.printed_losses[e][i] for start in self.published) - PUBLISHED[e][i])
            for e in PUBLISHED
            for i in (0, 1)
        )

    @property
    def nearest(self) -> Start:
        """The start of the published variant whose losses are nearest to the printed ones."""
        return min(self.published, key=lambda start: start.distance)


def find(effort: Effort, runs: Mapping[Key, Model]) -> Findings:
    """Compute the findings from the runs."""
    starts = {key: Start.of(key, run) for key, run in runs.items() if isinstance(key, StartKey)}
    folds = {key: (key, run) for key, run in runs.items() if isinstance(key, FoldKey)}
    unseen = {v: LeftOut.of(dict(found)) for v, found in grouped(folds, lambda key: key.variant).items()}
    return Findings(grouped(starts, lambda key: key.variant), unseen, next(iter(folds)).folds, effort.quick)
