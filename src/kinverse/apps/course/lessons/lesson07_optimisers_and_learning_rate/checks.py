"""Checks of lesson 7: the learner's steps compared with torch's optimisers, on the same gradients."""

from collections.abc import Callable

import numpy as np
import torch

from kinverse.apps.course.checking import Learner, close, expect, numbers, shown

STEPS = 6
Step = Callable[[np.ndarray, np.ndarray, int], np.ndarray]


def check_plain_descent(learner: Learner, rng: np.random.Generator) -> None:
    """Without momentum a step is minus the learning rate times the gradient."""
    w, gradient = rng.normal(size=(3, 2)), rng.normal(size=(3, 2))
    rate = float(rng.uniform(0.05, 0.2))
    moved = _momentum(learner, w, np.zeros_like(w), gradient, rate, 0.0)[0] - w
    along = float((moved * gradient).sum() / (gradient**2).sum())
    expect(
        not close(moved, 0.0, 1e-9),
        f"with a learning rate of {shown(rate)} and a nonzero gradient, no weight has changed",
    )
    expect(along < 0.0, "the step has the sign of the gradient, and increases the loss: is the sign correct?")
    half = _momentum(learner, w, np.zeros_like(w), gradient, 0.5 * rate, 0.0)[0] - w
    expect(
        close(2.0 * half, moved, 1e-5),
        f"half the learning rate should give half the step; instead the step is {shown(np.linalg.norm(half))} after "
        f"{shown(np.linalg.norm(moved))}: is the rate used exactly once?",
    )
    expect(
        close(moved, -rate * gradient, 1e-6),
        f"the step is {shown(-along)} times the gradient, but the learning rate is {shown(rate)}",
    )


def check_momentum_gathers(learner: Learner, rng: np.random.Generator) -> None:
    """With momentum earlier gradients contribute to the step, as in torch's SGD."""
    w, gradient, rate = np.zeros(3), rng.uniform(0.5, 1.5, 3), 0.1
    velocity, moves = np.zeros(3), []
    for _ in range(12):
        new, velocity = _momentum(learner, w, velocity, gradient, rate, 0.8)
        moves.append(float(np.linalg.norm(new - w)))
        w = new
    first = moves[0] / (rate * float(np.linalg.norm(gradient)))
    expect(
        close(first, 1.0, 1e-4),
        f"from velocity 0, with a momentum of 0.8, the step is {shown(first)} times rate · gradient, expected 1: "
        "which factors do the old velocity and the gradient have?",
    )
    growth = moves[-1] / moves[0]
    expect(
        growth > 1.05,
        f"the same gradient twelve times, with a momentum of 0.8: the last step is {shown(growth)} times the first, "
        "but should be several times as long: is the new velocity used, and returned?",
    )
    expect(
        abs(growth / 4.656 - 1.0) < 0.02,
        f"the same gradient twelve times, with a momentum of 0.8: the last step is {shown(growth)} times the first, "
        "expected 4.66, the sum of a dozen powers of 0.8: which factors do the old velocity and the gradient have?",
    )
    _against_torch(
        learner,
        rng,
        "momentum_step",
        lambda p: torch.optim.SGD([p], lr=0.07, momentum=0.9),
        _momentum_steps(learner, 0.07, 0.9),
    )
    _, velocity = _momentum(learner, w, np.zeros(3), gradient, rate, 0.8)
    expect(
        close(velocity, gradient, 1e-6),
        f"from velocity 0 the velocity returned is {shown((velocity / gradient)[0])} times the gradient, expected 1: "
        "v ← momentum · v + gradient, and the rate belongs to the step alone",
    )


def check_adam_first_step(learner: Learner, rng: np.random.Generator) -> None:
    """Adam's first step changes every weight by the learning rate, for gradients of any size."""
    rate = float(rng.uniform(0.01, 0.03))
    gradient = np.array([1e-3, -0.2, 5.0, -400.0]) * rng.uniform(0.5, 1.5, 4)
    w = rng.normal(size=4)
    moved = _adam(learner, w, np.zeros(4), np.zeros(4), gradient, 1, rate)[0] - w
    expect(not np.allclose(moved, 0.0), "the first step changes no weight")
    expect(
        (np.sign(moved) == -np.sign(gradient)).all(),
        "the first step has the sign of the gradient in some weights: is the sign correct?",
    )
    ratios = np.abs(moved) / rate
    expect(
        close(ratios, ratios[0], 2e-2),
        f"for gradients {shown(gradient)} the first steps are {shown(ratios)} learning rates; they should be equal: "
        "is the gradient divided by the root of its own square?",
    )
    expect(
        close(ratios, 1.0, 2e-2),
        f"every weight moves by {shown(ratios[1])} learning rates in the first step, expected one: m and v start at 0 "
        "and are much too small at first; are both corrected for that, with t = 1?",
    )
    still = np.array([0.0, 1e-6])
    moved = _adam(learner, np.ones(2), np.zeros(2), np.zeros(2), still, 1, rate)[0] - 1.0
    expect(abs(moved[0]) < 1e-12, f"a weight with gradient 0 moves by {shown(moved[0])} in the first step")
    expect(
        abs(abs(moved[1]) / rate - 1.0) < 0.05,
        f"for a gradient of 1e-6 the first step is {shown(abs(moved[1]) / rate)} learning rates, expected 0.99: ε is "
        "added to the root, not under it",
    )


