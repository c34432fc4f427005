"""The kept network on single rows: losses, outputs, and the outputs of its hidden units."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float

from kinverse.ik.goal import Goal
from kinverse.learning.data.dataset import Table
from kinverse.learning.model.inverse import InverseModel
from kinverse.learning.model.registry import HIDDEN_ACTIVATIONS
from kinverse.learning.trained import Model
from kinverse.learning.training.config import CLASS_NUMBERS, DISTANCES
from kinverse.learning.training.losses import LOSSES, row_losses
from kinverse.learning.training.problem import reached_vector, target_vector
from kinverse.robot.encodings import encoding_named

MAX_ROWS = 5000
"""Rows of a split that are looked at, evenly spread over the table: more rows change no finding and take longer."""


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
        """What the loss compares with: scaled targets, or where the tool should be."""
        config = self.trained.config
        if self.trained.space == "joints":
            targets = self.table.targets
            return self.model.spec.joint_scaling.transform(targets) if config.loss in DISTANCES else targets
        T = encoding_named(str(self.trained.manifest.encoding)).decode(self.table.features)
        return target_vector(T, self._goal, config.rotation_weight)

    @cached_property
    def given(self) -> Float[np.ndarray, "n t"]:
        """What the loss compares with `wanted`: scaled predictions, logits, or what the tool reaches."""
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
        """Of the mean loss; 0 for a single row, of which nothing is known."""
        return float(self.losses.std(ddof=1)) / len(self) ** 0.5 if len(self) > 1 else 0.0

    @property
    def right(self) -> np.ndarray | None:
        """(n,) whether the class is right, or None where there are no classes."""
        if self.trained.config.loss not in CLASS_NUMBERS:
            return None
        return self.given.argmax(axis=1) == self.table.targets[:, 0]

    def losses_of(self, prediction: Float[np.ndarray, "n t"]) -> Float[np.ndarray, " n"]:
        """The loss of each row for another prediction than the network's, for losses that are distances."""
        return row_losses(self.trained.config.loss, torch.as_tensor(prediction), torch.as_tensor(self.wanted)).numpy()

    @cached_property
    def hidden(self) -> tuple[Float[np.ndarray, "n width"], ...]:
        """What each hidden layer gives on, for every row."""
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
        """What the first layer sees: the network's inputs, scaled as the training scaled them."""
        spec = self.model.spec
        return spec.features.transform(spec.network_inputs(self.table.features))


def thinned(table: Table, rows: int = MAX_ROWS) -> Table:
    """The table, or so many of its rows, evenly spread over it."""
    if len(table) <= rows:
        return table
    chosen = np.linspace(0, len(table) - 1, rows).astype(int)
    return Table(table.features[chosen], table.targets[chosen])
