"""`Facts`: the data of the checks, and `Rows`: the kept network on single rows; computed once and on demand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float

from kinverse.ik.goal import Goal
from kinverse.learning.data.dataset import Dataset, Table
from kinverse.learning.evaluation.scores import BEST_REACHABLE, CONSTANT_ANSWER, Report
from kinverse.learning.model.inverse import InverseModel
from kinverse.learning.model.registry import HIDDEN_ACTIVATIONS
from kinverse.learning.trained import Model
from kinverse.learning.training.config import CLASS_NUMBERS, DISTANCES, FitConfig
from kinverse.learning.training.losses import LOSSES, row_losses
from kinverse.learning.training.problem import reached_vector, target_vector
from kinverse.robot.encodings import encoding_named

POOR = 0.05
"""Ratio of the training loss to the constant answer's: below it, a network has learned its rows."""
MAX_ROWS = 5000
"""Rows of a split that are checked, evenly spread over the table: more rows change no finding and take longer."""


@dataclass(frozen=True, eq=False)
class Rows:
    """A model and rows of one split of its data.

    Attributes:
        trained: the model.
        table: the rows, at most `MAX_ROWS`.
    """

    trained: Model
    table: Table

    def __len__(self) -> int:
        return len(self.table)

    @property
    def model(self) -> InverseModel:
        """The kept network."""
        return self.trained.network

    @cached_property
    def wanted(self) -> Float[np.ndarray, "n t"]:
        """The targets of the loss: scaled targets, or tool positions or poses."""
        config = self.trained.config
        if self.trained.space == "joints":
            targets = self.table.targets
            return self.model.spec.joint_scaling.transform(targets) if config.loss in DISTANCES else targets
        T = encoding_named(str(self.trained.manifest.encoding)).decode(self.table.features)
        return target_vector(T, self._goal, config.rotation_weight)

    @cached_property
    def given(self) -> Float[np.ndarray, "n t"]:
        """The predictions that the loss compares with `wanted`: scaled joint positions, logits, or the reached tool."""
        model, arm, config = self.model, self.trained.arm, self.trained.config
        predictions = model.predict_heads(model.spec.network_inputs(self.table.features))  # (n, heads, c)
        if self.trained.space == "joints":
            return model.spec.joint_scaling.transform(predictions[:, 0])
        assert arm is not None  # a tool loss has one
        with torch.no_grad():
            q = torch.as_tensor(predictions)
            reached = reached_vector(arm, q, self._goal, config.rotation_weight).numpy()  # (n, heads, t)
        best = row_losses(config.loss, torch.as_tensor(reached), torch.as_tensor(self.wanted)[:, None]).argmin(1)
        return reached[np.arange(len(reached)), best.numpy()]

    @property
    def _goal(self) -> Goal:
        assert self.trained.goal is not None  # a tool loss has one
        return self.trained.goal

    @cached_property
    def losses(self) -> Float[np.ndarray, " n"]:
        """The training's loss of each row; their mean is the loss of the split."""
        given, wanted = torch.as_tensor(self.given), torch.as_tensor(self.wanted)
        if self.trained.config.loss in DISTANCES:
            return row_losses(self.trained.config.loss, given, wanted).numpy()
        loss = LOSSES[self.trained.config.loss]
        return np.array([loss(given[i : i + 1], wanted[i : i + 1]).item() for i in range(len(self))])

    @property
    def standard_error(self) -> float:
        """Standard error of the mean loss; 0 for a single row."""
        return float(self.losses.std(ddof=1)) / len(self) ** 0.5 if len(self) > 1 else 0.0

    @property
    def correct(self) -> np.ndarray | None:
        """(n,) whether the predicted class is correct, or None without classes."""
        if self.trained.config.loss not in CLASS_NUMBERS:
            return None
        return self.given.argmax(axis=1) == self.table.targets[:, 0]

    def losses_of(self, prediction: Float[np.ndarray, "n t"]) -> Float[np.ndarray, " n"]:
        """The loss of each row for another prediction than the network's, for losses that are distances."""
        return row_losses(self.trained.config.loss, torch.as_tensor(prediction), torch.as_tensor(self.wanted)).numpy()

    @cached_property
    def hidden(self) -> tuple[Float[np.ndarray, "n width"], ...]:
        """The outputs of each hidden layer, for every row."""
        spec = self.model.spec.network
        kind = type(HIDDEN_ACTIVATIONS[spec.activation]())
        x = torch.as_tensor(self.inputs, dtype=torch.float32)
        layers: list[Float[np.ndarray, "n width"]] = []
        with torch.no_grad():
            for module in self.model.network:
                x = module(x)
                # The output activation may be of the same kind; it comes last.
                if isinstance(module, kind) and len(layers) < len(spec.sizes) - 2:
                    layers.append(x.numpy())
        return tuple(layers)

    @cached_property
    def inputs(self) -> Float[np.ndarray, "n i"]:
        """The inputs of the first layer: the network's inputs, scaled as in the training."""
        spec = self.model.spec
        return spec.features.transform(spec.network_inputs(self.table.features))


def thinned(table: Table, rows: int = MAX_ROWS) -> Table:
    """At most `rows` rows of a table, evenly spread over it."""
    if len(table) <= rows:
        return table
    chosen = np.linspace(0, len(table) - 1, rows).astype(int)
    return Table(table.features[chosen], table.targets[chosen])


@dataclass(frozen=True, eq=False)
class Facts:
    """A model, its evaluation and its rows.

    Attributes:
        trained: the model.
        report: the evaluation, or None.
        dataset: the training data, or None if it was in memory and is gone.
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
        """The epoch of the kept weights."""
        return self.trained.best_epoch if self.config.keep_best else max(len(self.trained.history) - 1, 0)

    @property
    def model(self) -> InverseModel:
        """The kept network."""
        return self.trained.network

    @cached_property
    def train_rows(self) -> Rows:
        """The network on the training rows."""
        assert self.dataset is not None, "checks that need rows run only with rows"
        return Rows(self.trained, thinned(self.dataset.train))

    @cached_property
    def validation_rows(self) -> Rows:
        """The network on the validation rows."""
        assert self.dataset is not None, "checks that need rows run only with rows"
        return Rows(self.trained, thinned(self.dataset.validation))

    @cached_property
    def constant(self) -> float | None:
        """Validation loss of the best constant prediction, or None if unknown."""
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
        return self.constant or float(self.train[0])

    @property
    def kept_loss(self) -> float:
        """Validation loss of the kept weights."""
        return float(self.validation_rows.losses.mean())

    @property
    def is_poor(self) -> bool:
        """Whether the kept network is far from fitting its training rows, so that a setting may be at fault."""
        return float(self.train_rows.losses.mean()) > POOR * self.reference

    @property
    def best_reachable(self) -> float | None:
        """The lowest validation loss that the joint bounds allow, if the evaluation knows it."""
        return None if self.report is None else self.report.floors.get(BEST_REACHABLE)
