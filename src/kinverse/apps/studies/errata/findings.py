"""All claims with what their experiments measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kinverse.apps.studies.errata.losses import divergence, double_softmax, embedding_hinge
from kinverse.apps.studies.errata.measures import lower_half, min_max, r2_range
from kinverse.apps.studies.errata.runs import DEPTHS, WIDTHS, Key, PlanarKey, WeightsKey, WidthKey
from kinverse.apps.studies.errata.trained import (
    Model5Start,
    first_gap,
    oscillation,
    width_rule,
    zero_weights,
)
from kinverse.apps.studies.errata.weights import default_initialisation, he_variance, uniform_range
from kinverse.apps.studies.study import Effort, grouped
from kinverse.learning.trained import Model


class Measured(Protocol):
    """What an experiment measured about a claim."""

    @property
    def number(self) -> int:
        """Of the claim in the list of errata."""

    @property
    def holds(self) -> bool:
        """Whether the claim survived the experiment."""


@dataclass(frozen=True)
class Findings:
    """What the experiments measured, in the order of the claims."""

    claims: Sequence[Measured]

    @property
    def held(self) -> list[int]:
        """Numbers of the claims that hold."""
        return [claim.number for claim in self.claims if claim.holds]


def find(effort: Effort, runs: Mapping[Key, Model]) -> Findings:
    """Run every experiment that needs no training, and take the others from the runs."""
    claims: list[Measured] = [
        default_initialisation(),
        uniform_range(),
        he_variance(),
        embedding_hinge(),
        divergence(),
        double_softmax(),
        r2_range(),
        lower_half(),
        min_max(),
        *of_trainings(runs),
    ]
    return Findings(sorted(claims, key=lambda claim: claim.number))


def of_trainings(runs: Mapping[Key, Model]) -> list[Measured]:
    """The four claims that short trainings decide."""
    widths = grouped(
        {key: float(run.history.validation_loss[-1]) for key, run in runs.items() if isinstance(key, WidthKey)},
        lambda key: (key.depth, key.width),
    )
    planar = grouped({k: r for k, r in runs.items() if isinstance(k, PlanarKey)}, lambda key: key.experiment)
    return [
        width_rule({depth: {width: widths[depth, width] for width in (2**depth, *WIDTHS)} for depth in DEPTHS}),
        oscillation([Model5Start.of(run) for run in planar["model 5"]]),
        zero_weights(runs[WeightsKey("zeros")], runs[WeightsKey("drawn")]),
        first_gap([run.history for run in planar["first step"]]),
    ]
