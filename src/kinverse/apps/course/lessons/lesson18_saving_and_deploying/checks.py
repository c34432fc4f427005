"""Checks of lesson 18."""

import numpy as np
import torch
from torch import nn

from kinverse.apps.course.checking import Learner, close, expect, numbers, shown


def check_all_of_the_state_is_packed(learner: Learner, rng: np.random.Generator) -> None:
    """The packed dict has every entry of the state and the scaling, as plain arrays."""
    network, shift, scale = _network(rng), rng.normal(size=4), rng.uniform(1.0, 3.0, 4)
    saved = _packed(learner, network, shift, scale)
    for name, tensor in network.state_dict().items():
        expect(
            name in saved,
            f"{name} is missing in the result of pack: parameters alone are not the whole state, batch norm also has "
            "running statistics",
        )
        expect(
            isinstance(saved[name], np.ndarray),
            f"{name} is {shown(saved[name])} in the result of pack, but should be a NumPy array, which any program "
            "can read",
        )
        expect(close(saved[name], tensor.numpy()), f"{name} differs from the network's values")
    for name, value in (("input.shift", shift), ("input.scale", scale)):
        expect(
            name in saved and close(saved[name], value),
            f"{name} is {shown(saved.get(name))} in the result of pack, expected {shown(value)}: the inputs cannot be "
            "scaled without it",
        )


def check_what_is_saved_stays(learner: Learner, rng: np.random.Generator) -> None:
    """Later training does not change the packed arrays."""
    network = _network(rng)
    saved = _packed(learner, network, np.zeros(4), np.ones(4))
    before = {name: np.array(value) for name, value in saved.items()}
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(1.0)
    changed = [name for name, value in saved.items() if not close(before[name], value)]
    expect(
        not changed,
        f"after further training {', '.join(changed[:2])} of the packed arrays changed too: an array made from a "
        "tensor shares its memory unless it is copied",
    )


def check_there_and_back(learner: Learner, rng: np.random.Generator) -> None:
    """An unpacked network predicts like the packed one."""
    network, other = _network(rng), _network(rng)
    shift, scale = rng.normal(size=4), rng.uniform(1.0, 3.0, 4)
    pair = learner.call("unpack", other, _honest(network, shift, scale))
    expect(isinstance(pair, tuple | list) and len(pair) == 2, f"unpack gives {shown(pair)}, expected shift and scale")
    got = [numbers(part, f"unpack, part {i + 1}", (4,)) for i, part in enumerate(pair)]
    expect(close(got[0], shift) and close(got[1], scale), f"unpack gives {shown(got[0])} and {shown(got[1])} for shift "
           f"and scale, which were {shown(shift)} and {shown(scale)}")  # fmt: skip
    for name, tensor in network.state_dict().items():
        expect(
            close(other.state_dict()[name].numpy(), tensor.numpy()),
            f"after unpack {name} differs from the saved values: were the weights loaded into the network?",
        )


def check_damage_is_refused(learner: Learner, rng: np.random.Generator) -> None:
    """A missing or unknown entry or another shape is rejected, and changes nothing."""
    source = _network(rng)
    whole = _honest(source, np.zeros(4), np.ones(4))
    name = ("0.weight", "1.running_var", "4.bias")[int(rng.integers(3))]
    lacking = {key: value for key, value in whole.items() if key != name}
    cases = (
        (lacking, name, f"{name} is missing"),
        ({**whole, "9.weight": np.zeros(3)}, "9.weight", "there is an unknown entry 9.weight"),
        ({**whole, name: np.zeros((7, 5))}, name, f"{name} has the shape (7, 5)"),
        ({key: value for key, value in whole.items() if key != "input.scale"}, "input.scale", "input.scale is missing"),
    )
    for saved, wrong, words in cases:
        target = _network(rng)
        before = {key: tensor.clone() for key, tensor in target.state_dict().items()}
        problem = _refusal(learner, target, saved)
        expect(problem is not None, f"{words}, but unpack loads it: an incomplete network predicts without an error")
        expect(
            wrong in str(problem),
            f"{words}, but the ValueError is {shown(str(problem))}: which entry is it?",
        )
        same = all(torch.equal(before[key], tensor) for key, tensor in target.state_dict().items())
        expect(same, f"{words}: unpack rejects it, but has already replaced part of the network")


def check_answers_in_evaluation_mode(learner: Learner, rng: np.random.Generator) -> None:
    """The predictions are those of evaluation mode, on scaled inputs."""
    network, shift, scale = _network(rng), rng.normal(size=4) * 5.0, rng.uniform(2.0, 9.0, 4)
    network.train()
    x = rng.normal(size=(6, 4)) * 10.0
    first, second = (_answers(learner, network, x, shift, scale) for _ in range(2))
    expect(
        close(first, second, 1e-6),
        f"the same input gives {shown(first[0])} and then {shown(second[0])}. Is dropout still active?",
    )
    alone = _answers(learner, network, x[:2], shift, scale)
    expect(
        close(alone[0], first[0], 1e-4),
        f"row 1 gets {shown(alone[0])} with one other row, but {shown(first[0])} among six: batch norm uses the "
        "statistics of the given rows",
    )
    network.eval()
    with torch.no_grad():
        expected, unscaled = (
            network(torch.tensor(rows, dtype=torch.float32)).numpy() for rows in ((x - shift) / scale, x)
        )
    expect(not close(first, unscaled, 1e-3), "the predictions are those for rows that are not scaled")
    expect(
        close(first, expected, 1e-3),
        f"row 1 gets {shown(first[0])}, expected {shown(expected[0])}: shift first, then scale?",
    )


def _network(rng: np.random.Generator) -> nn.Sequential:
    torch.manual_seed(int(rng.integers(2**31)))
    network = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))
    with torch.no_grad():
        for _ in range(3):
            network(torch.randn(16, 4) * 2.0 + 1.0)  # so that batch norm has statistics
    return network


def _honest(network: nn.Module, shift: np.ndarray, scale: np.ndarray) -> dict[str, np.ndarray]:
    saved = {name: tensor.detach().numpy().copy() for name, tensor in network.state_dict().items()}
    return {**saved, "input.shift": shift.copy(), "input.scale": scale.copy()}


def _packed(learner: Learner, network: nn.Module, shift: np.ndarray, scale: np.ndarray) -> dict[str, np.ndarray]:
    saved = learner.call("pack", network, shift, scale)
    expect(isinstance(saved, dict), f"pack gives {shown(saved)}, expected a dict of arrays")
    return dict(saved)


def _refusal(learner: Learner, network: nn.Module, saved: dict[str, np.ndarray]) -> ValueError | None:
    """The ValueError that unpack raises; None if it raises none."""
    try:
        learner.get("unpack")(network, saved)
    except ValueError as problem:
        return problem
    except Exception as problem:
        kind = type(problem).__name__
        expect(False, f"unpack raises {kind} for a damaged file, expected a ValueError that names the entry")
    return None


def _answers(learner: Learner, network: nn.Module, x: np.ndarray, shift: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return numbers(learner.call("answer", network, x, shift, scale), "answer(network, x, shift, scale)", (len(x), 3))
