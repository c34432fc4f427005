"""Description of a model, stored in its file beside the weights. Imports no torch, since the solver reads it too."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import get_args

import numpy as np
from jaxtyping import Float

from kinverse.errors import ConfigError, ShapeError, require_choice, require_positive
from kinverse.network.names import Activation, BiasInitialiser, Initialiser, Inputs, OutputActivation
from kinverse.network.scaling import Scaler
from kinverse.robot.arm import Arm
from kinverse.robot.encodings import Encoding, encoding_named


@dataclass(frozen=True)
class NetworkSpec:
    """Architecture of an MLP.

    Attributes:
        sizes: width of every layer, inputs first, outputs last.
        activation: after each hidden layer, a name of `Activation`.
        output_activation: after the last layer, a name of `OutputActivation`.
        initialisers: one name of `Initialiser` for all layers, or one for each.
        bias_initialiser: "zeros" or "default".
        batch_norm: normalise each hidden layer over the batch, before its activation (Ioffe and Szegedy 2015).
        dropout: probability that a hidden unit is silenced in a training step.
    """

    sizes: tuple[int, ...]
    activation: str = "relu"
    output_activation: str = "linear"
    initialisers: tuple[str, ...] = ("default",)
    bias_initialiser: str = "default"
    batch_norm: bool = False
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if len(self.sizes) < 2 or any(not isinstance(size, int) or size < 1 for size in self.sizes):
            raise ConfigError(f"layer sizes must be > 0, inputs first and outputs last, got {list(self.sizes)}")
        require_choice("activation", self.activation, get_args(Activation))
        require_choice("output activation", self.output_activation, get_args(OutputActivation))
        require_choice("bias initialiser", self.bias_initialiser, get_args(BiasInitialiser))
        for name in self.initialisers:
            require_choice("initialiser", name, get_args(Initialiser))
        if len(self.initialisers) not in (1, len(self.sizes) - 1):
            raise ConfigError(
                f"initialisers must be one name or one for each of the {len(self.sizes) - 1} layers, "
                f"got {len(self.initialisers)}: {', '.join(self.initialisers)}"
            )
        if not 0.0 <= self.dropout < 1.0:
            raise ConfigError(f"dropout must be in [0, 1), got {self.dropout}")

    @property
    def layers(self) -> tuple[tuple[str, str | None], ...]:
        """Name of each linear layer in a model file, and of the batch norm after it, or None."""
        step = 2 + self.batch_norm + (self.dropout > 0.0)  # linear, batch norm, activation, dropout
        hidden = range(0, step * (len(self.sizes) - 2), step)
        names = [(f"network.{i}", f"network.{i + 1}" if self.batch_norm else None) for i in hidden]
        return (*names, (f"network.{step * len(hidden)}", None))

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of every tensor in a model file, by name."""
        shapes: dict[str, tuple[int, ...]] = {}
        for (linear, norm), (fan_in, fan_out) in zip(self.layers, pairwise(self.sizes), strict=True):
            shapes |= {f"{linear}.weight": (fan_out, fan_in), f"{linear}.bias": (fan_out,)}
            if norm is not None:
                shapes |= {f"{norm}.{part}": (fan_out,) for part in ("weight", "bias", "running_mean", "running_var")}
                shapes[f"{norm}.num_batches_tracked"] = ()
        return shapes


