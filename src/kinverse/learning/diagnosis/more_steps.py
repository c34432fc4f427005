"""Faults that a few more steps from the kept weights show: weight decay, dropout, a schedule that ended too soon.

A copy of the kept network is trained on for a few full-batch steps, once with the settings as they were and once with
one of them changed. The training itself is not repeated; a check takes a second at most. Vanishing gradients need one
step.
"""

from __future__ import annotations

import math
from typing import Unpack

import torch
from jaxtyping import Int
from torch import Tensor, nn

from kinverse.learning.diagnosis.curves import RATE_IS_GONE
from kinverse.learning.diagnosis.facts import Facts
from kinverse.learning.diagnosis.finding import Finding, number, percent, setting
from kinverse.learning.training.config import FitConfig, FitSettings
from kinverse.learning.training.loop import measure
from kinverse.learning.training.optimisers import build
from kinverse.learning.training.problem import Problem, build_problem

STEPS = 300
WORK = 50_000_000
"""Products of rows and parameters in one step, at most: it bounds the time of a check."""
MOST_ROWS = 2000
BETTER = 0.75
"""Ratio of two losses: below it, the change is the reason."""
MUCH_BETTER = 0.5
"""The same for a schedule: most networks learn a little more from a second start at the first rate."""
SHRUNK = 0.1
"""Ratio of the size of all weights to that at the start: weight decay alone makes weights so small."""
VANISHING = 1e-3
"""Ratio of the smallest layer's gradient to the largest layer's before the first step: 0.007 or more in the bank,
unless they vanish."""


def weight_decay(facts: Facts) -> Finding | None:
    """Weight decay holds the loss up: without it, the loss falls at once."""
    decay = facts.config.optimiser.weight_decay
    if decay == 0.0 or not _is_poor(facts):
        return None
    shrunk = _size_of_weights(facts)
    as_it_was, without = loss_after(facts), loss_after(facts, weight_decay=0.0)
    if without > BETTER * as_it_was and shrunk > SHRUNK:
        return None
    evidence = (
        f"weight_decay={setting(decay)}: {STEPS} more steps without it bring the validation loss to {number(without)}, "
        f"and with it to {number(as_it_was)}."
    )
    if shrunk <= SHRUNK:
        evidence = (
            f"weight_decay={setting(decay)} has shrunk the weights to {percent(shrunk)} of their size at the start, "
            f"and the loss is {number(facts.kept_loss)}."
        )
    remedy = f"weight_decay=0, or at most {setting(decay / 100)}"
    return Finding("weight decay", evidence, remedy, {"with": as_it_was, "without": without, "size": shrunk})


def dropout(facts: Facts) -> Finding | None:
    """Dropout holds the loss up: without it, the loss falls at once."""
    share = facts.config.model.dropout
    if share == 0.0 or not _is_poor(facts):
        return None
    as_it_was, without = loss_after(facts), loss_after(facts, keep_dropout=False)
    if without > BETTER * as_it_was:
        return None
    evidence = (
        f"dropout={setting(share)}: {STEPS} more steps without it bring the validation loss to {number(without)}, "
        f"and with it to {number(as_it_was)}."
    )
    return Finding(
        "dropout", evidence, f"dropout=0, or at most {setting(share / 10)}", {"with": as_it_was, "without": without}
    )


def schedule_ends_too_soon(facts: Facts) -> Finding | None:
    """The learning rate was gone before the loss had fallen: at the first rate, the loss falls on at once."""
    schedule = facts.config.optimiser
    if schedule.schedule == "constant" or facts.rates[-1] > RATE_IS_GONE * facts.rates.max() or not _is_poor(facts):
        return None
    on = loss_after(facts)
    if on > MUCH_BETTER * facts.kept_loss:
        return None
    gone = int((facts.rates < RATE_IS_GONE * facts.rates.max())[::-1].argmin())  # epochs at the end
    epochs = len(facts.rates) - 1
    evidence = (
        f"schedule={schedule.schedule}: from epoch {epochs + 1 - gone} of {epochs} on the learning rate is below a "
        f"tenth of {number(float(facts.rates.max()))}, and the loss stays at {number(facts.kept_loss)}. {STEPS} more "
        f"steps that begin at learning_rate={number(schedule.learning_rate)} bring it to {number(on)}."
    )
    remedy = "schedule=cosine, which ends with the last epoch"
    if schedule.schedule in ("cosine", "one_cycle"):
        remedy = f"epochs={3 * epochs}, because the schedule ends with the last epoch"
    elif schedule.schedule == "exponential":
        remedy += f", or gamma={0.01 ** (1.0 / max(epochs, 1)):.4f}"
    return Finding("schedule ends too soon", evidence, remedy, {"loss": facts.kept_loss, "on": on})


