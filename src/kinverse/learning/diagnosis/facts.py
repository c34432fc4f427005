"""`Facts`: what the checks look at, computed once and only if asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from kinverse.learning.data.dataset import Dataset
from kinverse.learning.diagnosis.rows import Rows, thinned
from kinverse.learning.evaluation.scores import BEST_REACHABLE, CONSTANT_ANSWER, Report
from kinverse.learning.model.inverse import InverseModel
from kinverse.learning.trained import Model
from kinverse.learning.training.config import DISTANCES, FitConfig


@dataclass(frozen=True, eq=False)
class Facts:
    """A run and what is known about it.

    Attributes:
        trained: the model.
        report: what was measured, or None.
        dataset: its rows, or None where they were in memory and are gone.
    """

    trained: Model
    report: Report | None
    dataset: Dataset | None

    @property
    def config(self) -> FitConfig:
        """The settings."""
        return self.trained.config

    @property
    def train(self) -> Float[np.ndarray, " n"]:
        """Training loss of every measured epoch."""
        return self.trained.history.train_loss

    @property
    def validation(self) -> Float[np.ndarray, " n"]:
        """Validation loss of every measured epoch."""
        return self.trained.history.validation_loss

    @property
    def rates(self) -> Float[np.ndarray, " n"]:
        """Learning rate of the step after every measured epoch."""
        return self.trained.history.learning_rate

    @property
    def kept_epoch(self) -> int:
        """The epoch whose weights the run holds."""
        return self.trained.best_epoch if self.config.keep_best else max(len(self.trained.history) - 1, 0)

    @property
    def model(self) -> InverseModel:
        """The kept network."""
        return self.trained.network

    @cached_property
    def train_rows(self) -> Rows:
        """The network on the training rows."""
        assert self.dataset is not None, "checks that need rows run only where there are some"
        return Rows(self.trained, thinned(self.dataset.train))

    @cached_property
    def validation_rows(self) -> Rows:
        """The network on the validation rows."""
        assert self.dataset is not None, "checks that need rows run only where there are some"
        return Rows(self.trained, thinned(self.dataset.validation))

    @cached_property
    def constant(self) -> float | None:
        """Validation loss of the best constant prediction, or None where it is not known."""
        if self.dataset is None:
            return None if self.report is None else self.report.floors.get(CONSTANT_ANSWER)
        if self.config.loss in DISTANCES:
            rows = self.validation_rows
            return float(rows.losses_of(np.tile(self.train_rows.wanted.mean(axis=0), (len(rows), 1))).mean())
        if self.config.loss == "cross_entropy":
            counts = np.bincount(self.dataset.train.targets[:, 0].astype(int), minlength=self.train_rows.given.shape[1])
            share = (counts + 1.0) / (counts.sum() + len(counts))  # a class that is missing is not impossible
            return float(-np.log(share[self.dataset.validation.targets[:, 0].astype(int)]).mean())
        if self.config.loss == "bce":
            share = np.clip(self.dataset.train.targets.mean(axis=0), 1e-6, 1.0 - 1e-6)
            y = self.dataset.validation.targets
            return float(-(y * np.log(share) + (1.0 - y) * np.log(1.0 - share)).mean())
        return None

    @property
    def reference(self) -> float:
        """The loss to compare with: the constant answer's, else the untrained network's."""
        return float(self.train[0]) if self.constant is None else self.constant

    @property
    def best_reachable(self) -> float | None:
        """The lowest validation loss that the joint bounds allow, where the evaluation knows it."""
        return None if self.report is None else self.report.floors.get(BEST_REACHABLE)
