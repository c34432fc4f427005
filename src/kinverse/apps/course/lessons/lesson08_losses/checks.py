"""Checks of lesson 8: the learner's losses compared with torch's."""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from kinverse.apps.course.checking import CheckFailed, Learner, close, expect, shown


def check_mse_value(learner: Learner, rng: np.random.Generator) -> None:
    """The mean squared error is one number with the correct value."""
    outputs, targets = _tensors(rng, (7, 3))
    got, wanted = _loss(learner, "mse", outputs, targets), float(functional.mse_loss(outputs, targets))
    why = "where are the squares, and where is the mean?"
    if close(got, wanted * 3.0, 1e-4) or close(got, wanted * 21.0, 1e-4):
        why = "it grows with the size of the table; is there a sum instead of a mean?"
    elif close(got, math.sqrt(wanted), 1e-4):
        why = "there is a root, and the gradient of a root is infinite where the error is 0"
    elif close(got, float((outputs - targets).abs().mean()), 1e-4):
        why = "these are absolute values, not squares"
    expect(
        close(got, wanted, 1e-4),
        f"for errors {shown(outputs[0] - targets[0])} … in 7 rows mse gives {shown(got)}: {why}",
    )


def check_huber_value(learner: Learner, rng: np.random.Generator) -> None:
    """Huber's loss is a square near 0 and a line beyond δ, and both meet without a jump."""
    delta = float(rng.uniform(0.6, 1.6))
    zero = torch.zeros(1, 1, dtype=torch.float64)

    def at(error: float) -> float:
        return _loss(learner, "huber", zero + error, zero, delta)

    inside = 0.5 * delta
    expect(
        close(at(inside), 0.5 * inside**2, 1e-5),
        f"with δ = {shown(delta)} an error of {shown(inside)} gives the loss {shown(at(inside))}; inside δ it should "
        "be half the square",
    )
    expect(close(at(-inside), at(inside), 1e-6), "an error below 0 gives a different loss than the same error above 0")
    slope = (at(5.0 * delta) - at(4.0 * delta)) / delta
    expect(
        close(slope, delta, 1e-4),
        f"with δ = {shown(delta)} the loss of large errors rises by {shown(slope)} per unit of error, expected a line "
        "of slope δ: the gradient of large errors is limited",
    )
    jump = at(delta * 1.0001) - at(delta * 0.9999)
    expect(
        abs(jump) < 1e-3,
        f"at δ the loss jumps by {shown(jump)}: square and line must meet there; what is subtracted from the line?",
    )
    outputs, targets = _tensors(rng, (6, 2))
    got, wanted = (
        _loss(learner, "huber", outputs, targets, delta),
        float(functional.huber_loss(outputs, targets, delta=delta)),
    )
    expect(
        close(got, wanted, 1e-4),
        f"for a table of 6 rows and 2 columns huber gives {shown(got)}, {shown(got / wanted)} times the expected "
        "value: is it the mean over rows and columns?",
    )


def check_cross_entropy_value(learner: Learner, rng: np.random.Generator) -> None:
    """The cross-entropy is correct for equal and for confident predictions."""
    k = int(rng.integers(3, 6))
    classes = torch.as_tensor(rng.integers(0, k, 9))
    same = _loss(learner, "cross_entropy", torch.zeros(9, k, dtype=torch.float64), classes)
    expect(
        close(same, math.log(k), 1e-5),
        f"a prediction with equal probabilities for {k} classes should have the loss log {k} = {shown(math.log(k))} "
        f"(natural logarithm, mean over rows), but has {shown(same)}",
    )
    sure = 30.0 * functional.one_hot(classes, k).double()
    got = _loss(learner, "cross_entropy", sure, classes)
    floor = math.log(1.0 + (k - 1) / math.e)
    expect(
        not close(got, floor, 1e-2),
        f"a confident correct prediction still has the loss {shown(got)}, the smallest value with two softmaxes: how "
        "often is softmax applied?",
    )
    expect(abs(got) < 1e-3, f"a confident correct prediction has the loss {shown(got)}, expected nearly 0")
    logits = torch.as_tensor(rng.normal(size=(9, k)) * 2.0)
    got, wanted = _loss(learner, "cross_entropy", logits, classes), float(functional.cross_entropy(logits, classes))
    expect(
        close(got, wanted, 1e-4),
        f"for logits {shown(logits[0])} and class {int(classes[0])} in the first of 9 rows the loss is {shown(got)}, "
        "which is not the expected value: is it the probability of the correct class, in every row?",
    )


