"""A training of seconds in memory, for the experiments behind quiz questions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from kinverse.errors import TrainingError
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.loop import TrainingState, train
from kinverse.learning.training.problem import build_problem
from kinverse.robot.arm import Arm


@dataclass(frozen=True)
class Trial:
    """How one training went.

    Attributes:
        first: training loss before the first step.
        train: training loss at the end; NaN where the training broke down.
        validation: validation loss at the end.
        best_validation: smallest validation loss on the way.
        best_epoch: where it was.
    """

    first: float
    train: float
    validation: float
    best_validation: float
    best_epoch: int


def trial(dataset: Dataset, config: FitConfig, arm: Arm | None = None) -> Trial:
    """Train once, on one thread; a training that breaks down gives NaN in place of an error.

    Args:
        dataset: the rows.
        config: every choice.
        arm: what the joints move, for a loss through the forward kinematics.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            problem = build_problem(dataset, arm, config)
            state = TrainingState.fresh(problem, config)
            try:
                train(problem, config, state)
            except TrainingError:
                return Trial(state.history[0].train_loss, math.nan, math.nan, state.best_loss, state.best_epoch)
    finally:
        torch.set_num_threads(threads)
    last = state.history[-1]
    return Trial(state.history[0].train_loss, last.train_loss, last.validation_loss, state.best_loss, state.best_epoch)
