"""What the complexity study measures: errors of each network on points that it was not trained on."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from kinverse.apps.studies.complexity.runs import (
    FLOOR,
    PUBLISHED,
    Hidden,
    Key,
    Weights,
    count_parameters,
    error_of_truth,
    noisy_sine,
    truth,
)
from kinverse.apps.studies.study import Effort
from kinverse.learning.evaluation.metrics import mse
from kinverse.learning.evaluation.paired import PairedRatio, paired_ratio
from kinverse.learning.trained import Model
from kinverse.learning.training.history import History

Fit = Literal["underfits", "fits the noise", "neither"]
DRAWN = np.linspace(0.0, 1.0, 301)
"""Where the networks' curves are drawn."""


@dataclass(frozen=True, eq=False)
class Trained:
    """One run, measured with the weights that it kept.

    Attributes:
        train, validation: losses on the training and on the five validation points.
        test: mean squared error on the noisy test points.
        clean: the same against the true curve at these points, without their noise.
        epoch: whose weights were kept.
        kinks: units of the first layer that bend the curve between 0 and 1.
        curve: (301,) the network's values at `DRAWN`.
    """

    key: Key
    train: float
    validation: float
    test: float
    clean: float
    epoch: int = 0
    kinks: int = 0
    history: History | None = None
    curve: Float[np.ndarray, " m"] | None = None

    @classmethod
    def of(cls, key: Key, run: Model) -> Trained:
        """Measure a run."""
        history, model, table = run.history, run.network, noisy_sine().test
        epoch = run.best_epoch if key.weights == "best epoch" else run.epochs
        assert table is not None
        predicted = model.predict(table.features)
        weight, bias = (tensor.detach().numpy().ravel() for tensor in list(model.network.parameters())[:2])
        return cls(
            key,
            train=float(history.train_loss[epoch]),
            validation=float(history.validation_loss[epoch]),
            test=mse(table.targets, predicted),
            clean=mse(truth(table.features), predicted),
            epoch=epoch,
            kinks=count_kinks(weight, bias),
            history=history,
            curve=model.predict(DRAWN[:, None])[:, 0],
        )


def count_kinks(weight: Float[np.ndarray, " units"], bias: Float[np.ndarray, " units"]) -> int:
    """Units that bend the curve between 0 and 1: where w x + b changes its sign."""
    with np.errstate(divide="ignore"):
        bend = -bias / weight
    return int(((bend > 0.0) & (bend < 1.0)).sum())


@dataclass(frozen=True)
class Ranking:
    """Published networks (hidden layers → test errors of all starts), the best by its median first.

    Attributes:
        wins: starts in which the best network has the lower error, of those that both have.
        ratio: error of the second best over that of the best, over these starts.
    """

    weights: Weights
    order: Mapping[Hidden, Sequence[float]]
    wins: int
    ratio: PairedRatio


@dataclass(frozen=True)
class Assessment:
    """Whether a network under- or overfits, by the training losses of all its starts.

    Attributes:
        harm: test error at the end over that at the early-stopping epoch; None where only one of them was run.
    """

    hidden: Hidden
    fit: Fit
    train: Sequence[float]
    harm: PairedRatio | None


@dataclass(frozen=True, eq=False)
class Findings:
    """What the runs show, and whether only one start of each network was run."""

    trained: Sequence[Trained]
    quick: bool = False

    def chosen(self, weights: Weights, hidden: Hidden | None = None) -> list[Trained]:
        """The runs with these weights, of one network or of all."""
        return [item for item in self.trained if item.key.weights == weights and hidden in (None, item.key.hidden)]

    def either(self, hidden: Hidden) -> list[Trained]:
        """The runs of a network as published, or with early stopping where it was not run as published."""
        return self.chosen("last weights", hidden) or self.chosen("best epoch", hidden)

    @property
    def networks(self) -> list[Hidden]:
        """Every network that was trained, fewest parameters first."""
        return sorted({item.key.hidden for item in self.trained}, key=count_parameters)

    @property
    def rankings(self) -> list[Ranking]:
        """Which published network is best, after all epochs and with early stopping."""
        kinds: tuple[Weights, ...] = ("last weights", "best epoch")
        return [ranking for ranking in map(self._ranking, kinds) if ranking is not None]

    def _ranking(self, weights: Weights) -> Ranking | None:
        runs = {hidden: self.chosen(weights, hidden) for hidden in PUBLISHED}
        ranked = sorted((statistics.median(item.test for item in group), h) for h, group in runs.items() if group)
        if len(ranked) < 2:
            return None
        (_, first), (_, second) = ranked[:2]
        pairs = [(a.test, b.test) for a in runs[first] for b in runs[second] if a.key.seed == b.key.seed]
        if not pairs:
            return None
        order = {hidden: [item.test for item in runs[hidden]] for _, hidden in ranked}
        ratio = paired_ratio([b for _, b in pairs], [a for a, _ in pairs])
        return Ranking(weights, order, sum(a < b for a, b in pairs), ratio)

    @property
    def assessments(self) -> list[Assessment]:
        """Which published networks under- and overfit."""
        found = []
        for hidden in PUBLISHED:
            if train := [item.train for item in self.either(hidden)]:
                fit: Fit = "neither"
                if min(train) > FLOOR:  # every start is farther from the points than their noise explains
                    fit = "underfits"
                elif max(train) < error_of_truth(noisy_sine().train):  # nearer than the true curve: by noise alone
                    fit = "fits the noise"
                change = harm(self.chosen("last weights", hidden), self.chosen("best epoch", hidden))
                found.append(Assessment(hidden, fit, train, change))
        return found

    def ranked(self, figure: str) -> list[Hidden]:
        """The published networks by the median of a figure ("validation" or "test"), the best first."""
        runs = {hidden: group for hidden in PUBLISHED if (group := self.either(hidden))}
        return sorted(runs, key=lambda hidden: statistics.median(getattr(item, figure) for item in runs[hidden]))


def harm(last: Sequence[Trained], best: Sequence[Trained]) -> PairedRatio | None:
    """Test error at the end over that at the early-stopping epoch, over starts that have both; None: there are none."""
    ends = {item.key.seed: item.test for item in last}
    pairs = [(ends[item.key.seed], item.test) for item in best if item.key.seed in ends]
    return paired_ratio([end for end, _ in pairs], [stopped for _, stopped in pairs]) if pairs else None


def find(effort: Effort, runs: Mapping[Key, Model]) -> Findings:
    """Measure every run on the test points."""
    return Findings([Trained.of(key, run) for key, run in runs.items()], effort.quick)
