"""What is measured in the complexity study: errors of each network on points it has not seen."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kinverse.apps.studies.complexity.data import FLOOR, error_of_truth, noisy_sine, truth
from kinverse.learning.evaluation.metrics import mse
from kinverse.learning.training.run import Run

PUBLISHED: dict[tuple[int, ...], tuple[float, float]] = {
    (4,): (0.1145, 0.0743),
    (16, 16): (0.0058, 0.0251),
    (128, 128, 128): (0.0014, 0.0380),
}
"""Hidden layers → printed training and validation loss."""
LAST, BEST, WATCHED, FASTER = "last weights", "best epoch", "watched", "ten times the rate"
HARM = 1.05
"""A test error that ends so many times above that of the early-stopping epoch has been harmed by training on."""


def net_name(hidden: Sequence[int]) -> str:
    """Of a network in tables: its layers, input and output included."""
    return "-".join(map(str, (1, *hidden, 1)))


def count_parameters(hidden: Sequence[int]) -> int:
    """Weights and biases of a network with these hidden layers."""
    return sum((a + 1) * b for a, b in pairwise((1, *hidden, 1)))


@dataclass(frozen=True, eq=False)
class Trained:
    """One run, measured.

    Attributes:
        hidden: layers of the network.
        kept: which training and which of its weights.
        run: the run.
        train: loss on the training points, of the weights kept.
        validation: loss on the five validation points, of the weights kept.
        test: mean squared error on the noisy test points.
        clean: the same against the true curve at these points, without their noise.
    """

    hidden: tuple[int, ...]
    kept: str
    run: Run
    train: float
    validation: float
    test: float
    clean: float

    @classmethod
    def of(cls, name: str, run: Run) -> Trained:
        """From a training's name and run."""
        row = run.history[run.card.best_epoch if run.config.keep_best else -1]
        table = noisy_sine().test
        assert table is not None
        predicted = run.load_model().predict(table.features)
        clean = mse(truth(table.features), predicted)
        hidden, kept = run.config.hidden, name.split(", ")[1]
        return cls(hidden, kept, run, row.train_loss, row.validation_loss, mse(table.targets, predicted), clean)

    @property
    def kinks(self) -> int:
        """Units of the first layer that bend the curve between 0 and 1: where w x + b changes its sign."""
        w, b = (tensor.detach().numpy().ravel() for tensor in list(self.run.load_model().network.parameters())[:2])
        with np.errstate(divide="ignore"):
            bend = -b / w
        return int(((bend > 0.0) & (bend < 1.0)).sum())


def chosen(found: Sequence[Trained], kept: str, hidden: tuple[int, ...] | None = None) -> list[Trained]:
    """The runs of one kind, of one network or of all."""
    return [item for item in found if item.kept == kept and hidden in (None, item.hidden)]


def networks(found: Sequence[Trained]) -> list[tuple[int, ...]]:
    """Every network that was trained, fewest parameters first."""
    return sorted({item.hidden for item in found}, key=count_parameters)


def fits_noise(runs: Sequence[Trained]) -> bool:
    """Whether every start is nearer to the training points than the true curve is, which noise alone can explain."""
    return max(item.train for item in runs) < error_of_truth(noisy_sine().train)


def underfits(runs: Sequence[Trained]) -> bool:
    """Whether every start is farther from the training points than their noise explains."""
    return min(item.train for item in runs) > FLOOR


def harm(last: Sequence[Trained], best: Sequence[Trained]) -> float | None:
    """Test error at the end over that at the early-stopping epoch, the median over starts that have both."""
    ends = {item.run.config.seed: item.test for item in last}
    ratios = [ends[item.run.config.seed] / item.test for item in best if item.run.config.seed in ends]
    return statistics.median(ratios) if ratios else None