@dataclass(frozen=True, eq=False)
class ModelSpec:
    """Description of a model: everything but the weights.

    Attributes:
        network: the MLP between the scaled features and the scaled outputs.
        features: scaling of the network's inputs.
        targets: scaling of the c outputs.
        bounds: (2, c) lower and upper limits of outputs bounded by a tanh, or None for linear outputs. An output with
            ±inf stays linear. NaN becomes ±inf, since JSON has no infinity.
        feature_names: names of the input columns.
        target_names: names of the output columns.
        encoding: how a pose becomes features (`kinverse.robot.encodings`), or None for other data.
        arm: the arm whose joints are the outputs, or None for other data.
        inputs: network inputs: the feature "columns", or the "pose" that they encode.
        heads: number of predictions for one input; c = heads · len(target_names) outputs, head 0 first.
        rotation_weight: weight of rotation error in the choice among several heads [m/rad].
    """

    network: NetworkSpec
    features: Scaler
    targets: Scaler
    bounds: Float[np.ndarray, "2 c"] | None
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]
    encoding: str | None = None
    arm: Arm | None = field(default=None, repr=False)
    inputs: Inputs = "columns"
    heads: int = 1
    rotation_weight: float = 0.1

    def __post_init__(self) -> None:
        inputs, outputs = self.network.sizes[0], self.network.sizes[-1]
        shapes = (np.shape(self.features.shift), np.shape(self.targets.shift))
        if shapes != ((inputs,), (outputs,)):
            raise ConfigError(
                f"the network has {inputs} inputs and {outputs} outputs, but its scaling has shapes {shapes}"
            )
        if not isinstance(self.heads, int) or self.heads < 1:
            raise ConfigError(f"heads must be a whole number > 0, got {self.heads!r}")
        if self.heads * len(self.target_names) != outputs:
            raise ConfigError(f"{outputs} outputs, but {self.heads} heads of {len(self.target_names)} target names")
        require_choice("inputs", self.inputs, get_args(Inputs))
        require_positive("rotation_weight", self.rotation_weight)
        if self.bounds is not None:
            bounds = self.bounds
            if bounds.shape == (2, outputs):
                bounds = np.where(np.isnan(bounds), [[-np.inf], [np.inf]], bounds)
            if bounds.shape != (2, outputs) or not (bounds[0] <= bounds[1]).all():
                raise ConfigError(f"output bounds must be {outputs} ordered pairs, got {self.bounds.tolist()}")
            object.__setattr__(self, "bounds", bounds)

    @property
    def joint_scaling(self) -> Scaler:
        """Scaling of the outputs of one head; all heads share it."""
        count = len(self.target_names)
        return Scaler(self.targets.kind, self.targets.shift[:count], self.targets.scale[:count])

    def network_inputs(self, features: Float[np.ndarray, "n f"]) -> Float[np.ndarray, "n i"]:
        """Feature columns as the network's inputs, before scaling.

        Raises:
            ShapeError: the number of columns is not the model's, or a value is not finite.
        """
        features = np.asarray(features, dtype=np.float64)
        if features.ndim != 2 or features.shape[1] != len(self.feature_names):
            raise ShapeError(
                f"this model takes {len(self.feature_names)} feature columns ({', '.join(self.feature_names)}), "
                f"got an array of shape {features.shape}"
            )
        if not np.isfinite(features).all():
            row, column = np.argwhere(~np.isfinite(features))[0]
            raise ShapeError(f"features: row {row}, column {self.feature_names[column]!r} is {features[row, column]}")
        return network_inputs(features, self.inputs, self.encoding)

    def inputs_of(self, targets: Float[np.ndarray, "n ..."]) -> Float[np.ndarray, "n i"]:
        """Targets as the network's inputs, before scaling; rotation matrices are used unchanged.

        Args:
            targets: (n, 2), (n, 3) positions [m] or (n, 4, 4) poses T_base_target, as the encoding requires.

        Raises:
            ConfigError: the model's features do not encode a pose.
            ShapeError: the targets do not have the shape of the encoding.
        """
        if self.encoding is None:
            raise ConfigError("this model's features do not encode a pose, so it cannot predict for a target")
        form, targets = encoding_named(self.encoding), np.asarray(targets, dtype=np.float64)
        if targets.ndim == 2 and targets.shape[1] == len(form.names) and not form.has_rotation:
            return targets
        if targets.ndim != 3 or targets.shape[1:] != (4, 4):
            wanted = "(n, 4, 4)" if form.has_rotation else f"(n, {len(form.names)})"
            raise ShapeError(f"this model takes targets of shape {wanted}, got {targets.shape}")
        return form.encode(targets) if self.inputs == "columns" else _pose_inputs(targets, form)


def network_inputs(
    features: Float[np.ndarray, "n f"], inputs: Inputs, encoding: str | None
) -> Float[np.ndarray, "n i"]:
    """Network inputs from feature columns, before scaling.

    Args:
        features: (n, f) columns.
        inputs: "columns": the columns unchanged. "pose": the position [m] and the rotation matrix, if the columns
            encode a rotation. A rotation vector jumps at half turns, which a network cannot fit; the matrix is
            continuous (Zhou et al., "On the continuity of rotation representations in neural networks", CVPR 2019).
        encoding: encoding of the columns; needed for "pose".

    Returns:
        (n, f), or (n, 2 or 3) for a position, or (n, 12) for a pose.

    Raises:
        ConfigError: "pose" without an encoding.
    """
    if inputs == "columns":
        return features
    if encoding is None:
        raise ConfigError("inputs=pose needs features that encode a pose, and this data names no encoding")
    form = encoding_named(encoding)
    return _pose_inputs(form.decode(features), form)


def _pose_inputs(T: Float[np.ndarray, "n 4 4"], form: Encoding) -> Float[np.ndarray, "n i"]:
    if not form.has_rotation:
        return T[:, : form.position_columns, 3]
    inputs = np.empty((len(T), 12))  # filled in place: for one row, stacking takes longer than the network
    inputs[:, :3] = T[:, :3, 3]
    inputs[:, 3:] = T[:, :3, :3].reshape(-1, 9)
    return inputs
