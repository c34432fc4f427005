"""`InverseModel`: from feature columns to joint positions, with the scaling and the joint limits inside."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from kinverse.files import to_plain
from kinverse.learning.model.mlp import MLP
from kinverse.network.compiled import CompiledNetwork
from kinverse.network.file import read_model, write_tensors
from kinverse.network.heads import closest_of_features
from kinverse.network.spec import ModelSpec

ROWS_AT_ONCE = 65_536
"""Rows in one forward pass where no gradient is needed."""


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
    too, so that they cost nothing extra. `forward` works in the columns' own units.
    """

    def __init__(self, spec: ModelSpec, generator: torch.Generator | None = None) -> None:
        """Build the model with fresh weights.

        Args:
            spec: sizes, scaling and bounds of the model.
            generator: random generator of the initial weights; None: seed 0.
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
        """Feature columns to joint positions; of several heads, the one whose tool comes closest is taken.

        Raises:
            ShapeError: the number of columns is not the model's, or a value is not finite.
        """
        predictions = self.predict_heads(self.spec.network_inputs(features))
        return predictions[:, 0] if self.spec.heads == 1 else closest_of_features(self.spec, predictions, features)

    def predict_heads(self, inputs: Float[np.ndarray, "n i"]) -> Float[np.ndarray, "n heads c"]:
        """Network inputs in their own units to the predictions of all heads: NumPy, evaluation mode, no gradients.

        Scaling and unscaling are done in float64, so that only the network itself rounds to float32.
        """
        x = torch.as_tensor(self.spec.features.transform(inputs), dtype=torch.float32)
        was_training, device = self.training, self.get_buffer("feature_shift").device
        self.eval()
        with torch.no_grad():  # in parts, since a wide hidden layer of a million rows would not fit the memory
            y = torch.cat([self.scaled(part.to(device)).cpu() for part in x.split(ROWS_AT_ONCE)])
        self.train(was_training)
        q = self.spec.targets.inverse(y.double().numpy())
        # tanh saturates to exactly ±1 in float32, and unscaling may then round to just outside the limit.
        q = q if self.spec.bounds is None else np.clip(q, *self.spec.bounds)
        return q.reshape(len(q), self.spec.heads, q.shape[1] // self.spec.heads)

    def compiled(self) -> CompiledNetwork:
        """The same network for the solver, compiled and without torch."""
        return CompiledNetwork.from_tensors(self.spec, self.tensors())

    def tensors(self) -> dict[str, np.ndarray]:
        """The weights as NumPy arrays, by the names that they have in a model file."""
        return as_arrays(self.state_dict())


def save_network(network: InverseModel, path: Path, state: dict[str, Tensor] | None = None) -> None:
    """Write a network and its specification to one file.

    Args:
        network: the network.
        path: the file; an old one is replaced atomically.
        state: weights in place of the network's own, as in `network.state_dict()`.
    """
    write_tensors(path, as_arrays(network.state_dict() if state is None else state), to_plain(network.spec))


def load_network(path: Path) -> InverseModel:
    """Read a network from its file, on the CPU, in evaluation mode.

    Raises:
        RunError: as `kinverse.network.file.read_model`.
    """
    spec, tensors = read_model(path)
    network = InverseModel(spec)
    network.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in tensors.items()})
    return network.eval()


def as_arrays(tensors: dict[str, Tensor]) -> dict[str, np.ndarray]:
    """Tensors of any device as NumPy arrays."""
    return {name: tensor.detach().cpu().numpy() for name, tensor in tensors.items()}
