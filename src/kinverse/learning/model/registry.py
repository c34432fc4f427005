"""The torch side of the names in `kinverse.network.names`: activations and initialisers."""

from __future__ import annotations

from collections.abc import Callable

from torch import Generator, Tensor, nn

from kinverse.errors import require_choice

HIDDEN_ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "silu": nn.SiLU,
}
OUTPUT_ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "linear": nn.Identity,
    **HIDDEN_ACTIVATIONS,
    # Probabilities over classes. The cross-entropy loss wants logits instead, that is "linear".
    "softmax": lambda: nn.Softmax(dim=-1),
}

Initialiser = Callable[[Tensor, Generator], object]
INITIALISERS: dict[str, Initialiser] = {
    # Glorot and Bengio 2010: variance 2 / (fan_in + fan_out), for tanh and sigmoid.
    "xavier_uniform": lambda weight, generator: nn.init.xavier_uniform_(weight, generator=generator),
    "xavier_normal": lambda weight, generator: nn.init.xavier_normal_(weight, generator=generator),
    # He et al. 2015: variance 2 / fan_in, for ReLU.
    "he_uniform": lambda weight, generator: nn.init.kaiming_uniform_(weight, nonlinearity="relu", generator=generator),
    "he_normal": lambda weight, generator: nn.init.kaiming_normal_(weight, nonlinearity="relu", generator=generator),
    "zeros": lambda weight, _: nn.init.zeros_(weight),
    "uniform": lambda weight, generator: nn.init.uniform_(weight, -1.0, 1.0, generator=generator),
    # What torch.nn.Linear does by itself: U(±1/√fan_in), for weights and biases.
    "default": lambda weight, generator: nn.init.uniform_(
        weight, -(weight.shape[-1] ** -0.5), weight.shape[-1] ** -0.5, generator=generator
    ),
}


def initialise(layers: list[nn.Linear], initialisers: tuple[str, ...], bias: str, generator: Generator) -> None:
    """Set the weights and biases of `layers` in place.

    Args:
        layers: linear layers, input first.
        initialisers: one name of INITIALISERS for all layers, or one for each.
        bias: "zeros", or "default" for U(±1/√fan_in).
        generator: random generator.
    """
    names = initialisers * len(layers) if len(initialisers) == 1 else initialisers
    for layer, name in zip(layers, names, strict=True):
        require_choice("initialiser", name, INITIALISERS)
        INITIALISERS[name](layer.weight.data, generator)
        if bias == "zeros":
            nn.init.zeros_(layer.bias.data)
        else:
            bound = layer.in_features**-0.5
            nn.init.uniform_(layer.bias.data, -bound, bound, generator=generator)
