"""Checks of lesson 6."""

import itertools

import numpy as np
import torch
from torch import nn

from kinverse.apps.course.checking import Learner, close, expect, numbers, shown

NEAR = 0.04
"""Relative; twenty thousand draws give a deviation to half a percent."""


def check_he_spread(learner: Learner, rng: np.random.Generator) -> None:
    """he_normal gives weights of the right shape, mean and spread."""
    for fan_in, fan_out in ((50, 400), (400, 50)):
        got = _drawn(learner, "he_normal", fan_in, fan_out, rng)
        _spread(got, "he_normal", fan_in, fan_out, np.sqrt(2.0 / fan_in))


def check_he_is_normal(learner: Learner, rng: np.random.Generator) -> None:
    """he_normal draws from a normal distribution, from the generator it is given."""
    got = _drawn(learner, "he_normal", 60, 300, rng)
    far = float(np.mean(np.abs(got) > 2.0 * got.std()))
    expect(
        abs(far - 0.0455) < 0.012,
        f"{100 * far:.1f} % of the weights lie beyond two deviations; of a normal distribution it is about 4.6 %. "
        "Which distribution was drawn from?",
    )
    _own_generator(learner, "he_normal")


def check_xavier_spread(learner: Learner, rng: np.random.Generator) -> None:
    """xavier_uniform is even between the right bounds, from the generator it is given."""
    for fan_in, fan_out in ((50, 400), (300, 60)):
        got = _drawn(learner, "xavier_uniform", fan_in, fan_out, rng)
        bound = np.sqrt(6.0 / (fan_in + fan_out))
        low, high = float(got.min()), float(got.max())
        expect(
            low < 0.0,
            f"no weight for fans {fan_in} and {fan_out} is below 0 (the smallest is {shown(low)}): then all units of "
            "the next layer are pushed the same way",
        )
        expect(
            abs(high / bound - 1.0) < NEAR and abs(low / -bound - 1.0) < NEAR,
            f"for fan_in {fan_in} and fan_out {fan_out} the weights run from {shown(low)} to {shown(high)}: that is "
            f"{shown(high / bound)} times as far as it should be; which fans belong in the sum, and is there a root?",
        )
        inner = float(np.mean(np.abs(got) < 0.5 * bound))
        expect(
            abs(inner - 0.5) < 0.03,
            f"{100 * inner:.0f} % of the weights lie in the inner half of the range; if they are even, half of them do",
        )
    _own_generator(learner, "xavier_uniform")


def check_every_layer_is_set(learner: Learner, rng: np.random.Generator) -> None:
    """Initialise sets all layers by their rule, and the biases to 0."""
    sizes = (30, 200, 120, 80)
    network = _network(sizes)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(7.0)
    _initialised(learner, network, 1)
    layers = [layer for layer in network if isinstance(layer, nn.Linear)]
    for i, layer in enumerate(layers):
        weights, bias = layer.weight.detach().numpy().astype(float), layer.bias.detach().numpy()
        what = f"layer {i + 1} of {len(layers)}"
        expect(
            not close(weights, 7.0), f"the weights of {what} are as they were before: is every linear layer reached?"
        )
        expect(
            close(bias, 0.0),
            f"the biases of {what} are {shown(bias[:4])} …, expected 0: are they set too?",
        )
        expect(
            weights.std() > 1e-8,
            f"all weights of {what} are {shown(weights.ravel()[0])}: then all its units compute the same, get the same "
            "gradient, and stay equal for ever",
        )
        if i < len(layers) - 1:
            _spread(
                weights, f"the weights of {what}, a hidden one, by initialise", *_fans(layer), np.sqrt(2.0 / sizes[i])
            )
        else:
            bound = np.sqrt(6.0 / sum(_fans(layer)))
            expect(
                weights.max() <= 1.001 * bound and abs(weights.std() * np.sqrt(3.0) / bound - 1.0) < NEAR,
                f"the weights of the last layer have the deviation {shown(weights.std())} and the largest is "
                f"{shown(weights.max())}: that is not the spread of xavier_uniform with fan_in {sizes[-2]} and fan_out "
                f"{sizes[-1]}",
            )


def check_layers_differ(learner: Learner, rng: np.random.Generator) -> None:
    """Initialise gives every layer numbers of its own."""
    network = _network((60, 60, 60, 4))
    _initialised(learner, network, 3)
    hidden = [layer.weight.detach().numpy() for layer in network if isinstance(layer, nn.Linear)][:2]
    expect(
        not close(hidden[0], hidden[1], 1e-6),
        "two hidden layers of one size have the same weights: is the generator made anew, with the same seed, for "
        "every layer?",
    )


def check_seed(learner: Learner, rng: np.random.Generator) -> None:
    """The same seed gives the same weights, another one others, and torch's global generator is left alone."""
    seed = int(rng.integers(1000))
    found = []
    for s in (seed, seed, seed + 1):
        network = _network((6, 16, 5))
        _initialised(learner, network, s)
        found.append(next(network.parameters()).detach().numpy().copy())
    expect(close(found[0], found[1], 1e-9), f"seed {seed} gives other weights the second time: does the seed arrive?")
    expect(not close(found[0], found[2], 1e-9), f"seeds {seed} and {seed + 1} give the same weights: is the seed used?")
    torch.manual_seed(5)
    wanted = torch.rand(1)
    network = _network((6, 16, 5))
    torch.manual_seed(5)
    _initialised(learner, network, seed)
    expect(
        bool(torch.rand(1) == wanted),
        "after initialise torch's global generator gives other numbers than before: whoever draws from it elsewhere is "
        "disturbed; use a generator of your own",
    )


def _drawn(learner: Learner, name: str, fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
    return numbers(learner.call(name, fan_in, fan_out, rng), f"{name}({fan_in}, {fan_out}, rng)", (fan_out, fan_in))


def _spread(got: np.ndarray, what: str, fan_in: int, fan_out: int, std: float) -> None:
    """The deviation, and which mistake explains it if it is wrong."""
    found = float(got.std())
    expect(found > 0.0, f"{what}: all weights are {shown(got.ravel()[0])}, so that all units stay equal for ever")
    expect(
        abs(float(got.mean())) < 0.2 * found,
        f"{what}: the mean of the weights is {shown(got.mean())} with a deviation of {shown(found)}, expected 0",
    )
    if abs(found / std - 1.0) < NEAR:
        return
    why = "which number is the deviation, and which the variance?"
    if abs(found / np.sqrt(2.0 / fan_out) - 1.0) < NEAR:
        why = "are the fans mixed up?"
    elif abs(found / np.sqrt(2.0 / (fan_in + fan_out)) - 1.0) < NEAR:
        why = "that is Glorot's rule, with both fans"
    elif abs(found / np.sqrt(1.0 / (3.0 * fan_in)) - 1.0) < NEAR:
        why = "that is what torch does by itself"
    expect(
        False,
        f"{what}: for fan_in {fan_in} and fan_out {fan_out} the deviation is {shown(found)}, "
        f"{shown(found / std)} times as large as it should be: {why}",
    )


def _own_generator(learner: Learner, name: str) -> None:
    draws = [_drawn(learner, name, 4, 3, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    expect(close(draws[0], draws[1]), f"{name} gives other numbers for the same generator: where do they come from?")
    expect(not close(draws[0], draws[2]), f"{name} gives the same numbers for other generators: is rng used?")


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