def check_cross_entropy_of_large_logits(learner: Learner, rng: np.random.Generator) -> None:
    """The cross-entropy of logits near ±1000 neither overflows nor becomes infinite."""
    classes = torch.tensor([0, 1, 2])
    logits = torch.as_tensor(rng.normal(size=(3, 3)))
    wanted = float(functional.cross_entropy(logits, classes))
    for shift in (1000.0, -1000.0):
        got = _loss(learner, "cross_entropy", logits + shift, classes)
        expect(
            close(got, wanted, 1e-4),
            f"{shown(shift)} was added to all logits, which changes no probability, but the loss is {shown(got)} "
            f"instead of {shown(wanted)}",
        )
    wrong = _loss(learner, "cross_entropy", torch.tensor([[0.0, 800.0, 0.0]], dtype=torch.float64), torch.tensor([0]))
    expect(
        close(wrong, 800.0, 1e-4),
        f"a wrong prediction that is confident by 800 has the loss {shown(wrong)}, expected 800: the logarithm of a "
        "probability that underflows to 0 is infinite; can logarithm and exp be combined?",
    )


def check_gradients(learner: Learner, rng: np.random.Generator) -> None:
    """Gradients flow back through all three losses, with the correct values."""
    outputs, targets = _tensors(rng, (6, 3))
    classes = torch.as_tensor(rng.integers(0, 3, 6))
    for name, arguments, theirs in (
        ("mse", (targets,), functional.mse_loss),
        ("huber", (targets, 0.7), lambda a, b, delta: functional.huber_loss(a, b, delta=delta)),
        ("cross_entropy", (classes,), functional.cross_entropy),
    ):
        mine, other = (outputs.clone().requires_grad_() for _ in range(2))
        loss = learner.call(name, mine, *arguments)
        if not isinstance(loss, Tensor) or not loss.requires_grad:
            raise CheckFailed(
                f"{name} gives {'a tensor' if isinstance(loss, Tensor) else shown(loss)} without a gradient for the "
                "outputs, so it cannot train anything: is there an item(), detach() or argmax?"
            )
        loss.backward()
        theirs(other, *arguments).backward()
        if mine.grad is None or not close(mine.grad.numpy(), other.grad.numpy(), 1e-4):  # type: ignore[union-attr]
            raise CheckFailed(
                f"the value of {name} is correct, but its gradient is not: does every output take part in the sum?"
            )


def _tensors(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[Tensor, Tensor]:
    return torch.as_tensor(rng.normal(size=shape)), torch.as_tensor(rng.normal(size=shape))


def _loss(learner: Learner, name: str, *arguments: object) -> float:
    """The value of a loss as a number."""
    got = learner.call(name, *arguments)
    if got is None:
        raise CheckFailed(f"{name} gives None: is a return missing?")
    shape = tuple(getattr(got, "shape", ()))
    expect(
        shape in ((), (1,)), f"{name} gives a tensor of the shape {shape}, expected one number: is the mean missing?"
    )
    try:
        value = float(got.detach() if isinstance(got, Tensor) else got)
    except (TypeError, ValueError):
        raise CheckFailed(f"{name} gives {shown(got)}, expected a number") from None
    expect(
        math.isfinite(value),
        f"{name} gives {value}: where does exp get a large number, log a 0, or a division a 0?",
    )
    return value
