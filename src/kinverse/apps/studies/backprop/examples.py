"""The published examples and random networks, each computed in all four ways."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from kinverse.apps.studies.backprop.four_ways import (
    Gradients,
    Matrix,
    Network,
    by_hand,
    with_finite_differences,
    with_numpy,
    with_torch,
)

EXACT: dict[str, Callable[[Network, Matrix, Matrix], Gradients]] = {
    "by hand": by_hand,
    "NumPy": with_numpy,
    "torch": with_torch,
}


@dataclass(frozen=True, eq=False)
class Example:
    """A network of one row of data with its published figures.

    Attributes:
        title: for tables.
        network: weights.
        x: (1, i) input.
        t: (1, k) target.
        published: name → digits as printed, in the order of `figures`.
    """

    title: str
    network: Network
    x: Matrix
    t: Matrix
    published: Mapping[str, str]

    def figures(self, found: Gradients) -> dict[str, float]:
        """What is printed, in the order of `published`: the output if it is among them, the loss, then gradients."""
        values = [found.loss, *(g for gradient in reversed(found.weights) for g in gradient.ravel())]
        values = [found.outputs[0, 0], *values] if "y" in self.published else values
        return dict(zip(self.published, map(float, values), strict=True))


CHAIN = Example(
    "chain",
    Network((np.array([[-1.0]]), np.array([[3.0]]), np.array([[7.0]])), "relu"),
    np.array([[-2.0]]),
    np.array([[40.0]]),
    {"L": "2", "∂L/∂w3": "12", "∂L/∂w2": "28", "∂L/∂w1": "-84"},
)
TWO_THREE_ONE = Example(
    "2-3-1 network",
    Network((np.array([[-2.0, 1.0], [3.0, 8.0], [-12.0, 7.0]]), np.array([[-11.0, 2.0, 5.0]])), "sigmoid"),
    np.array([[-2.0, -6.0]]),
    np.array([[-2.0]]),
    {
        "y": "-1.3112",
        "L": "0.2372",
        "∂L/∂W2[1,1]": "8.21031503e-02",
        "∂L/∂W2[1,2]": "2.43316128e-24",
        "∂L/∂W2[1,3]": "1.04899215e-08",
        "∂L/∂W1[1,1]": "1.59095673",
        "∂L/∂W1[1,2]": "4.77287018",
        "∂L/∂W1[2,1]": "-9.73264513e-24",
        "∂L/∂W1[2,2]": "-2.91979354e-23",
        "∂L/∂W1[3,1]": "-1.04899214e-07",
        "∂L/∂W1[3,2]": "-3.14697641e-07",
    },
)


@dataclass(frozen=True)
class Line:
    """One figure of an example in all four ways.

    Attributes:
        example: title of the example.
        figure: its name.
        published: digits as printed.
        exact: by hand, with NumPy, with torch.
        differences: by finite differences.
        noise: what finite differences can be off by; None where there is nothing to differentiate.
    """

    example: str
    figure: str
    published: str
    exact: tuple[float, ...]
    differences: float
    noise: float | None

    @property
    def agrees(self) -> bool:
        """Whether all three exact ways give every printed digit."""
        return all(as_printed(value, self.published) == self.published for value in self.exact)


def as_printed(value: float, like: str) -> str:
    """A number in the form of a printed one: as many decimals, with an exponent or without.

    >>> as_printed(-84.0000001, "-84"), as_printed(0.08210315029, "8.21031503e-02")
    ('-84', '8.21031503e-02')
    """
    mantissa, exponent, _ = re.fullmatch(r"([^e]*)(e?)(.*)", like).groups()  # type: ignore[union-attr]
    return f"{value:.{len(mantissa.partition('.')[2])}{exponent or 'f'}}"


def side_by_side(example: Example) -> list[Line]:
    """An example in all four ways, figure by figure."""
    exact = [example.figures(way(example.network, example.x, example.t)) for way in EXACT.values()]
    approximate = with_finite_differences(example.network, example.x, example.t)
    differences = example.figures(approximate)
    noise = [n for gradient in reversed(approximate.noise) for n in gradient.ravel()]
    noises: list[float | None] = [None] * (len(differences) - len(noise)) + [float(n) for n in noise]
    return [
        Line(example.title, name, digits, tuple(way[name] for way in exact), differences[name], n)
        for (name, digits), n in zip(example.published.items(), noises, strict=True)
    ]


@dataclass(frozen=True)
class Agreement:
    """The four ways on one random network.

    Attributes:
        sizes: of its layers, inputs first.
        activation: between them.
        rows: of the batch.
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


def random_network(seed: int) -> tuple[Network, Matrix, Matrix]:
    """A network of random depth, widths and activation, with a batch for it."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 6, size=rng.integers(2, 5))
    weights = tuple(rng.normal(size=(int(o), int(i))) for i, o in itertools.pairwise(sizes))
    rows = int(rng.integers(1, 8))
    return (
        Network(weights, "sigmoid" if rng.random() < 0.5 else "relu"),
        rng.normal(size=(rows, sizes[0])),
        rng.normal(size=(rows, sizes[-1])),
    )


def compare_on_random_network(seed: int) -> Agreement:
    """The four ways on the network of a seed."""
    network, x, t = random_network(seed)
    reference = with_torch(network, x, t)
    largest = max(float(np.abs(g).max()) for g in reference.weights) or 1.0

    def apart(found: Gradients) -> list[Matrix]:
        return [np.abs(a - b) for a, b in zip(found.weights, reference.weights, strict=True)]

    exact = max(float(d.max()) for way in (by_hand, with_numpy) for d in apart(way(network, x, t)))
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
