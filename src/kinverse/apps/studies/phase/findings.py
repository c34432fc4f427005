"""What the phase study measures: losses at the printed epochs, predictions of left-out points, regions."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from kinverse.apps.studies.phase.data import PHASES, left_out, points, published_split
from kinverse.apps.studies.phase.runs import FoldKey, Key, NetworkVariant, StartKey
from kinverse.apps.studies.study import Effort, grouped
from kinverse.learning.evaluation.metrics import proportion_interval
from kinverse.learning.trained import Model
from kinverse.learning.training.history import History

PUBLISHED = {0: (1.0793, 1.1506), 400: (0.7729, 0.8476), 760: (0.6643, 0.8042), 1000: (0.6481, 0.8087)}
"""Printed epoch → training and validation loss."""
PUBLISHED_BEST = 760
"""Printed epoch of the lowest validation loss."""
CLOSE = 0.05
"""Largest distance from all printed losses at which a start is called close."""
DOUBLE_SOFTMAX_FLOOR = math.log(1.0 + (len(PHASES) - 1.0) / math.e)
"""Lowest cross-entropy of probabilities that are taken for logits: those of a confident correct prediction are 1, 0, 0,
whose softmax gives the correct class e / (e + 2)."""
UNINFORMED = math.log(len(PHASES))
"""Cross-entropy of the same probability for every class."""
SPANS = ((0.0, 52.5), (0.0, 1.05))
"""Of the published plot: temperature [K] and pressure [atm]."""
GRID = 200
RISE = 1.1
"""A validation loss that ends this many times above its lowest value overfits."""
SIGNIFICANT = 0.05
"""Differences that are more probable by chance than this are called no difference."""


def predicted_classes(run: Model, features: Float[np.ndarray, "n 2"]) -> Int[np.ndarray, " n"]:
    """The class with the largest output."""
    classes: Int[np.ndarray, " n"] = run.network.predict(features).argmax(axis=1)
    return classes


@dataclass(frozen=True, eq=False)
class Start:
    """A training on the published split.

    Attributes:
        seed: of its random start.
        double_softmax: whether a second softmax stands before the loss.
        history: its losses.
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
        """Losses as the published loop logs them: of training before an epoch's step, of validation after it."""
        train, validation = self.history.train_loss, self.history.validation_loss
        return {epoch: (float(train[epoch]), float(validation[epoch + 1])) for epoch in PUBLISHED}

    @property
    def best_printed_epoch(self) -> int:
        """The epoch that the published loop would print beside the lowest validation loss."""
        return int(np.argmin(self.history.validation_loss[1:]))

    @property
    def distance(self) -> float:
        """Largest distance of a loss from the printed one."""
        ours = self.printed_losses
        return max(abs(a - b) for e in PUBLISHED for a, b in zip(ours[e], PUBLISHED[e], strict=True))

    @property
    def last_train_loss(self) -> float:
        """After all epochs."""
        return float(self.history.train_loss[-1])

    @property
    def last_validation_loss(self) -> float:
        """After all epochs."""
        return float(self.history.validation_loss[-1])

    @property
    def best_validation_loss(self) -> float:
        """The lowest one."""
        return float(self.history.validation_loss.min())


@dataclass(frozen=True, eq=False)
class LeftOut:
    """Each point as predicted by a network that was not trained on it.

    Attributes:
        predicted: (n,) classes.
        actual: (n,) true classes.
    """

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


@dataclass(frozen=True)
class Cost:
    """What the two flaws cost: the published variant against the corrected one, on points left out.

    Attributes:
        gain: points that are correct after correction and were not before.
        chance: that equally good classifiers differ as much.
        logits, standardised: points gained by correcting one flaw alone.
    """

    gain: int
    chance: float
    logits: int
    standardised: int

    @property
    def significant(self) -> bool:
        """Whether chance seldom makes such a difference."""
        return self.chance < SIGNIFICANT


@dataclass(frozen=True)
class Reproduced:
    """How close the random starts come to the printed losses.

    Attributes:
        median_distance: largest distance of a printed loss from the median of the starts.
        close: starts that are close to all printed losses.
        nearest: seed of the start with the smallest distance.
        distance: of that start.
    """

    median_distance: float
    close: int
    nearest: int
    distance: float


@dataclass(frozen=True, eq=False)
class Findings:
    """What the runs show.

    Attributes:
        starts: variant → its random starts on the published split.
        unseen: variant → each point as predicted without it.
        folds: into how many parts the points were divided.
    """

    starts: Mapping[NetworkVariant, Sequence[Start]]
    unseen: Mapping[NetworkVariant, LeftOut]
    folds: int

    @property
    def published(self) -> Sequence[Start]:
        """Starts of the published variant; none where it was not run."""
        return self.starts.get("as published", ())

    @property
    def corrected(self) -> Sequence[Start]:
        """Starts of the corrected variant; none where it was not run."""
        return self.starts.get("corrected", ())

    @property
    def lowest_double_softmax(self) -> tuple[float, int] | None:
        """The lowest final training loss with a second softmax, and of how many trainings."""
        losses = [s.last_train_loss for starts in self.starts.values() for s in starts if s.double_softmax]
        return (min(losses), len(losses)) if losses else None

    @property
    def overfits(self) -> bool:
        """Whether the validation loss of the corrected variant rises again."""
        return statistics.median(s.last_validation_loss / s.best_validation_loss for s in self.corrected) > RISE

    @property
    def cost(self) -> Cost | None:
        """What the flaws cost in accuracy, where both variants were run."""
        if not {"as published", "corrected"} <= set(self.unseen):
            return None
        before = self.unseen["as published"]
        gains = {variant: found.score - before.score for variant, found in self.unseen.items()}
        chance = chance_of_difference(self.unseen["corrected"], before)
        return Cost(gains["corrected"], chance, gains["logits only"], gains["standardised only"])

    @property
    def reproduced(self) -> Reproduced | None:
        """How close the published variant comes to the printed losses."""
        if not self.published:
            return None
        nearest = min(self.published, key=lambda start: start.distance)
        off = max(
            abs(statistics.median(start.printed_losses[e][i] for start in self.published) - PUBLISHED[e][i])
            for e in PUBLISHED
            for i in (0, 1)
        )
        close = sum(start.distance <= CLOSE for start in self.published)
        return Reproduced(off, close, nearest.seed, nearest.distance)

    @property
    def held_out_accuracies(self) -> list[float]:
        """Accuracies on the eight held-out points, of all starts of all variants."""
        return [start.held_out_accuracy for starts in self.starts.values() for start in starts]


def find(effort: Effort, runs: Mapping[Key, Model]) -> Findings:
    """Compute the findings from the runs."""
    starts = {key: Start.of(key, run) for key, run in runs.items() if isinstance(key, StartKey)}
    folds = {key: (key, run) for key, run in runs.items() if isinstance(key, FoldKey)}
    unseen = {v: LeftOut.of(dict(found)) for v, found in grouped(folds, lambda key: key.variant).items()}
    return Findings(grouped(starts, lambda key: key.variant), unseen, next(iter(folds)).folds)
