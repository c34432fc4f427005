"""Checks of lesson 6."""

import itertools

import numpy as np
import torch
from torch import nn

from kinverse.apps.course.checking import Learner, close, expect, numbers, shown

NEAR = 0.04
"""Relative tolerance; twenty thousand draws give a standard deviation to half a percent."""


def check_he_spread(learner: Learner, rng: np.random.Generator) -> None:
    """he_normal gives weights with the correct shape, mean and standard deviation."""
    for fan_in, fan_out in ((50, 400), (400, 50)):
        got = _drawn(learner, "he_normal", fan_in, fan_out, rng)
        _spread(got, "he_normal", fan_in, fan_out, np.sqrt(2.0 / fan_in))


def check_he_is_normal(learner: Learner, rng: np.random.Generator) -> None:
    """he_normal draws from a normal distribution, with the given generator."""
    got = _drawn(learner, "he_normal", 60, 300, rng)
    far = float(np.mean(np.abs(got) > 2.0 * got.std()))
    expect(
        abs(far - 0.0455) < 0.012,
        f"{100 * far:.1f} % of the weights lie beyond two standard deviations; in a normal distribution about 4.6 % "
        "do. Which distribution was used?",
    )
    _own_generator(learner, "he_normal")


def check_xavier_spread(learner: Learner, rng: np.random.Generator) -> None:
    """xavier_uniform is uniform between the correct bounds, with the given generator."""
    for fan_in, fan_out in ((50, 400), (300, 60)):
        got = _drawn(learner, "xavier_uniform", fan_in, fan_out, rng)
        bound = np.sqrt(6.0 / (fan_in + fan_out))
        low, high = float(got.min()), float(got.max())
        expect(
            low < 0.0,
            f"no weight for fans {fan_in} and {fan_out} is below 0 (the smallest is {shown(low)}): then all units get "
            "inputs of the same sign",
        )
        expect(
            abs(high / bound - 1.0) < NEAR and abs(low / -bound - 1.0) < NEAR,
            f"for fan_in {fan_in} and fan_out {fan_out} the weights run from {shown(low)} to {shown(high)}: the "
            f"bounds should be smaller by a factor of {shown(high / bound)}; which fans belong in the sum, and is "
            "there a root?",
        )
        inner = float(np.mean(np.abs(got) < 0.5 * bound))
        expect(
            abs(inner - 0.5) < 0.03,
            f"{100 * inner:.0f} % of the weights lie in the inner half of the range; of a uniform distribution half "
            "of them do",
        )
    _own_generator(learner, "xavier_uniform")


def check_every_layer_is_set(learner: Learner, rng: np.random.Generator) -> None:
    """Every layer is set by its rule, and every bias to 0."""
    sizes = (30, 200, 120, 80)
    network = _network(sizes)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(7.0)
    before = list(network.parameters())
    _initialised(learner, network, 1)
    expect(
        all(old is new for old, new in zip(before, network.parameters(), strict=True)),
        "initialise replaces a parameter by another one: an optimiser that was made before would train the old one; "
        "write the numbers into the parameter, under torch.no_grad()",
    )
    expect(
        all(parameter.dtype == torch.float32 for parameter in network.parameters()),
        "initialise turns parameters into float64: the network then fails on float32 inputs; copy the numbers instead",
    )
    layers = [layer for layer in network if isinstance(layer, nn.Linear)]
    for i, layer in enumerate(layers):
        weights, bias = layer.weight.detach().numpy().astype(float), layer.bias.detach().numpy()
        what = f"layer {i + 1} of {len(layers)}"
        expect(
            not close(weights, 7.0), f"the weights of {what} have not changed: does the loop reach every linear layer?"
        )
        expect(
            close(bias, 0.0),
            f"the biases of {what} are {shown(bias[:4])} …, expected 0: are they set too?",
        )
        expect(
            weights.std() > 1e-8,
            f"all weights of {what} are {shown(weights.ravel()[0])}: then all its units compute the same, get the "
            "same gradient, and stay equal",
        )
        if i < len(layers) - 1:
            _spread(
                weights, f"the weights of {what}, a hidden one, by initialise", *_fans(layer), np.sqrt(2.0 / sizes[i])
            )
        else:
            bound = np.sqrt(6.0 / sum(_fans(layer)))
            expect(
                weights.max() <= 1.001 * bound and abs(weights.std() * np.sqrt(3.0) / bound - 1.0) < NEAR,
                f"the weights of the last layer have the standard deviation {shown(weights.std())} and the largest is "
                f"{shown(weights.max())}: these do not match xavier_uniform with fan_in {sizes[-2]} and fan_out "
                f"{sizes[-1]}",
            )