def vanishing_gradients(facts: Facts) -> Finding | None:
    """The gradient of the first layers was lost on its way through the others, and they hardly learned."""
    if len(facts.config.model.hidden) < 2 or not _is_poor(facts):
        return None
    sizes = gradient_sizes(facts)
    largest = max(sizes)
    if not math.isfinite(largest) or min(sizes) >= VANISHING * largest or min(sizes) == 0.0:
        return None
    layer = sizes.index(min(sizes)) + 1
    model = facts.config.model
    evidence = (
        f"Before the first step, the gradient of the weights of layer {layer} of {len(sizes)} is {number(min(sizes))}, "
        f"that of layer {sizes.index(largest) + 1} {number(largest)} (root mean square): {len(model.hidden)} "
        f"{model.activation} layers let too little through."
    )
    remedy = f"activation=silu in place of {model.activation}" if model.activation in ("sigmoid", "tanh") else ""
    fewer = ",".join(map(str, model.hidden[:2]))
    remedy += f"{', ' * bool(remedy)}batch_norm=True, or fewer layers (hidden={fewer})"
    return Finding("vanishing gradients", evidence, remedy, {"smallest": min(sizes), "largest": largest})


def _is_poor(facts: Facts) -> bool:
    return facts.trained.status != "failed" and facts.is_poor


def loss_after(facts: Facts, keep_dropout: bool = True, **settings: Unpack[FitSettings]) -> float:
    """The validation loss after a few more full-batch steps of a copy of the kept network.

    The learning rate begins as in the training and falls to zero along a cosine.

    Args:
        facts: the training.
        keep_dropout: whether units are silenced as in the training.
        settings: settings that differ from the training's; the network's own must stay.
    """
    config = facts.config.replace(**settings).replace(schedule="cosine", epochs=STEPS, device="cpu")
    problem, rows = _problem(facts, config)
    model = problem.model
    model.load_state_dict(facts.model.state_dict())
    for module in model.network:
        if isinstance(module, nn.Dropout) and not keep_dropout:
            module.p = 0.0
    optimiser, schedule = build(model.parameters(), config, batches=1)
    assert schedule is not None  # a cosine
    model.train()
    with torch.random.fork_rng(devices=[]):  # dropout draws from torch's own generator
        torch.manual_seed(config.seed)
        for _ in range(STEPS):
            optimiser.zero_grad()
            problem.objective(model.scaled(problem.x_train[rows]), problem.y_train[rows]).backward()
            optimiser.step()
            schedule.step()
    model.eval()
    loss = measure(problem, problem.x_validation, problem.y_validation)
    return loss if math.isfinite(loss) else math.inf


def gradient_sizes(facts: Facts) -> list[float]:
    """Root mean square of the loss's gradient for the weights of each layer, before the first step of the training."""
    problem, rows = _problem(facts, facts.config.replace(device="cpu"))
    model = problem.model.eval()
    problem.objective(model.scaled(problem.x_train[rows]), problem.y_train[rows]).backward()
    return [
        float(layer.weight.grad.square().mean().sqrt())
        for layer in model.network
        if isinstance(layer, nn.Linear) and layer.weight.grad is not None
    ]


def _problem(facts: Facts, config: FitConfig) -> tuple[Problem, Int[Tensor, " n"]]:
    """The training's problem with its network as it was at the start, and rows for one step, evenly spread."""
    assert facts.dataset is not None, "checks that need rows run only with rows"
    problem = build_problem(facts.dataset, facts.trained.arm, config)
    parameters = sum(parameter.numel() for parameter in problem.model.parameters())
    count, most = len(problem.x_train), max(min(MOST_ROWS, WORK // parameters), 50)
    return problem, torch.linspace(0, count - 1, min(count, most)).long()


def _size_of_weights(facts: Facts) -> float:
    """Ratio of the root mean square of all weight matrices to that at the start."""
    start = sum(
        (w.mean**2 + w.std**2) * math.prod(w.shape) for w in facts.trained.weights_at_start if len(w.shape) == 2
    )
    now = sum(float(w.detach().double().square().sum()) for w in facts.model.parameters() if w.ndim == 2)
    return math.sqrt(now / start) if start > 0.0 else math.inf