def check_adam_remembers(learner: Learner, rng: np.random.Generator) -> None:
    """Adam updates m and v in every step, each with its own β."""
    gradient = rng.uniform(0.5, 2.0, 3)
    zeros = np.zeros(3)
    _, m, v = _adam(learner, rng.normal(size=3), zeros, zeros, gradient, 1, 0.01)
    expect(
        close(m, 0.1 * gradient, 1e-4),
        f"after the first step m is {shown((m / gradient)[0])} times the gradient, expected 0.1: is m returned before "
        "the correction, and computed with β₁?",
    )
    expect(
        close(v, 1e-3 * gradient**2, 1e-6),
        f"after the first step v is {shown((v / gradient**2)[0])} times the gradient's square, expected 0.001: is v "
        "the mean of the squares, and computed with β₂?",
    )


def check_adam_like_torch(learner: Learner, rng: np.random.Generator) -> None:
    """Several steps of Adam agree with torch's."""
    _against_torch(learner, rng, "adam_step", lambda p: torch.optim.Adam([p], lr=0.05), _adam_steps(learner, 0.05))


def check_exponential_rate(learner: Learner, rng: np.random.Generator) -> None:
    """The exponential schedule starts at the rate and falls by the same factor in every epoch."""
    rate, gamma = float(rng.uniform(0.005, 0.05)), float(rng.uniform(0.97, 0.995))

    def at(epoch: int) -> float:
        value = learner.call("exponential_rate", rate, gamma, epoch)
        return float(numbers(value, f"exponential_rate({shown(rate)}, {shown(gamma)}, {epoch})", ()))

    expect(
        close(at(0) / rate, 1.0, 1e-6), f"in epoch 0 the rate is {shown(at(0) / rate)} times the given one, expected 1"
    )
    one = at(1) / rate
    expect(
        close(one, gamma, 1e-6),
        f"from epoch 0 to 1 the rate is multiplied by {shown(one)}, but gamma is {shown(gamma)}",
    )
    late = at(300) / at(299)
    expect(
        close(late, gamma, 1e-6),
        f"from epoch 299 to 300 the rate is multiplied by {shown(late)}, expected gamma, {shown(gamma)}, as in every "
        "epoch: it is a power, not a line or a step",
    )


def _against_torch(
    learner: Learner,
    rng: np.random.Generator,
    name: str,
    optimiser: Callable[[torch.Tensor], torch.optim.Optimizer],
    step: Step,
) -> None:
    """Give the same gradients to both, and name the first step that differs."""
    w = rng.normal(size=(2, 3))
    parameter = torch.tensor(w, requires_grad=True)
    theirs = optimiser(parameter)
    for t in range(1, STEPS + 1):
        gradient = rng.normal(size=w.shape) * 10.0 ** rng.uniform(-1.0, 1.0, w.shape)
        w = step(w, gradient, t)
        parameter.grad = torch.tensor(gradient)
        theirs.step()
        wanted = parameter.detach().numpy()
        at = np.unravel_index(np.abs(w - wanted).argmax(), w.shape)
        expect(
            close(w, wanted, 1e-5),
            f"after step {t} of {STEPS} on the same gradients a weight is {shown(w[at])} with your {name} and "
            f"{shown(wanted[at])} with torch's optimiser; "
            + ("the first step" if t == 1 else "the earlier steps")
            + (" already differs" if t == 1 else " agreed: what is carried over from one step to the next?"),
        )


def _momentum_steps(learner: Learner, rate: float, momentum: float) -> Step:
    velocity: list[np.ndarray] = []

    def step(w: np.ndarray, gradient: np.ndarray, t: int) -> np.ndarray:
        new, after = _momentum(learner, w, velocity[-1] if velocity else np.zeros_like(w), gradient, rate, momentum)
        velocity.append(after)
        return new

    return step


def _adam_steps(learner: Learner, rate: float) -> Step:
    kept: list[tuple[np.ndarray, np.ndarray]] = []

    def step(w: np.ndarray, gradient: np.ndarray, t: int) -> np.ndarray:
        m, v = kept[-1] if kept else (np.zeros_like(w), np.zeros_like(w))
        new, m, v = _adam(learner, w, m, v, gradient, t, rate)
        kept.append((m, v))
        return new

    return step


def _momentum(
    learner: Learner, w: np.ndarray, velocity: np.ndarray, gradient: np.ndarray, rate: float, momentum: float
) -> tuple[np.ndarray, np.ndarray]:
    got = learner.call("momentum_step", w, velocity, gradient, rate, momentum)
    expect(
        isinstance(got, tuple | list) and len(got) == 2,
        f"momentum_step gives {shown(got)}, expected two arrays: the new weights and the new velocity",
    )
    new, after = (
        numbers(g, f"the {what} of momentum_step", w.shape)
        for g, what in zip(got, ("weights", "velocity"), strict=True)
    )
    return new, after


def _adam(
    learner: Learner, w: np.ndarray, m: np.ndarray, v: np.ndarray, gradient: np.ndarray, t: int, rate: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    got = learner.call("adam_step", w, m, v, gradient, t, rate)
    expect(
        isinstance(got, tuple | list) and len(got) == 3,
        f"adam_step gives {shown(got)}, expected three arrays: the new weights, m and v",
    )
    new, m, v = (
        numbers(g, f"the {what} of adam_step in step {t}", w.shape)
        for g, what in zip(got, ("weights", "m", "v"), strict=True)
    )
    return new, m, v
