"""Checks of lesson 15."""

import numpy as np
import torch

from kinverse.apps.course.checking import Learner, close, expect, numbers, shown


def check_the_tool_is_where_cosines_say(learner: Learner, rng: np.random.Generator) -> None:
    """The tool position follows from sines and cosines of the cumulative angles."""
    for links in (2, 3, 5):
        q, lengths = rng.uniform(-2.0, 2.0, (4, links)), rng.uniform(0.3, 1.5, links)
        given = learner.call("forward", torch.tensor(q), torch.tensor(lengths))
        got = numbers(given, f"forward for {links} links", (4, 2))
        angles = np.cumsum(q, axis=1)
        expected = np.stack([np.cos(angles) @ lengths, np.sin(angles) @ lengths], axis=1)
        if close(got, np.stack([np.cos(q) @ lengths, np.sin(q) @ lengths], axis=1), 1e-5):
            expect(
                close(got, expected, 1e-5),
                f"with angles {shown(q[0])} the tool is at {shown(got[0])}: that is correct for angles measured from "
                "the x axis, but each is measured from the link before",
            )
        expect(
            close(got, expected, 1e-5),
            f"{links} links of {shown(lengths)} m at angles {shown(q[0])} rad: your tool is at {shown(got[0])}, "
            f"expected {shown(expected[0])}",
        )


def check_the_loss_is_a_mean(learner: Learner, rng: np.random.Generator) -> None:
    """The loss is the mean of the squared differences over rows and coordinates."""
    q, lengths = torch.tensor(rng.uniform(-1.0, 1.0, (6, 3))), torch.tensor([1.0, 0.8, 0.6], dtype=torch.float64)
    off = torch.tensor(rng.normal(size=(6, 2)))
    targets = _tool(q, lengths) - off
    loss = learner.call("tool_loss", q, targets, lengths)
    expect(isinstance(loss, torch.Tensor), f"tool_loss gives {shown(loss)}, but backward needs a tensor")
    got, square = float(numbers(loss, "tool_loss", ())), (off**2).numpy()
    for words, value in (
        ("a sum over the rows", square.sum()),
        ("the squared distance of each row, so twice the mean over the coordinates", square.sum(axis=1).mean()),
        ("a distance, not a square", np.sqrt(square.sum(axis=1)).mean()),
    ):
        expect(not close(got, value, 1e-5), f"for 6 rows tool_loss gives {shown(got)}: that is {words}")
    expect(close(got, square.mean(), 1e-5), f"for 6 rows tool_loss gives {shown(got)}, expected {shown(square.mean())}")


def check_the_gradient_finds_its_way(learner: Learner, rng: np.random.Generator) -> None:
    """The gradient of the loss reaches the joint angles."""
    lengths = torch.tensor([1.0, 0.7, 0.5], dtype=torch.float64)
    q = torch.tensor(rng.uniform(-1.0, 1.0, (3, 3)), requires_grad=True)
    targets = torch.tensor(rng.normal(size=(3, 2)))
    loss = learner.call("tool_loss", q, targets, lengths)
    expect(
        isinstance(loss, torch.Tensor) and loss.requires_grad,
        "the loss has no gradient: a step from q to the loss is outside torch (numpy, detach, item, or a new tensor "
        "made of numbers)",
    )
    loss.backward()
    got = numbers(q.grad, "the gradient of tool_loss with respect to q", (3, 3))
    step = 1e-6
    for row, joint in ((0, 0), (1, 2), (2, 1)):
        shifted = [q.detach().clone() for _ in range(2)]
        for sign, place in zip((1.0, -1.0), shifted, strict=True):
            place[row, joint] += sign * step
        up, down = (float(((_tool(place, lengths) - targets) ** 2).mean()) for place in shifted)
        expect(
            close(got[row, joint], (up - down) / (2.0 * step), 1e-4),
            f"joint {joint + 1} of row {row + 1}: the gradient is {shown(got[row, joint])}, but finite differences "
            f"give {shown((up - down) / (2.0 * step))}",
        )


def check_one_step_is_one_step(learner: Learner, rng: np.random.Generator) -> None:
    """Each step follows the gradient of its own loss."""
    torch.manual_seed(int(rng.integers(2**31)))
    lengths = torch.tensor([1.0, 1.0, 1.0])
    targets = torch.tensor(rng.uniform(0.2, 1.8, (16, 2)), dtype=torch.float32)
    network = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.Tanh(), torch.nn.Linear(8, 3))
    optimiser = torch.optim.SGD(network.parameters(), lr=0.01)
    for number in (1, 2, 3):
        before = [p.detach().clone() for p in network.parameters()]
        loss = ((_tool(network(targets), lengths) - targets) ** 2).mean()
        expected = torch.autograd.grad(loss, list(network.parameters()))
        got = learner.call("train_step", network, optimiser, targets, lengths)
        expect(
            isinstance(got, float | int | np.floating) and not isinstance(got, bool),
            f"train_step gives {shown(got)}, expected a plain number: a tensor keeps the whole graph alive",
        )
        expect(
            close(got, loss.item(), 1e-4),
            f"step {number}: the loss before the step is {shown(loss.item())}, but train_step gives "
            f"{shown(float(got))}",
        )
        moved = torch.cat([(a - b.detach()).ravel() for a, b in zip(before, network.parameters(), strict=True)]) / 0.01
        wanted = torch.cat([gradient.ravel() for gradient in expected])
        expect(
            float(moved.norm()) > 1e-9,
            f"step {number}: no weight has changed. Are backward and the optimiser's step both called?",
        )
        expect(
            close(moved.numpy(), wanted.numpy(), 1e-2) or float((moved - wanted).norm() / wanted.norm()) < 0.02,
            f"step {number}: the weights have changed by {shown(float(moved.norm() / wanted.norm()))} times the "
            "gradient of this step's loss, in its direction or another one: is the gradient of the step before reset?",
        )


def check_it_learns(learner: Learner, rng: np.random.Generator) -> None:
    """After 150 steps the tool is near the targets."""
    torch.manual_seed(int(rng.integers(2**31)))
    lengths = torch.tensor([1.0, 1.0, 1.0])
    targets = torch.tensor(rng.uniform(0.3, 1.7, (64, 2)), dtype=torch.float32)
    network = torch.nn.Sequential(torch.nn.Linear(2, 24), torch.nn.Tanh(), torch.nn.Linear(24, 3))
    optimiser = torch.optim.Adam(network.parameters(), lr=0.02)
    losses = [float(learner.call("train_step", network, optimiser, targets, lengths)) for _ in range(150)]
    after = float(((_tool(network(targets), lengths) - targets) ** 2).mean())
    expect(
        after < 0.05,
        f"the loss was {shown(losses[0])} m² before the first step and is {shown(after)} m² after 150: a constant "
        "prediction has about 0.16",
    )


def _tool(q: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    angles = q.cumsum(-1)
    return torch.stack([angles.cos() @ lengths, angles.sin() @ lengths], -1)
