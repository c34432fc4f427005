"""Claims 1, 2 and 3: what weights are drawn from before training."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from kinverse.apps.studies.errata.claim import Claim

FAN_IN, FAN_OUT = 100, 2000
"""Of the layer whose weights are drawn; the deviation of 200,000 draws is known to some tenths of a percent."""
CLOSE = 0.02
"""Relative; far above the scatter of so many draws, far below the distance of the rules from each other."""
SEED = 0


def default_is_he(make: Callable[[int, int], nn.Linear] = nn.Linear) -> Claim:
    """Claim 1.

    Args:
        make: the layer that is put to the test.
    """
    weights = _drawn(lambda: make(FAN_IN, FAN_OUT).weight)
    he, uniform = math.sqrt(2.0 / FAN_IN), 1.0 / math.sqrt(FAN_IN)
    std, largest = weights.std().item(), weights.abs().max().item()
    holds = abs(std / he - 1.0) < CLOSE
    is_uniform = abs(std / (uniform / math.sqrt(3.0)) - 1.0) < CLOSE and largest <= uniform
    instead = f"the weights are U(±1/√fan_in), {he / std:.2f} times narrower" if is_uniform else "they are neither"
    return Claim(
        1,
        "PyTorch initialises a Linear layer by He's rule.",
        f"{FAN_OUT * FAN_IN:,} weights of Linear({FAN_IN}, {FAN_OUT}) as it is made",
        f"standard deviation {std:.4f}, largest {largest:.4f}; He: {he:.4f}, unbounded; "
        f"U(±1/√fan_in): {uniform / math.sqrt(3.0):.4f}, {uniform:.4f}",
        holds,
        "the standard deviation is He's." if holds else f"{instead}.",
    )


def uniform_is_symmetric(draw: Callable[[Tensor], Tensor] = nn.init.uniform_) -> Claim:
    """Claim 2.

    Args:
        draw: fills a tensor with random numbers.
    """
    weights = _drawn(lambda: draw(torch.empty(FAN_OUT, FAN_IN)))
    low, high, mean = weights.min().item(), weights.max().item(), weights.mean().item()
    holds = low < -1.0 + CLOSE and high > 1.0 - CLOSE and abs(mean) < CLOSE
    return Claim(
        2,
        "init.uniform_ draws from −1 … 1.",
        f"init.uniform_ on {FAN_OUT * FAN_IN:,} weights, without further arguments",
        f"smallest {low:.4f}, largest {high:.4f}, mean {mean:.4f}",
        holds,
        "it does."
        if holds
        else f"it draws from {round(low):d} … {round(high):d}; give it −1 and 1, or every weight pushes the same way.",
    )


def root_is_variance(draw: Callable[[Tensor], Tensor] | None = None) -> Claim:
    """Claim 3.

    Args:
        draw: fills a tensor with random numbers; None: He's normal initialisation.
    """
    weights = _drawn(lambda: (draw or _he_normal)(torch.empty(FAN_OUT, FAN_IN)))
    root = math.sqrt(2.0 / FAN_IN)
    std, variance = weights.std().item(), weights.var().item()
    holds = abs(variance / root - 1.0) < CLOSE
    is_std = abs(std / root - 1.0) < CLOSE
    return Claim(
        3,
        "He's normal initialisation has the variance √(2/fan_in).",
        f"kaiming_normal_ on {FAN_OUT * FAN_IN:,} weights, fan_in {FAN_IN}",
        f"variance {variance:.4f}, standard deviation {std:.4f}; √(2/fan_in) = {root:.4f}, 2/fan_in = {root**2:.4f}",
        holds,
        "it has." if holds else f"√(2/fan_in) is {'the standard deviation' if is_std else 'neither of both'}.",
    )


def _he_normal(weights: Tensor) -> Tensor:
    return nn.init.kaiming_normal_(weights, nonlinearity="relu")


def _drawn(draw: Callable[[], Tensor]) -> Tensor:
    """Weights from a seed of their own, in float64 for the statistics."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        return draw().detach().double()
