"""What is measured in the phase study: losses at the printed epochs, predictions of left-out points, regions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from kinverse.apps.studies.phase.data import PHASES, left_out, points, published_split
from kinverse.learning.evaluation.metrics import proportion_interval
from kinverse.learning.training.run import Run

PUBLISHED = {0: (1.0793, 1.1506), 400: (0.7729, 0.8476), 760: (0.6643, 0.8042), 1000: (0.6481, 0.8087)}
"""Printed epoch → training and validation loss."""
PUBLISHED_BEST = 760
"""Printed epoch of the lowest validation loss."""
CLOSE = 0.05
DOUBLE_SOFTMAX_FLOOR = math.log(1.0 + (len(PHASES) - 1.0) / math.e)
"""Lowest cross-entropy of probabilities taken for logits: those of a sure answer are 1, 0, 0, whose softmax gives the
right class e / (e + 2)."""
KNOWS_NOTHING = math.log(len(PHASES))
"""Cross-entropy of the same probability for every class."""
SPANS = ((0.0, 52.5), (0.0, 1.05))
"""Of the published plot: temperature [K] and pressure [atm]."""
GRID = 200


def printed_losses(run: Run) -> dict[int, tuple[float, float]]:
    """Both losses as the published loop logs them: of training before the step of an epoch, of validation after it."""
    return {e: (run.history[e].train_loss, run.history[e + 1].validation_loss) for e in PUBLISHED}


def furthest(run: Run) -> float:
    """Largest distance of a loss from the printed one."""
    ours = printed_losses(run)
    return max(abs(a - b) for e in PUBLISHED for a, b in zip(ours[e], PUBLISHED[e], strict=True))


def best_printed_epoch(run: Run) -> int:
    """Epoch that the published loop would print beside the lowest validation loss."""
    return int(np.argmin([row.validation_loss for row in run.history[1:]]))


def said(run: Run, features: Float[np.ndarray, "n 2"]) -> Int[np.ndarray, " n"]:
    """The class with the largest output."""
    classes: Int[np.ndarray, " n"] = run.load_model().predict(features).argmax(axis=1)
    return classes


def held_out_accuracy(run: Run) -> float:
    """Share of the eight points of the published split that are right."""
    table = published_split().validation
    return float(np.mean(said(run, table.features) == table.targets[:, 0]))


def regions(run: Run) -> Int[np.ndarray, "rows columns"]:
    """The class at every point of the published plot's grid, lowest pressure first."""
    x, y = np.meshgrid(np.linspace(*SPANS[0], GRID), np.linspace(*SPANS[1], GRID))
    return said(run, np.column_stack([x.ravel(), y.ravel()])).reshape(GRID, GRID)


@dataclass(frozen=True, eq=False)
class LeftOut:
    """What was said of each point by a network that had not seen it.

    Attributes:
        predicted: (n,) classes.
        actual: (n,) true classes.
    """

    predicted: Int[np.ndarray, " n"]
    actual: Int[np.ndarray, " n"]

    @classmethod
    def of(cls, runs: Sequence[Run]) -> LeftOut:
        """From one run for each fold, in order."""
        predicted = np.empty(len(points()), dtype=int)
        for fold, run in enumerate(runs):
            rows = left_out(fold, len(runs))
            predicted[rows] = said(run, points().features[rows])
        return cls(predicted, points().targets[:, 0].astype(int))

    @property
    def right(self) -> Bool[np.ndarray, " n"]:
        """Which points are right."""
        return self.predicted == self.actual

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the accuracy."""
        return proportion_interval(int(self.right.sum()), len(self.right))

    @property
    def confusion(self) -> Int[np.ndarray, "k k"]:
        """Counts: a row for each true class, a column for each class that was said."""
        from sklearn.metrics import confusion_matrix

        counts: Int[np.ndarray, "k k"] = confusion_matrix(self.actual, self.predicted, labels=range(len(PHASES)))
        return counts


def chance_of_difference(a: LeftOut, b: LeftOut) -> float:
    """How likely two equally good classifiers would differ as much on these points or more: McNemar's exact test.

    Only the points that one has right and the other wrong count; for equals each falls to either side like a coin.
    """
    from scipy.stats import binomtest

    only_a, only_b = int((a.right & ~b.right).sum()), int((b.right & ~a.right).sum())
    return float(binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0
