"""`CompiledNetwork`: joint predictions of a trained network, read from its file without torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Float

from kinverse.compiling import announce_compilation
from kinverse.errors import ShapeError
from kinverse.network import kernels
from kinverse.network.file import read_model
from kinverse.network.spec import ModelSpec

_BATCH_NORM_EPSILON = 1e-5
"""torch.nn.BatchNorm1d adds this to the variance."""


@dataclass(frozen=True, eq=False)
class CompiledNetwork:
    """A network's forward pass for `kinverse.network.kernels`: float32 inside, scaling and limits in float64.

    Attributes:
        spec: description of the model.
        plan: (layers, 4) inputs, outputs, offset in `weights` and activation of each layer.
        scaling: (2, i) shift and scale of the inputs.
        ending: (5, c) shift, scale, lower limit, upper limit and use of tanh for each output.
        weights: weights of all layers, batch norms folded in, in the layout of `kernels.predict`.
    """

    spec: ModelSpec
    plan: np.ndarray = field(repr=False)
    scaling: Float[np.ndarray, "2 i"] = field(repr=False)
    ending: Float[np.ndarray, "5 c"] = field(repr=False)
    weights: Float[np.ndarray, " w"] = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> CompiledNetwork:
        """Read a model file.

        Raises:
            RunError: the file is missing, damaged or not a model.
        """
        return cls.from_tensors(*read_model(path))

    @classmethod
    def from_tensors(cls, spec: ModelSpec, tensors: dict[str, np.ndarray]) -> CompiledNetwork:
        """Fold and pack a model's weights.

        Args:
            spec: description of the model.
            tensors: weights by name, as in `spec.network.shapes`.
        """
        network = spec.network
        last = len(network.layers) - 1
        plan, packed, place = [], [], 0
        for i, (linear, norm) in enumerate(network.layers):
            matrix = _packed(*folded_layer(tensors, linear, norm))
            activation = network.output_activation if i == last else network.activation
            plan.append((network.sizes[i], network.sizes[i + 1], place, kernels.ACTIVATIONS.index(activation)))
            packed.append(matrix.ravel())
            place += matrix.size
        scaling = np.array([spec.features.shift, spec.features.scale])
        return cls(spec, np.array(plan), scaling, _ending(spec), np.concatenate(packed))

    @property
    def heads(self) -> int:
        """Number of predictions for each input."""
        return self.spec.heads

    @property
    def dof(self) -> int:
        """Number of joints in a prediction."""
        return len(self.spec.target_names)

    @property
    def memory(self) -> int:
        """Size of the weights in bytes."""
        return self.weights.nbytes

    def predict(self, inputs: Float[np.ndarray, "n i"]) -> Float[np.ndarray, "n heads dof"]:
        """Predict joint positions. A row has the same bits whatever else is in the batch.

        Args:
            inputs: (n, i) unscaled network inputs, from `ModelSpec.inputs_of`.

        Returns:
            (n, heads, dof) joint positions [rad or m], inside the model's bounds.

        Raises:
            ShapeError: the number of columns is not the model's, or a value is not finite.
        """
        inputs = np.ascontiguousarray(inputs, dtype=np.float64)
        if inputs.ndim != 2 or inputs.shape[1] != self.scaling.shape[1]:
            raise ShapeError(f"this network takes inputs (n, {self.scaling.shape[1]}), got {inputs.shape}")
        predictions = np.empty((len(inputs), self.heads, self.dof))
        self.write(inputs, predictions.reshape(len(inputs), self.heads * self.dof))
        return predictions

    def write(self, inputs: Float[np.ndarray, "n i"], predictions: Float[np.ndarray, "n c"]) -> None:
        """`predict` into an existing array. Several threads may write different rows at the same time.

        Args:
            inputs: (n, i) float64, contiguous.
            predictions: (n, heads · dof) float64, contiguous; overwritten.

        Raises:
            ShapeError: a value is not finite; the output is then undefined.
        """
        announce_compilation(kernels.predict)
        row = kernels.predict(self.plan, self.scaling, self.ending, self.weights, inputs, predictions)
        if row >= 0:
            row += int(np.argmin(np.isfinite(inputs[row:]).all(axis=1)))
            raise ShapeError(f"network inputs: row {row} is not finite: {inputs[row].tolist()}")


def folded_layer(
    tensors: dict[str, np.ndarray], linear: str, norm: str | None
) -> tuple[Float[np.ndarray, "out in"], Float[np.ndarray, " out"]]:
    """Weights and biases of a linear layer in float64, with its batch norm folded in."""
    weight, bias = (tensors[f"{linear}.{part}"].astype(np.float64) for part in ("weight", "bias"))
    if norm is None:
        return weight, bias
    gain, shift, mean, variance = (
        tensors[f"{norm}.{part}"].astype(np.float64) for part in ("weight", "bias", "running_mean", "running_var")
    )
    gain = gain / np.sqrt(variance + _BATCH_NORM_EPSILON)
    return weight * gain[:, None], (bias - mean) * gain + shift


def _packed(weight: Float[np.ndarray, "out in"], bias: Float[np.ndarray, " out"]) -> Float[np.ndarray, "rows columns"]:
    """One layer in the layout of the kernel: (inputs + 1, outputs), zero-padded, with the bias in the last row."""
    fan_out, fan_in = weight.shape
    height, width = (
        -(-count // multiple) * multiple for count, multiple in ((fan_in, kernels.TILE), (fan_out, kernels.PANEL))
    )
    matrix = np.zeros((height + 1, width), dtype=np.float32)
    matrix[:fan_in, :fan_out], matrix[-1, :fan_out] = weight.T, bias
    return matrix


def _ending(spec: ModelSpec) -> Float[np.ndarray, "5 c"]:
    """From raw outputs to joint positions: middle + half range · tanh between limits, else the target scaling."""
    shift, scale = spec.targets.shift, spec.targets.scale
    lower, upper = spec.bounds if spec.bounds is not None else np.full((2, len(shift)), ((-np.inf,), (np.inf,)))
    bounded = np.isfinite(lower) & np.isfinite(upper)
    low, high = (np.where(bounded, limit, 0.0) for limit in (lower, upper))
    middle, half = np.where(bounded, (low + high) / 2.0, shift), np.where(bounded, (high - low) / 2.0, scale)
    return np.array([middle, half, lower, upper, bounded])
