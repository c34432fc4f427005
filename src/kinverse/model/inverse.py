"""`InverseModel`: from feature columns to joint positions, with the scaling and the joint limits inside."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from kinverse.errors import ConfigError, KinverseError, RunError, ShapeError, require_choice
from kinverse.model.network import MLP, NetworkSpec
from kinverse.robot.encodings import encoding_named
from kinverse.scaling import Scaler

Inputs = Literal["columns", "pose"]
ROWS_AT_ONCE = 65_536
"""Rows in one forward pass where no gradient is needed."""


@dataclass(frozen=True, eq=False)
class ModelSpec:
    """Everything but the weights: what a model file says about itself.

    Attributes:
        network: the MLP between the scaled features and the scaled outputs.
        features: scaling of the network's inputs.
        targets: scaling of the outputs.
        bounds: (2, c) lower and upper limits that a tanh keeps the outputs in, or None for a linear output; ±inf leaves
            a single output linear.
        feature_names: names of the input columns.
        target_names: names of the output columns.
        encoding: how a pose becomes features (`kinverse.robot.encodings`), or None for other data.
        arm: `Arm.to_dict()` of the arm the outputs move, or None for other data.
        inputs: what the network sees: the feature "columns" as they are, or the "pose" they encode.
    """

    network: NetworkSpec
    features: Scaler
    targets: Scaler
    bounds: Float[np.ndarray, "2 c"] | None
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]
    encoding: str | None = None
    arm: dict[str, Any] | None = field(default=None, repr=False)
    inputs: Inputs = "columns"

    def __post_init__(self) -> None:
        inputs, outputs = self.network.sizes[0], self.network.sizes[-1]
        shapes = (np.shape(self.features.shift), np.shape(self.targets.shift))
        if shapes != ((inputs,), (outputs,)):
            raise ConfigError(f"network {inputs} → {outputs} does not fit the scaling of {shapes[0]} → {shapes[1]}")
        if len(self.target_names) != outputs:
            raise ConfigError(f"{outputs} outputs, but {len(self.target_names)} target names")
        require_choice("inputs", self.inputs, get_args(Inputs))
        if self.bounds is not None:
            fits = self.bounds.shape == (2, outputs) and (self.bounds[0] <= self.bounds[1]).all()
            if not fits:
                raise ConfigError(f"output bounds must be {outputs} ordered pairs, got {self.bounds.tolist()}")

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

    def to_dict(self) -> dict[str, Any]:
        """The spec as JSON-ready data."""
        bounds = self.bounds
        return {
            "network": asdict(self.network),
            "features": self.features.to_dict(),
            "targets": self.targets.to_dict(),
            "bounds": None
            if bounds is None
            else [[x if np.isfinite(x) else None for x in row] for row in bounds.tolist()],
            "feature_names": list(self.feature_names),
            "target_names": list(self.target_names),
            "encoding": self.encoding,
            "arm": self.arm,
            "inputs": self.inputs,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ModelSpec:
        """Read back what `to_dict` wrote.

        Raises:
            RunError: a key is missing or a value does not fit.
        """
        try:
            bounds = data["bounds"]
            if bounds is not None:
                bounds = np.array(
                    [
                        [infinity if x is None else float(x) for x in row]
                        for infinity, row in zip((-np.inf, np.inf), bounds, strict=True)
                    ]
                )
            return cls(
                network=NetworkSpec.from_dict(data["network"]),
                features=Scaler.from_dict(data["features"]),
                targets=Scaler.from_dict(data["targets"]),
                bounds=bounds,
                feature_names=tuple(map(str, data["feature_names"])),
                target_names=tuple(map(str, data["target_names"])),
                encoding=data["encoding"],
                arm=data["arm"],
                inputs=data["inputs"],
            )
        except (KeyError, TypeError, ValueError, KinverseError) as problem:
            raise RunError(f"not the description of a model: {type(problem).__name__} {problem}") from None


def network_inputs(
    features: Float[np.ndarray, "n f"], inputs: Inputs, encoding: str | None
) -> Float[np.ndarray, "n i"]:
    """What a network sees of the features.

    Args:
        features: (n, f) columns.
        inputs: "columns": the columns as they are. "pose": the position [m] and, where there is one, the rotation
            matrix. A rotation vector jumps at half turns, and a network cannot follow a jump; the matrix is continuous
            (Zhou et al., "On the continuity of rotation representations in neural networks", CVPR 2019).
        encoding: how the columns encode a pose; needed for "pose".

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
    T = form.decode(features)
    position = T[:, : form.position_columns, 3]
    return np.hstack([position, T[:, :3, :3].reshape(-1, 9)]) if form.has_rotation else position


