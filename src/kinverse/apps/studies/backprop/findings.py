"""What the four methods give: on the published examples, on random networks, and for the sigmoid of large arguments."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from kinverse.apps.studies.backprop.gradients import (
    Gradients,
    Matrix,
    Network,
    by_hand,
    sigmoid,
    with_finite_differences,
    with_numpy,
    with_torch,
)
from kinverse.apps.studies.backprop.runs import CHAIN, TWO_THREE_ONE, Example, random_network
from kinverse.apps.studies.study import Effort
from kinverse.learning.trained import Model

EXACT: dict[str, Callable[[Network, Matrix, Matrix], Gradients]] = {
    "by hand": by_hand,
    "NumPy": with_numpy,
    "torch": with_torch,
}
ALL_NETWORKS, QUICK_NETWORKS = 200, 20
"""Random networks on which the four methods are compared."""
STEEP = (-1000.0, -745.0, -20.0, 0.0, 20.0, 1000.0)
"""Arguments of the sigmoid; e^745 is beyond the largest float64."""


@dataclass(frozen=True)
class Line:
    """One figure of an example by all four methods.

    Attributes:
        published: digits as printed.
        exact: by hand, with NumPy, with torch.
        noise: the error that finite differences can have; None where there is nothing to differentiate.
    """

    example: str
    figure: str
    published: str
    exact: tuple[float, ...]
    differences: float
    noise: float | None

    @property
    def within_noise(self) -> bool:
        """Whether finite differences agree with torch within their noise."""
        return abs(self.differences - self.exact[-1]) <= (self.noise or 0.0)

    @property
    def size(self) -> float:
        """The figure without its sign, by torch."""
        return abs(self.exact[-1])

    @property
    def in_noise(self) -> bool:
        """Whether the figure is smaller than the noise of finite differences, which then cannot check it."""
        return self.size < (self.noise or 0.0)

    @property
    def agrees(self) -> bool:
        """Whether all three exact methods give every printed digit."""
        return all(as_printed(value, self.published) == self.published for value in self.exact)


def as_printed(value: float, like: str) -> str:
    """Format a number like a published one: as many decimals, with an exponent only if that has one.

    >>> as_printed(-84.0000001, "-84"), as_printed(0.08210315029, "8.21031503e-02")
    ('-84', '8.21031503e-02')
    """
    mantissa, exponent, _ = re.fullmatch(r"([^e]*)(e?)(.*)", like).groups()  # type: ignore[union-attr]
    return f"{value:.{len(mantissa.partition('.')[2])}{exponent or 'f'}}"


def side_by_side(example: Example) -> list[Line]:
    """An example by all four methods, figure by figure."""
    exact = [example.figures(method(example.network, example.x, example.t)) for method in EXACT.values()]
    approximate = with_finite_differences(example.network, example.x, example.t)
    differences = example.figures(approximate)
    noise = [n for gradient in reversed(approximate.noise) for n in gradient.ravel()]
    noises: list[float | None] = [None] * (len(differences) - len(noise)) + [float(n) for n in noise]
    return [
        Line(example.title, name, digits, tuple(values[name] for values in exact), differences[name], n)
        for (name, digits), n in zip(example.published.items(), noises, strict=True)
    ]


@dataclass(frozen=True)
class Agreement:
    """The four methods on one random network.

    Attributes:
        sizes: of its layers, inputs first.
        exact: largest difference of by hand and NumPy from torch, relative to the largest gradient.
        differences: the same for finite differences.
        in_noise: largest difference of finite differences from torch in units of their noise.
    """

    sizes: tuple[int, ...]
    activation: str
    rows: int
    exact: float
    differences: float
    in_noise: float


def compare_on_random_network(seed: int) -> Agreement:
    """The four methods on the network of a seed."""
    network, x, t = random_network(seed)
    reference = with_torch(network, x, t)
    largest = max(float(np.abs(g).max()) for g in reference.weights) or 1.0

    def apart(found: Gradients) -> list[Matrix]:
        return [np.abs(a - b) for a, b in zip(found.weights, reference.weights, strict=True)]

    exact = max(float(d.max()) for method in (by_hand, with_numpy) for d in apart(method(network, x, t)))
    approximate = with_finite_differences(network, x, t)
    off = apart(approximate)
    return Agreement(
        sizes=(network.weights[0].shape[1], *(w.shape[0] for w in network.weights)),
        activation=network.activation,
        rows=len(x),
        exact=exact / largest,
        differences=max(float(d.max()) for d in off) / largest,
        in_noise=max(float((d / n).max()) for d, n in zip(off, approximate.noise, strict=True)),
    )


@dataclass(frozen=True)
class Sigmoid:
    """The sigmoid at z: plain, as it is written (None where e^−z overflows), ours without overflow, and torch's."""

    z: float
    plain: float | None
    ours: float
    torch: float

    @classmethod
    def of(cls, z: float) -> Sigmoid:
        """All three at one argument."""
        try:
            plain = 1.0 / (1.0 + math.exp(-z))
        except OverflowError:
            plain = None
        return cls(z, plain, sigmoid(z), torch.sigmoid(torch.tensor(z, dtype=torch.float64)).item())


@dataclass(frozen=True)
class Findings:
    """What the four methods give: on the figures of each example, on random networks, and the sigmoid far from 0."""

    lines: Mapping[str, Sequence[Line]]
    random: Sequence[Agreement] = ()
    sigmoids: Sequence[Sigmoid] = ()

    @property
    def figures(self) -> list[Line]:
        """The figures of all examples."""
        return [line for lines in self.lines.values() for line in lines]

    @property
    def sigmoid_error(self) -> float:
        """Largest difference of our sigmoid from torch's."""
        return max(abs(item.ours - item.torch) for item in self.sigmoids)


def find(effort: Effort, runs: Mapping[str, Model]) -> Findings:
    """Compute both published examples by four methods, and random networks of many sizes."""
    seeds = range(QUICK_NETWORKS if effort.quick else ALL_NETWORKS)
    return Findings(
        {example.title: side_by_side(example) for example in (CHAIN, TWO_THREE_ONE)},
        [compare_on_random_network(seed) for seed in seeds],
        [Sigmoid.of(z) for z in STEEP],
    )
