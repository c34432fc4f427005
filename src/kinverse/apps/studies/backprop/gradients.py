"""The gradient of a small network by four methods: by hand, with NumPy, by torch's autograd, by finite differences.

A network here is a chain of linear layers without biases, an activation after each but the last, and the loss
L = ½ Σ (y − t)² over outputs and rows of the batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float

from kinverse.errors import ShapeError

Matrix = Float[np.ndarray, "_rows _columns"]
EPSILON = float(np.finfo(np.float64).eps)
STEP = EPSILON ** (1.0 / 3.0)
"""Of central differences: the error of the formula grows with step², that of rounding with 1 / step, and about here
their sum is least (Press et al., "Numerical recipes", 3rd edition, section 5.7)."""


@dataclass(frozen=True, eq=False)
class Network:
    """Weights of every layer.

    Attributes:
        weights: one (outputs, inputs) matrix for each layer, the first one for x.
        activation: after each layer but the last.
    """

    weights: tuple[Matrix, ...]
    activation: Literal["sigmoid", "relu"]

    def __post_init__(self) -> None:
        sizes = [np.shape(w) for w in self.weights]
        if not sizes or any(len(s) != 2 for s in sizes) or any(a[0] != b[1] for a, b in pairwise(sizes)):
            raise ShapeError(f"weights must be (outputs, inputs) matrices that follow on each other, got {sizes}")


@dataclass(frozen=True, eq=False)
class LayerValues:
    """The values of a layer for a batch, and the gradients of the loss with respect to them.

    Attributes:
        z: (n, o) weighted sums.
        h: (n, o) after the activation; equal to z in the last layer.
        dz: (n, o) ∂L/∂z.
        dh: (n, o) ∂L/∂h.
    """

    z: Matrix
    h: Matrix
    dz: Matrix
    dh: Matrix


@dataclass(frozen=True, eq=False)
class Gradients:
    """Forward and backward pass of a batch.

    Attributes:
        loss: L, a sum over the batch.
        outputs: (n, k) y.
        weights: ∂L/∂W of each layer, shaped as the weights.
        layers: values and gradients of every layer; empty for finite differences.
        noise: for finite differences, the error that each of their gradients can have; else empty.
    """

    loss: float
    outputs: Matrix
    weights: tuple[Matrix, ...]
    layers: tuple[LayerValues, ...] = ()
    noise: tuple[Matrix, ...] = ()


def sigmoid(z: float) -> float:
    """1 / (1 + e^−z); e is only raised to powers ≤ 0, so that no z overflows."""
    if z >= 0.0:
        return 1.0 / (1.0 + math.exp(-z))
    return math.exp(z) / (1.0 + math.exp(z))  # the same fraction, multiplied by e^z above and below


def relu(z: float) -> float:
    """The input where it is positive, else 0."""
    return max(z, 0.0)


def _slope(activation: str, z: float, h: float) -> float:
    """Of the activation at z, where it has the value h: σ' = σ (1 − σ); ReLU' = 1 or 0, and 0 at 0 as in torch."""
    if activation == "sigmoid":
        return h * (1.0 - h)
    return 1.0 if z > 0.0 else 0.0


def by_hand(network: Network, x: Matrix, t: Matrix) -> Gradients:
    """The chain rule written out, number by number, without matrices.

    Args:
        network: the weights.
        x: (n, i) inputs.
        t: (n, k) targets.

    Raises:
        ShapeError: inputs or targets do not fit the network.
    """
    _require_fit(network, x, t)
    weights = [w.tolist() for w in network.weights]
    rows = [_row_by_hand(weights, network.activation, a, b) for a, b in zip(x.tolist(), t.tolist(), strict=True)]
    # Losses of the rows add up, and so do their gradients.
    gradients = tuple(np.sum([row.gradients[n] for row in rows], axis=0) for n in range(len(weights)))
    layers = tuple(
        LayerValues(*(np.array([getattr(row, name)[n] for row in rows]) for name in ("z", "h", "dz", "dh")))
        for n in range(len(weights))
    )
    return Gradients(sum(row.loss for row in rows), layers[-1].h, gradients, layers)


@dataclass(frozen=True)
class _Row:
    """One row of a batch: its loss and, for each layer, values and gradients as in `LayerValues` and `Gradients`."""

    loss: float
    z: list[list[float]]
    h: list[list[float]]
    dz: list[list[float]]
    dh: list[list[float]]
    gradients: list[list[list[float]]]


def _row_by_hand(weights: list[list[list[float]]], activation: str, x: list[float], t: list[float]) -> _Row:
    last = len(weights) - 1
    activate = sigmoid if activation == "sigmoid" else relu

    # Forward. Weighted sum of unit j: z[j] = Σ_i W[j][i] · input[i]. Its output: h[j] = f(z[j]), at the end z[j].
    z: list[list[float]] = []
    h: list[list[float]] = []
    for n, W in enumerate(weights):
        inputs = x if n == 0 else h[n - 1]
        z.append([sum(w * value for w, value in zip(unit, inputs, strict=True)) for unit in W])
        h.append(z[n] if n == last else [activate(value) for value in z[n]])
    y = h[last]
    loss = 0.5 * sum((y_k - t_k) ** 2 for y_k, t_k in zip(y, t, strict=True))

    # Backward, from the loss to the input. Each line is one factor of the chain rule.
    dz: list[list[float]] = [[] for _ in weights]
    dh: list[list[float]] = [[] for _ in weights]
    gradients: list[list[list[float]]] = [[] for _ in weights]
    dh[last] = [y_k - t_k for y_k, t_k in zip(y, t, strict=True)]  # ∂L/∂y[k] = y[k] − t[k]
    dz[last] = dh[last]  # the last layer is linear
    for n in range(last, -1, -1):
        inputs = x if n == 0 else h[n - 1]
        # z[j] depends on W[j][i] by the factor input[i]: ∂L/∂W[j][i] = ∂L/∂z[j] · input[i].
        gradients[n] = [[dz_j * value for value in inputs] for dz_j in dz[n]]
        if n > 0:
            # input[i] goes into every z[j] of the layer, by the factor W[j][i]: ∂L/∂h[i] = Σ_j ∂L/∂z[j] · W[j][i].
            dh[n - 1] = [
                sum(dz_j * unit[i] for dz_j, unit in zip(dz[n], weights[n], strict=True)) for i in range(len(inputs))
            ]
            # h[i] = f(z[i]): ∂L/∂z[i] = ∂L/∂h[i] · f'(z[i]).
            slopes = [_slope(activation, a, b) for a, b in zip(z[n - 1], h[n - 1], strict=True)]
            dz[n - 1] = [d * slope for d, slope in zip(dh[n - 1], slopes, strict=True)]
    return _Row(loss, z, h, dz, dh, gradients)


def with_numpy(network: Network, x: Matrix, t: Matrix) -> Gradients:
    """The same with matrices: all rows and all units at once. Arguments and errors as `by_hand`."""
    _require_fit(network, x, t)
    z, h = _forward(network, x)
    error = h[-1] - t  # (n, k)
    dz = dh = error
    gradients: list[Matrix] = []
    layers: list[LayerValues] = []
    for n in range(len(network.weights) - 1, -1, -1):
        layers.append(LayerValues(z[n], h[n], dz, dh))
        gradients.append(dz.T @ (h[n - 1] if n else x))  # (o, n) (n, i) → (o, i), summed over the rows
        if n:
            dh = dz @ network.weights[n]  # (n, o) (o, i) → (n, i)
            before = h[n - 1]
            dz = dh * (before * (1.0 - before) if network.activation == "sigmoid" else z[n - 1] > 0.0)
    return Gradients(float(0.5 * np.sum(error**2)), h[-1], tuple(gradients[::-1]), tuple(layers[::-1]))


def _forward(network: Network, x: Matrix) -> tuple[list[Matrix], list[Matrix]]:
    """Weighted sums and outputs of every layer."""
    from scipy.special import expit

    activate = expit if network.activation == "sigmoid" else lambda z: np.maximum(z, 0.0)
    z: list[Matrix] = []
    h: list[Matrix] = []
    for n, W in enumerate(network.weights):
        z.append((h[-1] if h else x) @ W.T)
        h.append(z[-1] if n == len(network.weights) - 1 else activate(z[-1]))
    return z, h


def with_torch(network: Network, x: Matrix, t: Matrix) -> Gradients:
    """The same by torch's automatic differentiation, in float64. Arguments and errors as `by_hand`."""
    _require_fit(network, x, t)
    activate: Callable[[torch.Tensor], torch.Tensor] = torch.sigmoid if network.activation == "sigmoid" else torch.relu
    weights = [torch.tensor(w, dtype=torch.float64, requires_grad=True) for w in network.weights]
    z: list[torch.Tensor] = []
    h: list[torch.Tensor] = []
    for W in weights:
        z.append((h[-1] if h else torch.tensor(x, dtype=torch.float64)) @ W.T)
        h.append(z[-1] if len(z) == len(weights) else activate(z[-1]))
    for tensor in (*z, *h):
        tensor.retain_grad()
    loss = 0.5 * ((h[-1] - torch.tensor(t, dtype=torch.float64)) ** 2).sum()
    loss.backward()
    layers = tuple(LayerValues(*map(_array, (a, b, a.grad, b.grad))) for a, b in zip(z, h, strict=True))
    return Gradients(loss.item(), layers[-1].h, tuple(_array(w.grad) for w in weights), layers)


