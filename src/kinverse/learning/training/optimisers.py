"""Optimisers and learning-rate schedules by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from torch import optim
from torch.nn import Parameter
from torch.optim import lr_scheduler

if TYPE_CHECKING:
    from kinverse.learning.training.config import FitConfig, OptimiserConfig

# `foreach` updates all tensors of a small network in one call; on the CPU that is a third of the time of one by one.
OPTIMISERS: dict[str, Callable[[Iterable[Parameter], OptimiserConfig], optim.Optimizer]] = {
    "sgd": lambda p, c: optim.SGD(p, c.learning_rate, momentum=c.momentum, weight_decay=c.weight_decay, foreach=True),
    "adam": lambda p, c: optim.Adam(p, c.learning_rate, weight_decay=c.weight_decay, foreach=True),
    "adamw": lambda p, c: optim.AdamW(p, c.learning_rate, weight_decay=c.weight_decay, foreach=True),
    "rmsprop": lambda p, c: optim.RMSprop(
        p, c.learning_rate, momentum=c.momentum, weight_decay=c.weight_decay, foreach=True
    ),
    "adagrad": lambda p, c: optim.Adagrad(p, c.learning_rate, weight_decay=c.weight_decay, foreach=True),
}

Schedule = lr_scheduler.LRScheduler | None
# Arguments: the optimiser, its settings, the number of epochs and the total number of steps.
SCHEDULES: dict[str, Callable[[optim.Optimizer, OptimiserConfig, int, int], Schedule]] = {
    "constant": lambda o, c, epochs, steps: None,
    # The learning rate times gamma every `schedule_step` epochs.
    "step": lambda o, c, epochs, steps: lr_scheduler.StepLR(o, c.schedule_step, c.gamma),
    "exponential": lambda o, c, epochs, steps: lr_scheduler.ExponentialLR(o, c.gamma),
    "cosine": lambda o, c, epochs, steps: lr_scheduler.CosineAnnealingLR(o, epochs),
    # Up to the learning rate and down again over the whole training, a step each batch (Smith and Topin 2018).
    # The momentum stays as configured.
    "one_cycle": lambda o, c, epochs, steps: lr_scheduler.OneCycleLR(
        o, c.learning_rate, total_steps=max(steps, 1), cycle_momentum=False
    ),
}
STEPS_EACH_BATCH = ("one_cycle",)
"""Schedules that move with every batch; the others move once an epoch."""


def build(parameters: Iterable[Parameter], config: FitConfig, batches: int) -> tuple[optim.Optimizer, Schedule]:
    """Build the optimiser and the schedule of a configuration.

    Args:
        parameters: the parameters to train.
        config: the settings.
        batches: batches in one epoch.
    """
    settings = config.optimiser
    optimiser = OPTIMISERS[settings.name](parameters, settings)
    return optimiser, SCHEDULES[settings.schedule](optimiser, settings, config.epochs, config.epochs * batches)