def check_layers_differ(learner: Learner, rng: np.random.Generator) -> None:
    """Every layer gets different numbers."""
    network = _network((60, 60, 60, 4))
    _initialised(learner, network, 3)
    hidden = [layer.weight.detach().numpy() for layer in network if isinstance(layer, nn.Linear)][:2]
    expect(
        not close(hidden[0], hidden[1], 1e-6),
        "two hidden layers of one size have the same weights: is a generator with the same seed made for every layer?",
    )


def check_seed(learner: Learner, rng: np.random.Generator) -> None:
    """The same seed gives the same weights, another seed others; torch's global generator does not change."""
    seed = int(rng.integers(1000))
    found = []
    for s in (seed, seed, seed + 1):
        network = _network((6, 16, 5))
        _initialised(learner, network, s)
        found.append(next(network.parameters()).detach().numpy().copy())
    expect(
        close(found[0], found[1], 1e-9),
        f"seed {seed} gives different weights the second time: does the generator use the seed?",
    )
    expect(not close(found[0], found[2], 1e-9), f"seeds {seed} and {seed + 1} give the same weights: is the seed used?")
    torch.manual_seed(5)
    wanted = torch.rand(1)
    network = _network((6, 16, 5))
    torch.manual_seed(5)
    _initialised(learner, network, seed)
    expect(
        bool(torch.rand(1) == wanted),
        "initialise changes the numbers that torch's global generator gives, which affects other code: use a separate "
        "generator",
    )


def _drawn(learner: Learner, name: str, fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
    return numbers(learner.call(name, fan_in, fan_out, rng), f"{name}({fan_in}, {fan_out}, rng)", (fan_out, fan_in))


def _spread(got: np.ndarray, what: str, fan_in: int, fan_out: int, std: float) -> None:
    """Check the standard deviation, and name the mistake that explains a wrong one."""
    found = float(got.std())
    expect(found > 0.0, f"{what}: all weights are {shown(got.ravel()[0])}, so all units stay equal")
    expect(
        abs(float(got.mean())) < 0.2 * found,
        f"{what}: the mean of the weights is {shown(got.mean())} with a standard deviation of {shown(found)}, "
        "expected 0",
    )
    if abs(found / std - 1.0) < NEAR:
        return
    why = "which number is the standard deviation, and which the variance?"
    if abs(found / np.sqrt(2.0 / fan_out) - 1.0) < NEAR:
        why = "are fan_in and fan_out swapped?"
    elif abs(found / np.sqrt(2.0 / (fan_in + fan_out)) - 1.0) < NEAR:
        why = "that is Glorot's rule, with both fans"
    elif abs(found / np.sqrt(1.0 / (3.0 * fan_in)) - 1.0) < NEAR:
        why = "that is torch's default"
    expect(
        False,
        f"{what}: for fan_in {fan_in} and fan_out {fan_out} the standard deviation is {shown(found)}, "
        f"{shown(found / std)} times as large as it should be: {why}",
    )


def _own_generator(learner: Learner, name: str) -> None:
    draws = [_drawn(learner, name, 4, 3, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    expect(
        close(draws[0], draws[1]), f"{name} gives different numbers for the same generator: where do they come from?"
    )
    expect(not close(draws[0], draws[2]), f"{name} gives the same numbers for different generators: is rng used?")


def _network(sizes: tuple[int, ...]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for a, b in itertools.pairwise(sizes):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def _initialised(learner: Learner, network: nn.Sequential, seed: int) -> None:
    learner.call("initialise", network, seed)
    for name, parameter in network.named_parameters():
        numbers(parameter, f"{name} after initialise")


def _fans(layer: nn.Linear) -> tuple[int, int]:
    return layer.in_features, layer.out_features
