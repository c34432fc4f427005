"""Claims 1, 2 and 3: the distribution of initial weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

FAN_IN, FAN_OUT = 100, 2000
"""Of the layer whose weights are drawn; the standard deviation of 200,000 draws is known to about 0.2 %."""
CLOSE = 0.02
"""Relative; far above the scatter of so many draws, far below the distance of the rules from each other."""
SEED = 0
HE = math.sqrt(2.0 / FAN_IN)
"""He's standard deviation."""
UNIFORM = 1.0 / math.sqrt(FAN_IN)
"""The bound of U(±1/√fan_in), torch's default."""


def is_close(value: float, expected: float) -> bool:
    """Whether two statistics are the same but for the scatter of the draws."""
    return abs(value / expected - 1.0) < CLOSE


@dataclass(frozen=True)
class DefaultInitialisation:
    """Claim 1: PyTorch initialises a Linear layer by He's rule.

    Attributes:
        std: standard deviation of the weights.
        largest: absolute value of the largest weight.
    """

    number: ClassVar[int] = 1
    std: float
    largest: float

    @property
    def holds(self) -> bool:
        """Whether the standard deviation is He's."""
        return is_close(self.std, HE)

    @property
    def is_uniform(self) -> bool:
        """Whether the weights are U(±1/√fan_in)."""
        return is_close(self.std, UNIFORM / math.sqrt(3.0)) and self.largest <= UNIFORM


def default_initialisation(make: Callable[[int, int], nn.Linear] = nn.Linear) -> DefaultInitialisation:
    """Claim 1.

    Args:
        make: the layer that is tested.
    """
    weights = _drawn(lambda: make(FAN_IN, FAN_OUT).weight)
    return DefaultInitialisation(weights.std().item(), weights.abs().max().item())


@dataclass(frozen=True)
class UniformRange:
    """Claim 2: init.uniform_ draws from −1 … 1.

    Attributes:
        low, high, mean: of the weights.
    """

    number: ClassVar[int] = 2
    low: float
    high: float
    mean: float

    @property
    def holds(self) -> bool:
        """Whether the weights are symmetric and reach −1 and 1."""
        return self.low < -1.0 + CLOSE and self.high > 1.0 - CLOSE and abs(self.mean) < CLOSE


def uniform_range(draw: Callable[[Tensor], Tensor] = nn.init.uniform_) -> UniformRange:
    """Claim 2.

    Args:
        draw: fills a tensor with random numbers.
    """
    weights = _drawn(lambda: draw(torch.empty(FAN_OUT, FAN_IN)))
    return UniformRange(weights.min().item(), weights.max().item(), weights.mean().item())


@dataclass(frozen=True)
class HeVariance:
    """Claim 3: He's normal initialisation has the variance √(2/fan_in).

    Attributes:
        std, variance: of the weights.
    """

    number: ClassVar[int] = 3
    std: float
    variance: float

    @property
    def holds(self) -> bool:
        """Whether the root is the variance."""
        return is_close(self.variance, HE)

    @property
    def is_std(self) -> bool:
        """Whether the root is the standard deviation."""
        return is_close(self.std, HE)


def he_variance(draw: Callable[[Tensor], Tensor] | None = None) -> HeVariance:
    """Claim 3.

    Args:
        draw: fills a tensor with random numbers; None: He's normal initialisation.
    """
    weights = _drawn(lambda: (draw or _he_normal)(torch.empty(FAN_OUT, FAN_IN)))
    return HeVariance(weights.std().item(), weights.var().item())


def _he_normal(weights: Tensor) -> Tensor:
    return nn.init.kaiming_normal_(weights, nonlinearity="relu")


def _drawn(draw: Callable[[], Tensor]) -> Tensor:
    """Weights from a seed of their own, in float64 for the statistics."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        return draw().detach().double()
