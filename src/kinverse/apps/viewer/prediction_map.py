"""The prediction map: lines from targets to the tool positions predicted by a network in training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from kinverse.apps.viewer.arm_nodes import GREY, ORANGE
from kinverse.ik.goal import Goal
from kinverse.network.heads import closest
from kinverse.robot.encodings import encoding_named

if TYPE_CHECKING:
    from kinverse.learning.data.dataset import Dataset
    from kinverse.learning.training.config import FitConfig
    from kinverse.learning.training.loop import TrainingState
    from kinverse.robot.arm import Arm

TARGETS = 100
"""Number of targets of a map in space."""
SIDE = 10
"""Number of targets of a planar map along each axis: the centres of equal parts, as in the published figure."""


class PredictionMap:
    """Lines from targets to predicted tool positions in the scene of one arm.

    Attributes:
        floors: name → loss with which the training losses are compared.
    """

    def __init__(self, server: Any, root: str, planar: bool) -> None:
        """Prepare a map; `draw` draws it.

        Args:
            server: the viser server.
            root: name of the arm's node in the scene.
            planar: whether the targets lie in the plane.
        """
        self._server, self._root, self._planar = server, root, planar
        self.floors: dict[str, float] = {}
        self._lines: Any = None
        self._ends: Any = None

    def begin(self, dataset: Dataset, arm: Arm, config: FitConfig) -> None:
        """Choose the targets and build a network that takes the weights of the training run."""
        from kinverse.learning.evaluation.report import loss_floors
        from kinverse.learning.training.problem import build_problem

        self._arm = arm
        problem = build_problem(dataset, arm, config)
        self._model = problem.model
        self.floors = loss_floors(config.loss, problem.space, dataset, arm, self._model.spec)
        encoding = encoding_named(str(dataset.manifest.encoding))
        if self._planar:
            low, high = dataset.train.features.min(), dataset.train.features.max()
            ticks = low + (high - low) * (np.arange(SIDE) + 0.5) / SIDE
            features = np.column_stack([axis.ravel() for axis in np.meshgrid(ticks, ticks)])
        else:
            features = dataset.validation.features[:TARGETS]
        self._T = encoding.decode(features)
        self._rows = Goal.encoded_by(encoding).targets(self._T)
        self._inputs = self._model.spec.network_inputs(features)

    def draw(self, state: TrainingState) -> float:
        """Draw the predictions of the current weights and return the median position error [m]."""
        self._model.load_state_dict(state.weights)
        q = closest(self._arm, self._model.predict_heads(self._inputs), self._rows, self._model.spec.rotation_weight)
        targets, reached = self._T[:, :3, 3], self._arm.forward_kinematics(q)[:, :3, 3]
        with self._server.atomic():
            self._replace(np.stack([targets, reached], axis=1).astype(np.float32), reached.astype(np.float32))
        return float(np.median(np.linalg.norm(targets - reached, axis=1)))

    def _replace(self, segments: Float[np.ndarray, "n 2 3"], ends: Float[np.ndarray, "n 3"]) -> None:
        if self._lines is None:
            scene = self._server.scene
            self._lines = scene.add_line_segments(
                f"{self._root}/map", points=segments, colors=GREY, thickness=1.5, thickness_units="screen"
            )
            size = 0.01 * float(np.abs(segments).max())
            self._ends = scene.add_point_cloud(f"{self._root}/map-ends", ends, colors=ORANGE, point_size=size)
            return
        self._lines.points, self._ends.points = segments, ends
