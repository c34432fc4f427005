"""`CompiledNetwork`: a trained network as joint predictions, from its file and without torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Float

from kinverse.errors import ShapeError
from kinverse.network import kernels
from kinverse.network.file import read_model
from kinverse.network.spec import ModelSpec
from kinverse.robot.kernels import announce_compilation

_BATCH_NORM_EPSILON = 1e-5
"""Of torch.nn.BatchNorm1d, which adds it to the variance."""


@dataclass(frozen=True, eq=False)
class CompiledNetwork:
    """A network's forward pass for `kinverse.network.kernels`: float32 inside, scaling and limits in float64.

    Attributes:
        spec: what the model file says about itself.
        plan: (layers, 4) inputs, outputs, place in `weights` and activation of each layer.
        scaling: (2, i) shift and scale of the inputs.
        ending: (5, c) shift, scale, lower and upper limit, and whether a tanh comes first, of each output.
        weights: of all layers with their batch norms folded in, as `kernels.predict` reads them.
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
            RunError: the file is missing, damaged, or holds no model.
        """
        return cls.from_tensors(*read_model(path))

    @classmethod
    def from_tensors(cls, spec: ModelSpec, tensors: dict[str, np.ndarray]) -> CompiledNetwork:
        """Fold and pack a model's weights.

        Args:
            spec: the description.
            tensors: weights by the names in a model file, as `spec.network.shapes` lists them.
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
        """Predictions for each input."""
        return self.spec.heads

    @property
    def dof(self) -> int:
        """Joints in a prediction."""
        return len(self.spec.target_names)

    @property
    def memory(self) -> int:
        """Bytes of weights."""
        return self.weights.nbytes

    def predict(self, inputs: Float[np.ndarray, "n i"]) -> Float[np.ndarray, "n heads dof"]:
        """What the network predicts; a row has the same bits whatever else is in the batch.

        Args:
            inputs: (n, i) network inputs in their own units, as `ModelSpec.inputs_of` makes them of targets.

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
        """`predict` into an array that is there already; other threads may write other rows at the same time.

        Args:
            inputs: (n, i) float64, contiguous.
            predictions: (n, heads · dof) float64, contiguous; overwritten.

        Raises:
            ShapeError: a value is not finite; what is written then means nothing.
        """
        announce_compilation(kernels.predict)
        row = kernels.predict(self.plan, self.scaling, self.ending, self.weights, inputs, predictions)
        if row >= 0:
            row += int(np.argmin(np.isfinite(inputs[row:]).all(axis=1)))
            raise ShapeError(f"network inputs: row {row} is not finite: {inputs[row].tolist()}")


def folded_layer(
    tensors: dict[str, np.ndarray], linear: str, norm: str | None
) -> tuple[Float[np.ndarray, "out in"], Float[np.ndarray, " out"]]:
    """Weights and biases of a linear layer with its batch norm inside, in float64."""
    weight, bias = (tensors[f"{linear}.{part}"].astype(np.float64) for part in ("weight", "bias"))
    if norm is None:
        return weight, bias
    gain, shift, mean, variance = (
        tensors[f"{norm}.{part}"].astype(np.float64) for part in ("weight", "bias", "running_mean", "running_var")
    )
    gain = gain / np.sqrt(variance + _BATCH_NORM_EPSILON)
    return weight * gain[:, None], (bias - mean) * gain + shift


def _packed(weight: Float[np.ndarray, "out in"], bias: Float[np.ndarray, " out"]) -> Float[np.ndarray, "rows columns"]:
    """One layer as the kernel reads it: inputs down, outputs across, both padded with zeros, and the bias below."""
    fan_out, fan_in = weight.shape
    height, width = (
        -(-count // multiple) * multiple for count, multiple in ((fan_in, kernels.TILE), (fan_out, kernels.PANEL))
    )
    matrix = np.zeros((height + 1, width), dtype=np.float32)
    matrix[:fan_in, :fan_out], matrix[-1, :fan_out] = weight.T, bias
    return matrix


def _ending(spec: ModelSpec) -> Float[np.ndarray, "5 c"]:
    """From raw outputs to joint positions: middle + half range · tanh inside limits, the target scaling elsewhere."""
    shift, scale = spec.targets.shift, spec.targets.scale
    lower, upper = spec.bounds if spec.bounds is not None else np.full((2, len(shift)), ((-np.inf,), (np.inf,)))
    bounded = np.isfinite(lower) & np.isfinite(upper)
    low, high = (np.where(bounded, limit, 0.0) for limit in (lower, upper))
    middle, half = np.where(bounded, (low + high) / 2.0, shift), np.where(bounded, (high - low) / 2.0, scale)
    return np.array([middle, half, lower, upper, bounded])
