"""The networks of the backprop study: the published examples, and random ones. Nothing is trained."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kinverse.apps.studies.backprop.gradients import Gradients, Matrix, Network
from kinverse.apps.studies.study import Effort, Training


@dataclass(frozen=True, eq=False)
class Example:
    """A network with its input x (1, i), its target t (1, k), and figure → digits as printed."""

    title: str
    network: Network
    x: Matrix
    t: Matrix
    published: Mapping[str, str]

    def figures(self, found: Gradients) -> dict[str, float]:
        """Our values in the order of `published`: the loss if it is among them, then gradients, last layer first."""
        values = [g for gradient in reversed(found.weights) for g in gradient.ravel()]
        values = [found.loss, *values] if "L" in self.published else values
        return dict(zip(self.published, map(float, values), strict=True))


CHAIN = Example(
    "chain",
    Network((np.array([[-1.0]]), np.array([[3.0]]), np.array([[7.0]])), "relu"),
    np.array([[-2.0]]),
    np.array([[40.0]]),
    {"L": "2.0", "∂L/∂w3": "12", "∂L/∂w2": "28", "∂L/∂w1": "-84"},
)
TWO_THREE_ONE = Example(
    "2-3-1 network",
    Network((np.array([[-2.0, 1.0], [3.0, 8.0], [-12.0, 7.0]]), np.array([[-11.0, 2.0, 5.0]])), "sigmoid"),
    np.array([[-2.0, -6.0]]),
    np.array([[-2.0]]),
    {
        "∂L/∂W2[1,1]": "8.21031503e-02",
        "∂L/∂W2[1,2]": "2.43316128e-24",
        "∂L/∂W2[1,3]": "1.04899215e-08",
        "∂L/∂W1[1,1]": "1.59095673e+00",
        "∂L/∂W1[1,2]": "4.77287018e+00",
        "∂L/∂W1[2,1]": "-9.73264513e-24",
        "∂L/∂W1[2,2]": "-2.91979354e-23",
        "∂L/∂W1[3,1]": "-1.04899214e-07",
        "∂L/∂W1[3,2]": "-3.14697641e-07",
    },
)


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


def trainings(effort: Effort) -> Sequence[Training[str]]:
    """None."""
    return ()
