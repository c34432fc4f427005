"""Checks of lesson 10."""

import numpy as np
import torch
from torch import Tensor, nn

from kinverse.apps.course.checking import Learner, close, expect, numbers, shown

RATE = 0.1
LOSS = nn.MSELoss()


class Watched(nn.Module):
    """A layer that records its inputs, its mode, and whether gradients are enabled."""

    def __init__(self, rng: np.random.Generator, *after: nn.Module) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 2)
        with torch.no_grad():
            self.linear.weight.copy_(torch.tensor(rng.uniform(0.5, 1.0, (2, 2))))
            self.linear.bias.zero_()
        self.after = nn.Sequential(*after)
        self.seen: list[Tensor] = []
        self.modes: list[bool] = []
        self.records: list[bool] = []

    def forward(self, x: Tensor) -> Tensor:
        """One layer, and the modules after it."""
        self.seen.append(x.detach().clone())
        self.modes.append(self.training)
        self.records.append(torch.is_grad_enabled())
        result: Tensor = self.after(self.linear(x))
        return result

    @property
    def weights(self) -> np.ndarray:
        """All weights and biases as they are now."""
        return np.concatenate([p.detach().numpy().ravel() for p in self.linear.parameters()])

    def gradient(self, rows: tuple[Tensor, Tensor]) -> np.ndarray:
        """The gradient of the loss on these rows, without changing the gradients that the optimiser uses."""
        parameters = list(self.linear.parameters())
        loss = LOSS(nn.functional.linear(rows[0], parameters[0], parameters[1]), rows[1])
        return np.concatenate([g.numpy().ravel() for g in torch.autograd.grad(loss, parameters)])

    def loss(self, rows: tuple[Tensor, Tensor]) -> float:
        """The loss of the layer alone."""
        with torch.no_grad():
            return float(LOSS(self.linear(rows[0]), rows[1]))


def check_every_row_once(learner: Learner, rng: np.random.Generator) -> None:
    """An epoch uses every row once, in batches, in an order drawn by the generator."""
    model, rows = Watched(rng), _rows(rng, 23)
    optimiser = torch.optim.SGD(model.parameters(), lr=1e-4)
    generator = torch.Generator().manual_seed(int(rng.integers(1000)))
    model.eval()  # as a measurement before it may leave the network
    _epoch(learner, model, optimiser, rows, 5, generator)
    expect(
        all(model.modes),
        "the network was in eval mode before the epoch, and its steps are in eval mode too: dropout would be off",
    )
    sizes = [len(batch) for batch in model.seen]
    expect(
        sizes != [5, 5, 5, 5],
        "of 23 rows in batches of 5 the network received only 20: the last batch is smaller, but part of the epoch",
    )
    expect(
        sum(sizes) == 23 and max(sizes) <= 5,
        f"23 rows in batches of 5: the network received batches of {shown(sizes)} rows",
    )
    first = torch.cat(model.seen)
    expect(
        sorted(map(tuple, first.tolist())) == sorted(map(tuple, rows[0].tolist())),
        "an epoch should use every row once; some rows are used twice and others not at all",
    )
    expect(not torch.equal(first, rows[0]), "the rows are in the order of the table: are they shuffled?")
    model.seen.clear()
    _epoch(learner, model, optimiser, rows, 5, generator)
    expect(
        not torch.equal(first, torch.cat(model.seen)),
        "two epochs have the rows in the same order: is a new order drawn for every epoch?",
    )
    orders = []
    for other in (1, 2):
        torch.manual_seed(other)
        model.seen.clear()
        _epoch(learner, model, optimiser, rows, 5, torch.Generator().manual_seed(7))
        orders.append(torch.cat(model.seen))
    expect(torch.equal(*orders), "the same generator gives two different orders: is it used to draw them?")


