"""Claims 4, 9, 11 and 12: those that a short training decides."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float

from kinverse.apps.studies.errata.runs import small_grid
from kinverse.learning.trained import Model
from kinverse.learning.training.history import History

TAIL = 100
"""The last epochs, in which an oscillation is looked for."""
SWING = 0.1
"""Part of its mean by which a loss that oscillates moves in these last epochs."""
MADE_BY_THE_STEP = 2.0
"""A gap this many times that at equal weights is made by the step between the measurements."""


@dataclass(frozen=True)
class WidthRule:
    """Claim 4: a network of n layers should have 2^n neurons in each.

    Attributes:
        errors: hidden layers n → width → median squared error against the true curve.
    """

    number: ClassVar[int] = 4
    errors: Mapping[int, Mapping[int, float]]

    @property
    def confirmed(self) -> int:
        """Depths for which 2^n is the best of the widths tried."""
        return sum(min(errors, key=lambda width: errors[width]) == 2**depth for depth, errors in self.errors.items())

    @property
    def holds(self) -> bool:
        """Whether 2^n is the best width for every depth."""
        return self.confirmed == len(self.errors)


def width_rule(losses: Mapping[int, Mapping[int, Sequence[float]]]) -> WidthRule:
    """Claim 4.

    Args:
        losses: hidden layers n → width → final validation losses, which are errors against the true curve.
    """
    return WidthRule(
        {
            depth: {width: statistics.median(group) for width, group in widths.items()}
            for depth, widths in losses.items()
        }
    )


@dataclass(frozen=True, eq=False)
class Model5Start:
    """One start of model 5.

    Attributes:
        tail: training losses of the last epochs.
        constant: whether the output is the same for every target.
        dead: share of the last hidden units that are 0 for every target.
    """

    tail: Float[np.ndarray, " n"]
    constant: bool
    dead: float

    @classmethod
    def of(cls, run: Model) -> Model5Start:
        """From a run on the small grid."""
        inputs, model = small_grid().train.features, run.network
        hidden = torch.as_tensor(inputs, dtype=torch.float32)
        with torch.no_grad():
            for layer in list(model.network)[:-1]:
                hidden = layer(hidden)
        dead = float((hidden == 0.0).all(dim=0).double().mean())
        return cls(run.history.train_loss[-TAIL:], not model.predict(inputs).std(axis=0).any(), dead)

    @property
    def swing(self) -> float:
        """By which part of its mean the loss moves."""
        return float((self.tail.max() - self.tail.min()) / self.tail.mean())


@dataclass(frozen=True, eq=False)
class Oscillation:
    """Claim 9: model 5 oscillates, because its learning rate is too large.

    Attributes:
        starts: its runs.
        variance: of the targets, the loss of a constant output [m²].
    """

    number: ClassVar[int] = 9
    starts: Sequence[Model5Start]
    variance: float

    @property
    def moving(self) -> int:
        """Starts whose loss swings."""
        return sum(start.swing > SWING for start in self.starts)

    @property
    def constant(self) -> int:
        """Starts whose output is a constant."""
        return sum(start.constant for start in self.starts)

    @property
    def dead(self) -> float:
        """Share of the last hidden units that are 0 everywhere, the median over starts."""
        return statistics.median(start.dead for start in self.starts)

    @property
    def holds(self) -> bool:
        """Whether most starts swing."""
        return self.moving > len(self.starts) / 2

    @property
    def mostly_constant(self) -> bool:
        """Whether most starts give a constant."""
        return self.constant > len(self.starts) / 2


def oscillation(starts: Sequence[Model5Start]) -> Oscillation:
    """Claim 9."""
    return Oscillation(starts, float(small_grid().train.features.var(axis=0).mean()))


@dataclass(frozen=True)
class ZeroWeights:
    """Claim 11: zeros will do as initial weights.

    Attributes:
        units: in the hidden layer.
        epochs: of the training.
        zeros_apart, drawn_apart: largest difference between the weights of two hidden units, after a start from zeros
            and from random weights.
        first, last: training loss of the start from zeros, before and after.
        drawn_last: training loss of the random start, after.
    """

    number: ClassVar[int] = 11
    units: int
    epochs: int
    zeros_apart: float
    drawn_apart: float
    first: float
    last: float
    drawn_last: float

    @property
    def holds(self) -> bool:
        """Whether the hidden units became different."""
        return self.zeros_apart > 0.0


def zero_weights(zeros: Model, drawn: Model) -> ZeroWeights:
    """Claim 11.

    Args:
        zeros: a training from all weights zero.
        drawn: the same from random weights.
    """
    losses, drawn_losses = (run.history.train_loss for run in (zeros, drawn))
    return ZeroWeights(
        units=zeros.config.model.hidden[0],
        epochs=zeros.config.epochs,
        zeros_apart=_units_apart(zeros),
        drawn_apart=_units_apart(drawn),
        first=float(losses[0]),
        last=float(losses[-1]),
        drawn_last=float(drawn_losses[-1]),
    )


def _units_apart(run: Model) -> float:
    """Largest difference of a weight or bias into a hidden unit from that into the first one."""
    weight, bias = (p.detach().numpy() for p in list(run.network.network.parameters())[:2])
    into = np.column_stack([weight, bias])
    return float(np.abs(into - into[0]).max())


@dataclass(frozen=True)
class FirstGap:
    """Claim 12: the gap between training and validation loss at epoch 0 says something about the data.

    Attributes:
        published: training loss before the first step less validation loss after it, one for each start.
        equal: the gap at the same weights.
    """

    number: ClassVar[int] = 12
    published: tuple[float, ...]
    equal: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The published gap over that at equal weights."""
        published, equal = (statistics.median(map(abs, gaps)) for gaps in (self.published, self.equal))
        return published / max(equal, 1e-12)

    @property
    def holds(self) -> bool:
        """Whether both gaps are alike."""
        return self.ratio < MADE_BY_THE_STEP


def first_gap(histories: Sequence[History]) -> FirstGap:
    """Claim 12.

    Args:
        histories: of trainings of at least one step.
    """
    train = [float(h.train_loss[0]) for h in histories]
    before, after = ([float(h.validation_loss[epoch]) for h in histories] for epoch in (0, 1))
    return FirstGap(
        tuple(a - b for a, b in zip(train, after, strict=True)),
        tuple(a - b for a, b in zip(train, before, strict=True)),
    )
