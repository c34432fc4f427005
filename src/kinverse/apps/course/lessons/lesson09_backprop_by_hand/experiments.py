"""Experiments for the questions of lesson 9."""

from collections.abc import Callable, Sequence

import numpy as np

from kinverse.tables import Cell, Table

STEPS = (1e-1, 1e-3, 1e-5, 1e-7, 1e-9, 1e-11, 1e-13)
DEPTHS = (1, 2, 4, 8, 16)
WIDTH, STARTS = 32, 20


def step_of_differences() -> Table:
    """Errors of one-sided and central differences of a sigmoid, by step."""
    z = np.linspace(-2.0, 2.0, 101)
    slope = _sigmoid(z) * (1.0 - _sigmoid(z))
    rows: list[Sequence[Cell]] = []
    for step in STEPS:
        two_sided = (_sigmoid(z + step) - _sigmoid(z - step)) / (2.0 * step)
        one_sided = (_sigmoid(z + step) - _sigmoid(z)) / step
        rows.append((f"{step:.0e}", *(float(np.abs(found - slope).max()) for found in (one_sided, two_sided))))
    columns = ("step", "one-sided: largest error", "central: largest error")
    return Table("Finite differences of the sigmoid in float64, at 101 points", columns, rows)


def depth() -> Table:
    """Ratio of the gradients of the first and the last hidden layer, by depth and activation."""
    rows: list[Sequence[Cell]] = []
    for layers in DEPTHS:
        ratios = [
            float(np.median([_first_over_last(layers, *kind, np.random.default_rng(seed)) for seed in range(STARTS)]))
            for kind in ((_sigmoid, lambda h: h * (1.0 - h), 1.0), (_relu, lambda h: (h > 0.0).astype(float), 2.0))
        ]
        rows.append((layers, *ratios))
    columns = ("hidden layers", "sigmoid, Xavier", "ReLU, He")
    note = f"Root mean squares of the gradients; median of {STARTS} starts, {WIDTH} units in each layer."
    return Table("Gradient of the first hidden layer divided by that of the last", columns, rows, note)


def _first_over_last(
    layers: int,
    activation: Callable[[np.ndarray], np.ndarray],
    slope: Callable[[np.ndarray], np.ndarray],
    gain: float,
    rng: np.random.Generator,
) -> float:
    """The ratio for a network with layers of one size; `slope` takes the value of the activation."""
    std = np.sqrt(gain / WIDTH)
    weights = [rng.normal(0.0, std, (WIDTH, WIDTH)) for _ in range(layers + 1)]
    values = [rng.normal(size=(64, WIDTH))]
    for W in weights[:-1]:
        values.append(activation(values[-1] @ W.T))
    back = rng.normal(size=(64, WIDTH)) @ weights[-1]  # as from a random error at the outputs
    sizes = []
    for n in range(layers, 0, -1):
        dz = back * slope(values[n])
        sizes.append(float(np.sqrt(((dz.T @ values[n - 1]) ** 2).mean())))
        back = dz @ weights[n - 1]
    return sizes[-1] / sizes[0]


def _sigmoid(z: np.ndarray) -> np.ndarray:
    result: np.ndarray = 0.5 * (1.0 + np.tanh(0.5 * z))
    return result


def _relu(z: np.ndarray) -> np.ndarray:
    return np.maximum(z, 0.0)
