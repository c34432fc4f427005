"""Checks of lesson 5."""

import itertools
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from kinverse.apps.course.checking import CheckFailed, Learner, close, expect, numbers, shown

INPUTS = 400
"""Number of test points; a ReLU is zero for half of them."""


def check_shapes(learner: Learner, rng: np.random.Generator) -> None:
    """The network maps inputs to outputs, for any number of layers."""
    for hidden in ((16,), (7, 9), (), (3, 4, 5)):
        inputs, outputs = int(rng.integers(2, 7)), int(rng.integers(2, 6))
        network = _made(learner, inputs, hidden, outputs)
        _answers(learner, network, torch.randn(11, inputs), outputs, _label(inputs, hidden, outputs))


def check_parameters_are_registered(learner: Learner, rng: np.random.Generator) -> None:
    """Every weight and bias is one of the network's parameters, with the given widths."""
    for hidden in ((5,), (12, 8), ()):
        inputs, outputs = 6, int(rng.integers(2, 6))
        label, sizes = _label(inputs, hidden, outputs), [inputs, *hidden, outputs]
        network = _made(learner, inputs, hidden, outputs)
        got = sorted(tuple(p.shape) for p in network.parameters())
        expect(
            got,
            f"{label} has no parameters, so an optimiser has nothing to train: are the layers registered? A plain list "
            "does not register them, nn.Sequential and nn.ModuleList do",
        )
        weights = sorted(shape for shape in got if len(shape) == 2)
        wanted = sorted((b, a) for a, b in itertools.pairwise(sizes))
        expect(
            weights == wanted,
            f"{label} has {len(weights)} weight matrices, {', '.join(map(str, weights)) or 'none'}; expected "
            f"{len(wanted)} linear layers with the widths {', '.join(map(str, sizes))}",
        )
        biases = len([shape for shape in got if len(shape) == 1])
        expect(
            biases == len(wanted), f"{label} has {biases} biases for {len(wanted)} linear layers, expected one for each"
        )
        _answers(learner, network, torch.randn(9, inputs), outputs, label).sum().backward()
        idle = [name for name, p in network.named_parameters() if p.grad is None]
        expect(not idle, f"{label}: {', '.join(idle)} got no gradient: does the output depend on these layers?")


def check_output_is_free(learner: Learner, rng: np.random.Generator) -> None:
    """There is no activation after the last layer: a prediction may be any number."""
    network = _made(learner, 4, (32,), 3)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(6.0)
    got = _answers(learner, network, torch.randn(300, 4), 3, "a 4-32-3 network").detach()
    expect(
        got.min() < 0.0,
        "with large weights, none of 900 predictions is below 0: is there a ReLU after the last layer? It cannot "
        "predict a negative angle",
    )
    sums = got.sum(dim=1)
    expect(
        not close(sums.numpy(), 1.0, 1e-4),
        "every row of predictions sums to 1: is there a softmax after the last layer?",
    )
    expect(
        got.abs().max() > 1.5,
        f"with large weights, all predictions lie in {shown(got.min())} … {shown(got.max())}: does an activation "
        "after the last layer limit them, such as tanh or sigmoid?",
    )


def check_same_every_time(learner: Learner, rng: np.random.Generator) -> None:
    """The same input gives the same prediction, and two networks share no weights."""
    x = torch.randn(20, 4)
    network = _made(learner, 4, (32, 32), 2)
    first, again = (_answers(learner, network, x, 2, "a 4-32-32-2 network").detach() for _ in range(2))
    expect(
        close(first, again, 1e-6),
        "the same input gives a different prediction the second time: is there a dropout layer?",
    )
    other = _made(learner, 4, (32, 32), 2)
    shared = {id(p) for p in network.parameters()} & {id(p) for p in other.parameters()}
    expect(not shared, "two networks share their weights: training one changes the other")


