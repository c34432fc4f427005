"""The multilayer perceptron that a `NetworkSpec` describes, in torch."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from kinverse.learning.model.registry import HIDDEN_ACTIVATIONS, OUTPUT_ACTIVATIONS, initialise
from kinverse.network.spec import NetworkSpec


class MLP(nn.Sequential):
    """The layers of a `NetworkSpec`, as a plain `torch.nn.Sequential`, so that `print` lists them."""

    def __init__(self, spec: NetworkSpec, generator: torch.Generator | None = None) -> None:
        """Build the layers; without a generator the weights stay uninitialised, to be read from a file."""
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

    def __getitem__(self, index: Any) -> Any:
        """A layer; a slice is a plain `torch.nn.Sequential`, since a part does not match the spec."""
        return nn.Sequential(*list(self)[index]) if isinstance(index, slice) else super().__getitem__(index)

    @property
    def acts_differently_in_training(self) -> bool:
        """Whether train() and eval() give different outputs: with dropout or batch norm."""
        return any(isinstance(module, nn.Dropout | nn.BatchNorm1d) for module in self)


@dataclass(frozen=True)
class WeightStatistics:
    """Statistics of one parameter tensor; `std` is the sample standard deviation, 0 for a single entry."""

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