def check_one_step(learner: Learner, rng: np.random.Generator) -> None:
    """With all rows in one batch an epoch is one gradient step."""
    model, rows = Watched(rng), _rows(rng, 12)
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE)
    before, gradient = model.weights, model.gradient(rows)
    _epoch(learner, model, optimiser, rows, 12)
    moved = model.weights - before
    expect(
        np.abs(moved).max() > 0.0,
        "no weight has changed in an epoch, to the last digit: are there a backward and a step, and does the gradient "
        "still exist at the step?",
    )
    expect(
        not close(moved, RATE * gradient, 1e-4),
        "the weights change in the direction of the gradient: the loss grows with every step",
    )
    expect(
        not close(moved, -RATE * gradient * len(rows[0]), 1e-3),
        "the step is too long by a factor of the number of rows: is the loss multiplied or summed?",
    )
    expect(
        close(moved, -RATE * gradient, 1e-3),
        f"the first weight should change by {shown(-RATE * gradient[0])} (−rate × gradient), but changes by "
        f"{shown(moved[0])}: how many steps are there, and are inputs and targets of a batch from the same rows?",
    )


def check_gradient_is_reset(learner: Learner, rng: np.random.Generator) -> None:
    """Every step uses its own gradient alone."""
    model, rows = Watched(rng), _rows(rng, 12)
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE)
    first = model.gradient(rows)
    _epoch(learner, model, optimiser, rows, 12)
    before, second = model.weights, model.gradient(rows)
    _epoch(learner, model, optimiser, rows, 12)
    moved = model.weights - before
    expect(
        not close(moved, -RATE * (first + second), 1e-4),
        "after step 2 the gradient is g1 + g2: is it reset before every backward?",
    )
    expect(
        close(moved, -RATE * second, 1e-3),
        f"in step 2 the first weight should change by {shown(-RATE * second[0])}, but changes by {shown(moved[0])}",
    )
    model = Watched(rng)
    optimiser = torch.optim.SGD(model.parameters(), lr=1e-3)
    expected = model.weights
    halves = [tuple(part[i : i + 6] for part in rows) for i in (0, 6)]
    for half in halves:  # with a tiny rate the order of the two steps does not matter
        expected = expected - 1e-3 * model.gradient(half)  # type: ignore[arg-type]
    start = model.weights
    _epoch(learner, model, optimiser, rows, 6)
    ratio = float(np.abs(model.weights - start).sum() / np.abs(expected - start).sum())
    expect(
        0.8 < ratio < 1.25,
        f"two batches in one epoch change the weights by {shown(ratio)} times the sum of their gradient steps: is the "
        "gradient reset for every batch, or once in an epoch?",
    )


def check_measure(learner: Learner, rng: np.random.Generator) -> None:
    """A measurement uses eval mode, builds no graph, and changes nothing."""
    model, rows = Watched(rng, nn.Dropout(0.5)), _rows(rng, 20)
    before, wanted = model.weights, model.loss(rows)
    model.train()
    got = learner.call("measure", model, LOSS, rows)
    expect(
        not isinstance(got, Tensor), "measure gives a tensor, expected a plain number: a list of tensors keeps graphs"
    )
    value = float(numbers(got, "measure(model, loss_function, rows)", ()))
    expect(
        not any(model.modes),
        "the network was in training mode during the measurement: dropout was active, and the loss is random",
    )
    expect(not any(model.records), "measure builds a graph, which it does not need: where is torch.no_grad()?")
    expect(close(value, wanted, 1e-4), f"the loss of all 20 rows is {shown(wanted)}, but measure gives {shown(value)}")
    expect(close(model.weights, before, 1e-9), "measure changes the weights")
    for mode in (True, False):
        model.train(mode)
        learner.call("measure", model, LOSS, rows)
        names = {True: "training", False: "eval"}
        expect(
            model.training is mode,
            f"the network was in {names[mode]} mode before measure and is in {names[not mode]} mode after it, which "
            "affects the next step",
        )