def check_hidden_layers_bend(learner: Learner, rng: np.random.Generator) -> None:
    """There is a ReLU after every hidden layer, and nowhere else."""
    network = _made(learner, 3, (16,), 2)
    a, b = torch.randn(50, 3), torch.randn(50, 3)
    ends = [_answers(learner, network, x, 2, "a 3-16-2 network").detach() for x in (a, b, 0.5 * (a + b))]
    expect(
        not close(0.5 * (ends[0] + ends[1]), ends[2], 1e-5),
        "the prediction halfway between two inputs is always the mean of their predictions: the network is equivalent "
        "to one linear layer. Where are the activations?",
    )
    below = _answers(learner, network, -1.0 - torch.rand(50, 3), 2, "a 3-16-2 network").detach()
    expect(
        len(np.unique(below.numpy().round(6), axis=0)) > 1,
        "all inputs below 0 get the same prediction: is there a ReLU before the first layer? It sets every negative "
        "coordinate to 0",
    )
    for hidden in ((1, 40), (40, 1), (30, 1, 30)):
        label = _label(3, hidden, 2)
        silent = _silent(learner, hidden)
        layer = hidden.index(1) + 1
        expect(
            silent > 0.05,
            f"hidden layer {layer} of {label} has one unit; a ReLU after it would be zero, and the prediction the "
            f"same, for many inputs, but only {shown(100 * silent)} % of {INPUTS} inputs share a prediction: is there "
            "a ReLU after every hidden layer?",
        )
    network = _made(learner, 3, (20, 20), 2)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(0.0 if parameter.ndim == 1 else 3.0)
    once, twice = (_answers(learner, network, k * a, 2, "a 3-20-20-2 network").detach() for k in (1.0, 2.0))
    expect(
        close(2.0 * once, twice, 1e-4),
        "without biases, twice the input should give twice the output, since ReLU consists of two straight lines; "
        "here it does not: is there another activation than ReLU, or another layer?",
    )


def check_count(learner: Learner, rng: np.random.Generator) -> None:
    """count_parameters counts every entry of every weight and bias, and nothing else."""
    inputs, width, outputs = (int(rng.integers(3, 9)) for _ in range(3))
    plain = nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, outputs, bias=False))
    _counted(learner, plain, f"Linear({inputs}, {width}), ReLU, Linear({width}, {outputs}) without a bias")
    normed = nn.Sequential(nn.Linear(inputs, width), nn.BatchNorm1d(width))
    _counted(
        learner,
        normed,
        f"Linear({inputs}, {width}) and BatchNorm1d({width}), whose running mean and variance are not trained",
    )


def _counted(learner: Learner, network: nn.Module, label: str) -> None:
    got = float(numbers(learner.call("count_parameters", network), "count_parameters(network)", ()))
    parts = [tuple(p.shape) for p in network.parameters()]
    wanted = sum(p.numel() for p in network.parameters())
    expect(
        got == wanted,
        f"count_parameters gives {shown(got)} for {label}. Its parameters have the shapes "
        f"{', '.join(map(str, parts))}: are all of their entries counted, once, and nothing else?",
    )


def _label(inputs: int, hidden: Sequence[int], outputs: int) -> str:
    return f"make_network({inputs}, {tuple(hidden)}, {outputs})"


def _made(learner: Learner, inputs: int, hidden: Sequence[int], outputs: int) -> nn.Module:
    network = learner.call("make_network", inputs, hidden, outputs)
    if not isinstance(network, nn.Module):
        raise CheckFailed(f"make_network gives {shown(network)}, expected a torch.nn.Module")
    return network


def _answers(learner: Learner, network: nn.Module, x: Tensor, outputs: int, label: str) -> Tensor:
    """The network's predictions, as a tensor with its gradient."""
    got = learner.run(network, f"calling {label}", x)
    if not isinstance(got, Tensor):
        raise CheckFailed(f"{label} returns {shown(got)}, expected a tensor")
    expect(
        tuple(got.shape) == (len(x), outputs),
        f"{label} turns inputs of shape {tuple(x.shape)} into {tuple(got.shape)}, expected ({len(x)}, {outputs})",
    )
    numbers(got, f"the output of {label}")
    return got


def _silent(learner: Learner, hidden: Sequence[int]) -> float:
    """The largest share of inputs with equal predictions, where a layer of one unit is zero, among some networks.

    One unit may be nonzero for all inputs; that this happens in all of a dozen networks is practically impossible.
    """
    shares = []
    for _ in range(12):
        network = _made(learner, 3, hidden, 2)
        got = _answers(learner, network, 3.0 * torch.randn(INPUTS, 3), 2, _label(3, hidden, 2)).detach()
        _, counts = np.unique(got.numpy().round(6), axis=0, return_counts=True)
        shares.append(float(counts.max()) / INPUTS)
    return max(shares)