class TanhBounds(nn.Module):
    """middle + half range · tanh(raw): a smooth way to stay inside limits; unbounded outputs pass through."""

    def __init__(self, lower: Float[Tensor, " c"], upper: Float[Tensor, " c"]) -> None:
        super().__init__()
        bounded = lower.isfinite() & upper.isfinite()
        self.bounded: Tensor
        self.middle: Tensor
        self.half_range: Tensor
        self.register_buffer("bounded", bounded, persistent=False)
        self.register_buffer("middle", torch.where(bounded, (lower + upper) / 2, 0.0), persistent=False)
        self.register_buffer("half_range", torch.where(bounded, (upper - lower) / 2, 1.0), persistent=False)
        self.all_bounded = bool(bounded.all())

    def forward(self, raw: Float[Tensor, "*batch c"]) -> Float[Tensor, "*batch c"]:
        """Bounded outputs of the same shape."""
        inside = torch.addcmul(self.middle, self.half_range, raw.tanh())
        return inside if self.all_bounded else torch.where(self.bounded, inside, raw)


class InverseModel(nn.Module):
    """network inputs → scale → MLP → (bounds) → unscale → joint positions.

    `scaled` is the part that is trained, between scaled inputs and scaled outputs; the bounds live in the scaled space
    too, so that they cost nothing extra. `forward` is the whole way in the columns' own units.
    """

    def __init__(self, spec: ModelSpec, generator: torch.Generator | None = None) -> None:
        """Build the model with fresh weights.

        Args:
            spec: what to build.
            generator: where the initial weights come from; None: seed 0.
        """
        super().__init__()
        self.spec = spec
        self.network = MLP(spec.network, generator or torch.Generator().manual_seed(0))
        self.head: nn.Module = nn.Identity()
        if spec.bounds is not None:
            lower, upper = (torch.as_tensor((b - spec.targets.shift) / spec.targets.scale) for b in spec.bounds)
            self.head = TanhBounds(lower.float(), upper.float())
        for name, affine in (("feature", spec.features), ("target", spec.targets)):
            for part in ("shift", "scale"):
                constant = torch.as_tensor(getattr(affine, part), dtype=torch.float32).clone()
                self.register_buffer(f"{name}_{part}", constant, persistent=False)

    def scaled(self, x: Float[Tensor, "*batch f"]) -> Float[Tensor, "*batch c"]:
        """Scaled features to scaled outputs."""
        y: Tensor = self.head(self.network(x))
        return y

    def unscale(self, y: Float[Tensor, "*batch c"]) -> Float[Tensor, "*batch c"]:
        """Scaled outputs to joint positions [rad or m]."""
        return torch.addcmul(self.get_buffer("target_shift"), y, self.get_buffer("target_scale"))

    def forward(self, inputs: Float[Tensor, "*batch i"]) -> Float[Tensor, "*batch c"]:
        """Network inputs in their own units (see `network_inputs`) to joint positions [rad or m]."""
        return self.unscale(self.scaled((inputs - self.get_buffer("feature_shift")) / self.get_buffer("feature_scale")))

    def predict(self, features: Float[np.ndarray, "n f"]) -> Float[np.ndarray, "n c"]:
        """Feature columns to joint positions; NumPy in and out, in evaluation mode and without gradients.

        Scaling and unscaling are done in float64, so that only the network itself rounds to float32.

        Raises:
            ShapeError: the number of columns is not the model's, or a value is not finite.
        """
        x = torch.as_tensor(self.spec.features.transform(self.spec.network_inputs(features)), dtype=torch.float32)
        was_training, device = self.training, self.get_buffer("feature_shift").device
        self.eval()
        with torch.no_grad():  # in parts, since a wide hidden layer of a million rows would not fit the memory
            y = torch.cat([self.scaled(part.to(device)).cpu() for part in x.split(ROWS_AT_ONCE)])
        self.train(was_training)
        q = self.spec.targets.inverse(y.double().numpy())
        # tanh saturates to exactly ±1 in float32, and unscaling may then round to just outside the limit.
        return q if self.spec.bounds is None else np.clip(q, *self.spec.bounds)