def check_validation_teaches_nothing(learner: Learner, rng: np.random.Generator) -> None:
    """The final weights do not depend on the validation rows."""
    rows = _rows(rng, 16)
    ends = []
    for scale in (1.0, 5.0):
        model = Watched(np.random.default_rng(1))
        x, y = _rows(np.random.default_rng(2), 9)
        optimiser = torch.optim.SGD(model.parameters(), lr=RATE)
        generator = torch.Generator().manual_seed(0)
        learner.call("train", model, LOSS, optimiser, rows, (x, scale * y), 3, 8, generator)
        ends.append(model.weights)
    expect(
        close(ends[0], ends[1], 1e-6),
        "with other validation rows the final weights differ: the network learns from rows that should only measure",
    )


def check_history(learner: Learner, rng: np.random.Generator) -> None:
    """Both losses are measured at the same weights, before the first step and after every epoch."""
    model, rows, others = Watched(rng), _rows(rng, 16), _rows(rng, 9)
    twin = Watched(rng)
    twin.load_state_dict(model.state_dict())
    wanted = []
    step = torch.optim.SGD(twin.parameters(), lr=RATE)
    for _ in range(4):
        wanted.append((twin.loss(rows), twin.loss(others)))
        step.zero_grad()
        LOSS(twin(rows[0]), rows[1]).backward()
        step.step()
    got = _history(learner, model, torch.optim.SGD(model.parameters(), lr=RATE), rows, others, 3, 16)
    expect(
        not close(got[:, 0], [w[1] for w in wanted], 1e-4),
        "the two losses of every pair are swapped: training first, validation second",
    )
    expect(
        not close(got[1:, 0], [w[0] for w in wanted[:3]], 1e-4) and not close(got[:3, 1], [w[1] for w in wanted[1:]]),
        "the two losses of a pair belong to different weights, one before a step and one after it: part of the gap is "
        "that step",
    )
    expect(
        not close(got, [wanted[0]] * 4, 1e-6), "the losses never change: is the network trained between measurements?"
    )
    expect(
        close(got, wanted, 1e-3),
        f"after the last of 3 epochs the losses are {shown(list(wanted[-1]))}, but the last pair is {shown(got[-1])}",
    )
    model = Watched(rng, nn.Dropout(0.5))
    _history(learner, model, torch.optim.SGD(model.parameters(), lr=RATE), rows, others, 3, 16)
    steps = [mode for mode, recorded in zip(model.modes, model.records, strict=True) if recorded]
    expect(all(steps), "some steps are in eval mode, without dropout: where is the network set to training mode again?")
    expect(
        len(steps) == 3,
        f"3 epochs of one batch take 3 passes that build a graph, but there are {len(steps)}: are losses measured in "
        "training mode, or with gradients?",
    )
    measured = [mode for mode, recorded in zip(model.modes, model.records, strict=True) if not recorded]
    expect(
        not any(measured), "some losses are measured in training mode, with dropout: in which mode is a measurement?"
    )


def _rows(rng: np.random.Generator, count: int) -> tuple[Tensor, Tensor]:
    x, y = rng.uniform(-1.0, 1.0, (count, 2)), rng.uniform(1.0, 2.0, (count, 2))
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)


def _epoch(
    learner: Learner,
    model: Watched,
    optimiser: torch.optim.Optimizer,
    rows: tuple[Tensor, ...],
    batch_size: int,
    generator: torch.Generator | None = None,
) -> None:
    generator = generator or torch.Generator().manual_seed(0)
    learner.call("train_epoch", model, LOSS, optimiser, rows, batch_size, generator)


def _history(
    learner: Learner,
    model: Watched,
    optimiser: torch.optim.Optimizer,
    rows: tuple[Tensor, Tensor],
    others: tuple[Tensor, Tensor],
    epochs: int,
    batch_size: int,
) -> np.ndarray:
    generator = torch.Generator().manual_seed(0)
    got = learner.call("train", model, LOSS, optimiser, rows, others, epochs, batch_size, generator)
    expect(
        isinstance(got, list | tuple) and len(got) == epochs + 1,
        f"train gives {shown(got) if got is None or isinstance(got, float) else f'{len(got)} entries'} for {epochs} "
        f"epochs, expected a list of {epochs + 1} pairs: the first is measured before the first step",
    )
    return numbers([list(pair) for pair in got], "the list of train", (epochs + 1, 2))
