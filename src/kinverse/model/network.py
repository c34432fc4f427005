"""The multilayer perceptron, described by a frozen spec that goes into its file."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from kinverse.errors import ConfigError, RunError, require_choice
from kinverse.model.menus import BIASES, HIDDEN_ACTIVATIONS, INITIALISERS, OUTPUT_ACTIVATIONS, initialise


@dataclass(frozen=True)
class NetworkSpec:
    """Everything needed to build an MLP again.

    Attributes:
        sizes: width of every layer, inputs first, outputs last.
        activation: after each hidden layer, a name of HIDDEN_ACTIVATIONS.
        output_activation: after the last layer, a name of OUTPUT_ACTIVATIONS.
        initialisers: one name of INITIALISERS for all layers, or one for each.
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
        if len(self.sizes) < 2 or any(size < 1 for size in self.sizes):
            raise ConfigError(f"layer sizes must be > 0, inputs first and outputs last, got {list(self.sizes)}")
        require_choice("activation", self.activation, HIDDEN_ACTIVATIONS)
        require_choice("output activation", self.output_activation, OUTPUT_ACTIVATIONS)
        require_choice("bias initialiser", self.bias_initialiser, BIASES)
        for name in self.initialisers:
            require_choice("initialiser", name, INITIALISERS)
        if len(self.initialisers) not in (1, len(self.sizes) - 1):
            raise ConfigError(
                f"initialisers must be one name or one for each of the {len(self.sizes) - 1} layers, "
                f"got {len(self.initialisers)}: {', '.join(self.initialisers)}"
            )
        if not 0.0 <= self.dropout < 1.0:
            raise ConfigError(f"dropout must be in [0, 1), got {self.dropout}")

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> NetworkSpec:
        """Read a spec back from JSON.

        Raises:
            RunError: the keys or their types are not those of a spec.
        """
        try:
            values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
            return cls(**values)
        except (TypeError, AttributeError) as problem:
            raise RunError(f"not the description of a network: {problem}") from None


class MLP(nn.Sequential):
    """Linear layers with what the spec puts between them; a plain `torch.nn.Sequential`, so it prints what it is."""

    def __init__(self, spec: NetworkSpec, generator: torch.Generator | None = None) -> None:
        """Build the layers; without a generator the weights are left unset, for shapes or for weights from a file."""
        modules: list[nn.Module] = []
        linear: list[nn.Linear] = []
        for fan_in, fan_out in itertools.pairwise(spec.sizes):
            # skip_init: the weights are set below, from our own generator and not from torch's global one.
            linear.append(nn.utils.skip_init(nn.Linear, fan_in, fan_out))
            modules.append(linear[-1])
            if len(linear) == len(spec.sizes) - 1:
                break
            if spec.batch_norm:
                modules.append(nn.BatchNorm1d(fan_out))
            modules.append(HIDDEN_ACTIVATIONS[spec.activation]())
            if spec.dropout > 0.0:
                modules.append(nn.Dropout(spec.dropout))
        if spec.output_activation != "linear":
            modules.append(OUTPUT_ACTIVATIONS[spec.output_activation]())
        super().__init__(*modules)
        if generator is not None:
            initialise(linear, spec.initialisers, spec.bias_initialiser, generator)

    @property
    def acts_differently_in_training(self) -> bool:
        """Whether train() and eval() give different outputs: with dropout or batch norm."""
        return any(isinstance(module, nn.Dropout | nn.BatchNorm1d) for module in self)


@dataclass(frozen=True)
class WeightStatistics:
    """One parameter tensor in numbers, as checked after initialisation.

    Attributes:
        name: as in the module's state.
        shape: of the tensor.
        mean: over all entries.
        std: sample standard deviation; 0 for a single entry.
        smallest: minimum.
        largest: maximum.
    """

    name: str
    shape: tuple[int, ...]
    mean: float
    std: float
    smallest: float
    largest: float


def weight_statistics(module: nn.Module) -> tuple[WeightStatistics, ...]:
    """Statistics of every parameter of a module."""

    def describe(name: str, values: Float[Tensor, ...]) -> WeightStatistics:
        values = values.detach().double()
        std = values.std().item() if values.numel() > 1 else 0.0
        return WeightStatistics(
            name, tuple(values.shape), values.mean().item(), std, values.min().item(), values.max().item()
        )

    return tuple(describe(name, values) for name, values in module.named_parameters())
