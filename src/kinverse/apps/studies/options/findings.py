"""What the options give: errors of every option, accuracies of the losses for classes, rates and capacities."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from kinverse.apps.studies.options.runs import (
    CAPACITIES,
    CLASSIFICATION,
    LEARNING_RATES,
    REGRESSION,
    STARTS,
    Key,
    option_key,
    rings,
)
from kinverse.apps.studies.study import Effort
from kinverse.learning.evaluation.paired import PairedRatio, paired_ratio
from kinverse.learning.evaluation.scores import NETWORK
from kinverse.learning.trained import Model
from kinverse.learning.training.history import History


@dataclass(frozen=True)
class Tried:
    """One option, over its random starts.

    Attributes:
        validation_mm, test_mm: root mean square error of the tool on these rows, one for each start [mm].
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

    def over(self, other: Tried) -> PairedRatio:
        """Its error over that of another option, on the validation rows, of the same starts."""
        return paired_ratio(self.validation_mm, other.validation_mm)


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
class Selected:
    """The one training, of all `count`, with the lowest validation error: setting and option, and its errors [mm]."""

    name: str
    count: int
    validation_mm: float
    test_mm: float


@dataclass(frozen=True, eq=False)
class Findings:
    """What the runs show.

    Attributes:
        tried: setting → its options.
        classes: loss for classes → share of the test rows that are correct, one for each start.
        rates: name of a learning rate → losses.
        capacities: name of a capacity → losses on few, noisy rows.
    """

    tried: Mapping[str, Sequence[Tried]]
    classes: Mapping[str, Sequence[float]] = field(default_factory=dict)
    rates: Mapping[str, History] = field(default_factory=dict)
    capacities: Mapping[str, History] = field(default_factory=dict)

    @property
    def starts(self) -> int:
        """Random starts of each option; 0 where none was tried."""
        return max((len(tried.validation_mm) for options in self.tried.values() for tried in options), default=0)

    @property
    def softmax(self) -> PairedRatio:
        """Share of correct test rows with a softmax before cross-entropy over that without, of the same starts."""
        return paired_ratio(self.classes["cross_entropy after softmax"], self.classes["cross_entropy on logits"])

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
    seeds = effort.starts(STARTS, quick=1)
    return Findings(
        tried={
            setting: [Tried.of(option, [runs[option_key(setting, option, s)] for s in seeds]) for option in options]
            for setting, options in REGRESSION.items()
        },
        classes={name: [accuracy_of(runs[Key("class loss", name, s)]) for s in seeds] for name in CLASSIFICATION},
        rates={name: runs[Key("learning rate", name)].history for name in LEARNING_RATES},
        capacities={name: runs[Key("capacity", name)].history for name in CAPACITIES},
    )
