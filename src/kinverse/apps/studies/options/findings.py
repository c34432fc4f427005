"""What the options give: errors of every option, accuracies of the losses for classes, rates and capacities."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from kinverse.apps.studies.losses import best_epoch
from kinverse.apps.studies.options.data import rings
from kinverse.apps.studies.options.runs import (
    CAPACITIES,
    CLASSIFICATION,
    LEARNING_RATES,
    REGRESSION,
    Key,
    capacity_key,
    class_key,
    option_key,
    rate_key,
    starts,
)
from kinverse.apps.studies.study import Effort
from kinverse.learning.evaluation.scores import NETWORK
from kinverse.learning.trained import Model
from kinverse.learning.training.history import History

OVERFITS = 0.1
"""Relative rise of the validation loss after its lowest value that is called overfitting."""
STAYS_HIGH = 2.0
"""A training loss this many times the lowest of all capacities is called high."""


@dataclass(frozen=True)
class Tried:
    """One option, over its random starts.

    Attributes:
        option: its name.
        validation_mm: root mean square error of the tool on the validation rows, one for each start [mm].
        test_mm: on the test rows [mm].
        failed: starts whose loss became non-finite.
    """

    option: str
    validation_mm: tuple[float, ...]
    test_mm: tuple[float, ...]
    failed: int

    @classmethod
    def of(cls, option: str, runs: Sequence[Model]) -> Tried:
        """From the evaluations of the runs."""
        errors = [tuple(_root_mean_square_mm(run, split) for run in runs) for split in ("validation", "test")]
        return cls(option, errors[0], errors[1], sum(run.status == "failed" for run in runs))

    @property
    def median(self) -> float:
        """On the validation rows [mm]."""
        return statistics.median(self.validation_mm)


def _root_mean_square_mm(run: Model, split: str) -> float:
    """Error of the tool from the mean square of its two coordinates [mm]."""
    assert run.results is not None
    tool = run.results.report.of(NETWORK, split).tool
    assert tool is not None
    return 1e3 * float(np.sqrt(2.0 * tool.mse))


def accuracy_of(run: Model) -> float:
    """Share of the test rows whose ring is correct; whether it is ring 0, where the loss knows only two classes."""
    test = rings().test
    assert test is not None
    outputs, number = run.network.predict(test.features), test.targets[:, 0]
    if outputs.shape[1] == 1:  # the embedding hinge: small for +1, which is ring 0
        return float(np.mean((outputs[:, 0] < 0.5) == (number == 0)))
    return float(np.mean(outputs.argmax(axis=1) == number))


@dataclass(frozen=True)
class Best:
    """The best and the worst option of a setting.

    Attributes:
        setting: its name.
        best, worst: by the median on the validation rows.
        close: options whose starts overlap those of the best.
    """

    setting: str
    best: Tried
    worst: Tried
    close: Sequence[str]


@dataclass(frozen=True)
class Selected:
    """The one training with the lowest validation error.

    Attributes:
        name: setting and option.
        count: trainings that it was selected from.
        validation_mm, test_mm: its errors [mm].
    """

    name: str
    count: int
    validation_mm: float
    test_mm: float

    @property
    def flattered(self) -> bool:
        """Whether its validation error is lower than its test error."""
        return self.validation_mm < self.test_mm


@dataclass(frozen=True, eq=False)
class Capacity:
    """A network of some size on few, noisy rows.

    Attributes:
        name: "too small" …
        hidden: its hidden layers.
        history: its losses.
        high: whether its training loss stays high beside that of the other capacities.
    """

    name: str
    hidden: tuple[int, ...]
    history: History
    high: bool

    @property
    def best_epoch(self) -> int:
        """The epoch with the lowest validation loss."""
        return best_epoch(self.history)

    @property
    def rise(self) -> float:
        """Relative rise of the validation loss from its lowest value to the end."""
        losses = self.history.validation_loss
        return float(losses[-1] / losses.min() - 1.0)

    @property
    def overfits(self) -> bool:
        """Whether training should stop earlier."""
        return self.rise > OVERFITS

    @property
    def saved(self) -> float:
        """By which part the validation loss is lower at the best epoch than at the end."""
        return self.rise / (1.0 + self.rise)


@dataclass(frozen=True, eq=False)
class Findings:
    """What the runs show.

    Attributes:
        tried: setting → its options.
        classes: loss for classes → share of the test rows that are correct, one for each start.
        rates: name → learning rate and losses.
        capacities: three sizes on few, noisy rows.
    """

    tried: Mapping[str, Sequence[Tried]]
    classes: Mapping[str, Sequence[float]] = field(default_factory=dict)
    rates: Mapping[str, tuple[float, History]] = field(default_factory=dict)
    capacities: Sequence[Capacity] = ()

    @property
    def bests(self) -> list[Best]:
        """Best and worst option of each setting."""
        found = []
        for setting, options in self.tried.items():
            best, *others = sorted(options, key=lambda tried: tried.median)
            close = [tried.option for tried in others if min(tried.validation_mm) <= max(best.validation_mm)]
            found.append(Best(setting, best, (others or [best])[-1], close))
        return found

    @property
    def selected(self) -> Selected:
        """What would be selected on the validation rows."""
        every = [
            (validation, test, f"{setting} {tried.option}")
            for setting, options in self.tried.items()
            for tried in options
            for validation, test in zip(tried.validation_mm, tried.test_mm, strict=True)
        ]
        validation, test, name = min(every)
        return Selected(name, len(every), validation, test)


def find(effort: Effort, runs: Mapping[Key, Model]) -> Findings:
    """Compute the findings from the runs."""
    seeds = starts(effort)
    tried = {
        setting: [Tried.of(option, [runs[option_key(setting, option, seed)] for seed in seeds]) for option in options]
        for setting, options in REGRESSION.items()
    }
    classes = {option: [accuracy_of(runs[class_key(option, seed)]) for seed in seeds] for option in CLASSIFICATION}
    rates = {name: (rate, runs[rate_key(name)].history) for name, rate in LEARNING_RATES.items()}
    histories = {name: runs[capacity_key(name)].history for name in CAPACITIES}
    lowest = min(history.train_loss[-1] for history in histories.values())
    capacities = [
        Capacity(name, CAPACITIES[name], history, bool(history.train_loss[-1] > STAYS_HIGH * lowest))
        for name, history in histories.items()
    ]
    return Findings(tried, classes, rates, capacities)
