"""`ModelFigures`: the figures of a trained model on a data set."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from kinverse.learning.data.dataset import Dataset, Table
from kinverse.learning.trained import Model
from kinverse.plotting.arms import arm_pose
from kinverse.plotting.error_distribution import error_distribution
from kinverse.plotting.losses import LossPanel, loss_curves
from kinverse.plotting.parity import parity
from kinverse.plotting.plane import PlanePanel, plane_errors
from kinverse.robot.arm import Arm
from kinverse.robot.encodings import encoding_named


@dataclass(frozen=True, eq=False)
class ModelFigures:
    """Figures of a model; the predictions are computed once.

    Attributes:
        model: the trained model.
        dataset: its test rows are shown, or its validation rows if it has no test rows.
    """

    model: Model
    dataset: Dataset

    @property
    def rows(self) -> Table:
        """The rows to show."""
        return self.dataset.test or self.dataset.validation

    @cached_property
    def predicted(self) -> Float[np.ndarray, "n t"]:
        """The network's predictions for the rows."""
        return self.model.network.predict(self.rows.features)

    @cached_property
    def square(self) -> tuple[float, float]:
        """Lower and upper edge of a planar model's training square on both axes [m]."""
        return float(self.dataset.train.features.min()), float(self.dataset.train.features.max())

    def losses(self, floors: dict[str, float] | None = None) -> Figure:
        """Training and validation loss over the epochs, with the best epoch and the floors."""
        return loss_curves(LossPanel.of("Losses", self.model.history, floors), ylabel=self.model.loss_label)

    def parity(self) -> Figure:
        """Predicted over actual values of every target column."""
        units = set(self.dataset.manifest.target_units)
        unit = units.pop() if len(units) == 1 else ""
        return parity(self.rows.targets, self.predicted, self.model.network.spec.target_names, unit or "unit")

    def position_errors(self) -> Figure:
        """Cumulative distribution of the tool's position error."""
        targets = self._decoded(self.rows.features)[:, :3, 3]
        reached = self._arm.forward_kinematics(self.predicted)[:, :3, 3]
        return error_distribution(1e3 * np.linalg.norm(reached - targets, axis=1), "network")

    def plane(self) -> Figure:
        """Targets on the published 10 × 10 grid, scaled to the training square, and the reached positions."""
        reached = self._arm.forward_kinematics(self.model.network.predict(self._grid))[:, :2, 3]
        panel = PlanePanel("Targets and reached positions", self._grid, reached)
        return plane_errors(panel, square=self.square)

    def configurations(self) -> Figure:
        """The predicted configurations for three targets."""
        if self.model.network.spec.encoding == "xy":
            features = self._grid[[22, 55, 77]]
        else:
            count = len(self.rows.features)
            # Choose distant rows, since successive rows of a trajectory are similar.
            features = self.rows.features[np.unique(np.linspace(0.1 * count, 0.9 * (count - 1), 3).astype(int))]
        q = self.model.network.predict(features)
        title = f"{self._arm.name}: predicted configurations"
        return arm_pose(self._arm, q, target=self._decoded(features), title=title)

    @property
    def _arm(self) -> Arm:
        assert self.model.arm is not None, "figures of an arm are drawn only for models that have one"
        return self.model.arm

    @cached_property
    def _grid(self) -> Float[np.ndarray, "100 2"]:
        """Centres of 10 × 10 cells of the training square, as in the published figure: arange(0.1, 2.0, 0.2)."""
        low, high = self.square
        ticks = low + (high - low) * (np.arange(10) + 0.5) / 10.0
        return np.column_stack([axis.ravel() for axis in np.meshgrid(ticks, ticks)])

    def _decoded(self, features: Float[np.ndarray, "n f"]) -> Float[np.ndarray, "n 4 4"]:
        return encoding_named(str(self.model.network.spec.encoding)).decode(features)