def _array(tensor: torch.Tensor | None) -> Matrix:
    assert tensor is not None
    values: Matrix = tensor.detach().numpy()
    return values


def with_finite_differences(network: Network, x: Matrix, t: Matrix) -> Gradients:
    """∂L/∂w ≈ (L(w + step) − L(w − step)) / (2 step), one weight at a time, without the chain rule.

    The noise estimates its two errors: of rounding, ε · (size of the numbers that are subtracted) / step, and of the
    formula, which the same differences with twice the step show (they have four times that error).

    Args:
        network: the weights.
        x: (n, i) inputs.
        t: (n, k) targets.

    Raises:
        ShapeError: inputs or targets do not fit the network.
    """
    _require_fit(network, x, t)
    gradients, noise = [], []
    for n, W in enumerate(network.weights):
        step = STEP * np.maximum(1.0, np.abs(W))
        near, far = (_differences(network, x, t, n, step * factor) for factor in (1.0, 2.0))
        gradients.append(near)
        noise.append(EPSILON * _largest_terms(network, x, t) / step + np.abs(near - far) / 3.0)
    outputs = _forward(network, x)[1][-1]
    return Gradients(_loss(network, x, t), outputs, tuple(gradients), noise=tuple(noise))


def _differences(network: Network, x: Matrix, t: Matrix, layer: int, step: Matrix) -> Matrix:
    found = np.empty_like(step)
    for place in np.ndindex(step.shape):
        moved = []
        for sign in (1.0, -1.0):
            weights = [w.copy() for w in network.weights]
            weights[layer][place] += sign * step[place]
            moved.append((weights[layer][place], _loss(Network(tuple(weights), network.activation), x, t)))
        (above, high), (below, low) = moved
        found[place] = (high - low) / (above - below)  # the actual step, changed by rounding
    return found


def _loss(network: Network, x: Matrix, t: Matrix) -> float:
    return float(0.5 * np.sum((_forward(network, x)[1][-1] - t) ** 2))


def _largest_terms(network: Network, x: Matrix, t: Matrix) -> float:
    """The loss if no term of the last layer cancelled another, to which its rounding error is relative."""
    hidden = (x, *_forward(network, x)[1])[-2]
    return float(0.5 * np.sum((np.abs(hidden) @ np.abs(network.weights[-1]).T + np.abs(t)) ** 2))


def _require_fit(network: Network, x: Matrix, t: Matrix) -> None:
    inputs, outputs = network.weights[0].shape[1], network.weights[-1].shape[0]
    if x.ndim != 2 or t.ndim != 2 or len(x) != len(t) or (x.shape[1], t.shape[1]) != (inputs, outputs):
        raise ShapeError(
            f"a {inputs} → {outputs} network takes x (n, {inputs}), t (n, {outputs}), got {x.shape}, {t.shape}"
        )
