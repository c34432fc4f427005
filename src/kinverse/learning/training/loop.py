"""The one training loop. Read it from top to bottom."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor
from torch.optim import Optimizer

from kinverse.errors import TrainingError
from kinverse.learning.model.inverse import ROWS_AT_ONCE
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.history import HistoryRow
from kinverse.learning.training.optimisers import STEPS_EACH_BATCH, Schedule, build
from kinverse.learning.training.problem import Problem


@dataclass
class TrainingState:
    """All that changes while training: enough to stop anywhere and resume bit-identically."""

    optimiser: Optimizer
    schedule: Schedule
    shuffler: torch.Generator
    weights: dict[str, Tensor]
    kept_weights: dict[str, Tensor]
    epoch: int = 0
    best_epoch: int = 0
    best_loss: float = math.inf
    history: list[HistoryRow] = field(default_factory=list)
    stopped: str = ""

    @classmethod
    def fresh(cls, problem: Problem, config: FitConfig) -> TrainingState:
        """The state before the first step."""
        count = len(batch_starts(len(problem.x_train), config.batch_size))
        optimiser, schedule = build(problem.model.parameters(), config, count)
        weights = dict(problem.model.state_dict())  # shares memory with the model
        kept = {name: tensor.clone() for name, tensor in weights.items()}
        return cls(optimiser, schedule, torch.Generator().manual_seed(config.seed), weights, kept)


def run_epochs(  # noqa: PLR0912, PLR0915 (one loop to read from top to bottom)
    problem: Problem,
    config: FitConfig,
    state: TrainingState,
    on_epoch: Callable[[TrainingState], str | None] = lambda state: None,
) -> TrainingState:
    """Train until the last epoch, early stopping or a request to stop.

    Args:
        problem: tensors, model and objective.
        config: the settings.
        state: the state to start from; changed in place.
        on_epoch: called at the start of every epoch, when the state is consistent; a returned text stops the training.

    Returns:
        The state; its `stopped` is the reason.

    Raises:
        TrainingError: a loss is NaN or inf; the state still holds the best weights before that.
    """
    model, objective = problem.model, problem.objective
    moves_each_batch = config.optimiser.schedule in STEPS_EACH_BATCH
    # Full batch without dropout or batch norm: the forward pass of the step measures the training loss as well.
    has_modes = model.network.acts_differently_in_training
    one_pass = config.batch_size is None and not has_modes

    while not state.stopped:
        state.stopped = on_epoch(state) or ""
        if state.stopped:
            break

        # 1. Measure both losses at the weights as they are now, before they change.
        if has_modes:
            model.eval()
        x_train, y_train = problem.train_rows(state.epoch)
        if one_pass:
            loss = objective(model.scaled(x_train), y_train)  # (n, f) → (n, c) → ()
            train_loss = loss.item()
        else:
            train_loss = measure(problem, x_train[: problem.measured], y_train[: problem.measured])
        validation_loss = measure(problem, problem.x_validation, problem.y_validation)
        rate = state.optimiser.param_groups[0]["lr"]
        state.history.append(HistoryRow(state.epoch, train_loss, validation_loss, float(rate)))
        if not (math.isfinite(train_loss) and math.isfinite(validation_loss)):
            raise TrainingError(_why_not_finite(state, config))

        # 2. Keep the best weights; stop when they have not improved for `patience` epochs, or at the end.
        improved = validation_loss < state.best_loss
        if improved:
            state.best_loss, state.best_epoch = validation_loss, state.epoch
        if improved or not config.keep_best:
            for name, tensor in state.weights.items():
                state.kept_weights[name].copy_(tensor)
        if config.patience is not None and state.epoch - state.best_epoch >= config.patience:
            state.stopped = f"no better validation loss for {config.patience} epochs"
            break
        if state.epoch == config.epochs:
            state.stopped = "all epochs done"
            break

        # 3. Step through the batches.
        if has_modes:
            model.train()
        for rows in batches(len(x_train), config.batch_size, state.shuffler):
            if not one_pass:
                x, y = (x_train, y_train) if rows is None else (x_train[rows], y_train[rows])
                loss = objective(model.scaled(x), y)  # (b, f) → (b, c) → ()
            state.optimiser.zero_grad()
            loss.backward()
            if config.optimiser.clip_gradient is not None:
                torch.nn.utils.clip_grad_norm_(model.parameters(), config.optimiser.clip_gradient)
            state.optimiser.step()
            if state.schedule is not None and moves_each_batch:
                state.schedule.step()
        if state.schedule is not None and not moves_each_batch:
            state.schedule.step()
        state.epoch += 1
    return state


def batches(n: int, size: int | None, shuffler: torch.Generator) -> Iterator[Tensor | None]:
    """Row numbers of each batch of one epoch in a fresh order; None once for all rows together."""
    if size is None or size >= n:
        yield None
        return
    order = torch.randperm(n, generator=shuffler)
    starts = batch_starts(n, size)
    for start, end in zip(starts, [*starts[1:], n], strict=True):
        yield order[start:end]


def batch_starts(n: int, size: int | None) -> list[int]:
    """First row of each batch of one epoch; there is one step per batch.

    A last batch of one row joins the one before: batch norm cannot normalise a single row.
    """
    starts = list(range(0, n, size or n))
    if len(starts) > 1 and n - starts[-1] == 1:
        starts.pop()
    return starts


def measure(problem: Problem, x: Float[Tensor, "n f"], y: Float[Tensor, "n t"]) -> float:
    """The objective over all rows, without gradients; large tables in parts."""
    with torch.no_grad():
        if len(x) <= ROWS_AT_ONCE:
            return problem.objective(problem.model.scaled(x), y).item()
        parts = zip(x.split(ROWS_AT_ONCE), y.split(ROWS_AT_ONCE), strict=True)
        total = sum(len(a) * problem.objective(problem.model.scaled(a), b).item() for a, b in parts)
        return total / len(x)


def _why_not_finite(state: TrainingState, config: FitConfig) -> str:
    """Name the epoch and the likely cause of a loss that is NaN or inf."""
    row = state.history[-1]
    losses = [earlier.train_loss for earlier in state.history[:-1]]
    if not losses:
        cause = "the very first forward pass overflows: scale the features and the targets"
    elif len(losses) == 1 or losses[-1] > 10.0 * min(losses):
        rate = config.optimiser.learning_rate
        cause = f"the loss grew before: learning_rate {rate:g} is too large, try {rate / 10:g}"
        if config.optimiser.clip_gradient is None:
            cause += " or clip_gradient=1"
    elif config.data.scale_features == "none":
        cause = "the features are not scaled: try scale_features=standard"
    else:
        cause = f"try a smaller learning_rate than {config.optimiser.learning_rate:g}, or clip_gradient=1"
    return (
        f"epoch {row.epoch}: train loss {row.train_loss}, validation loss {row.validation_loss}; {cause}; "
        f"the last good weights are kept"
    )
