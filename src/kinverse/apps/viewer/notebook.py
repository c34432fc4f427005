"""Widgets for notebooks: `kv.sliders` moves an arm joint by joint, `kv.explore` moves a target.

They use the figures of the reports and the slider ranges of the viewer, and start no server.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from kinverse.apps.viewer.solved_target import SolvedTarget, solve_target, status_html
from kinverse.apps.viewer.view_model import SliderSpec, ViewModel, view_model_of
from kinverse.errors import MissingExtraError
from kinverse.plotting.arms import arm_pose
from kinverse.plotting.colours import GREEN
from kinverse.plotting.style import to_png
from kinverse.robot.arm import Arm

if TYPE_CHECKING:
    from kinverse.learning.trained import Model

try:
    import ipywidgets as widgets
except ModuleNotFoundError:
    raise MissingExtraError("notebook", "ipywidgets") from None

JOINT_RANGE = 0.75 * np.pi
"""Half the range of the planar arm's joint sliders [rad], as in the published figure."""
DPI = 80
"""Resolution of the figures [pixels per inch], low enough to follow a moving slider."""


class Sliders(widgets.VBox):
    """An arm with a slider for each joint.

    Attributes:
        model: the arm.
        joints: one slider per joint, base first.
        figure: the arm as a PNG image.
        status: position of the tool.
    """

    def __init__(self, model: ViewModel) -> None:
        """Build the widgets; call `sliders` instead."""
        self.model = model
        limit = JOINT_RANGE if model.arm.is_planar else np.inf
        self.joints = [
            _slider(replace(spec, low=max(spec.low, -limit), high=min(spec.high, limit)))
            for spec in model.joint_sliders
        ]
        self.figure, self.status = widgets.Image(format="png"), widgets.HTML()
        for slider in self.joints:
            slider.observe(lambda change: self.draw(), "value")
        super().__init__([widgets.HBox([widgets.VBox(self.joints), self.figure]), self.status])
        self.draw()

    @property
    def q(self) -> Float[np.ndarray, " dof"]:
        """Joint positions of the sliders [rad or m]."""
        return np.array([slider.value for slider in self.joints])

    def draw(self) -> None:
        """Update figure and status for the current slider values."""
        tool = self.model.arm.forward_kinematics(self.q)[:3, 3]
        self.figure.value = _png(self.model, [self.q])
        position = ", ".join(f"{name} {value:.3f}" for name, value in zip("xyz", tool, strict=True))
        self.status.value = f"tool at {position} m"


class Explorer(widgets.VBox):
    """A target with a slider for each coordinate; shows the network's prediction and the solver's solution.

    Attributes:
        model: the arm with its solver and network.
        coordinates: one slider per coordinate of the target's position [m].
        figure: solution and prediction as a PNG image.
        status: status table of the target.
        solved: the current target with its prediction and solution.
    """

    solved: SolvedTarget

    def __init__(self, model: ViewModel) -> None:
        """Build the widgets; call `explore` instead."""
        self.model, self._q = model, model.home
        self._T = model.arm.forward_kinematics(model.home)
        self.coordinates = [_slider(spec) for spec in model.target_sliders]
        self.figure, self.status = widgets.Image(format="png"), widgets.HTML()
        for slider in self.coordinates:
            slider.observe(lambda change: self.draw(), "value")
        super().__init__([widgets.HBox([widgets.VBox([*self.coordinates, self.status]), self.figure])])
        self.draw()

    def draw(self) -> None:
        """Solve the target of the current slider values and redraw; the rotation of a pose stays fixed."""
        self._T[: len(self.coordinates), 3] = [slider.value for slider in self.coordinates]
        target = self.model.goal.targets(self._T.copy())
        self.solved = solve_target(self.model, target, self._q)
        self._q = self.solved.q
        predicted = self.solved.predicted
        poses = [self.solved.q] if predicted is None else [self.solved.q, predicted]
        self.figure.value = _png(self.model, poses, target)
        legend = "" if predicted is None else "<br>pose 1: the solver's solution, pose 2: the network's prediction"
        self.status.value = status_html(self.model.title, self.solved) + legend


def sliders(arm: Arm | str | Path) -> Sliders:
    """A widget that moves an arm joint by joint.

    Args:
        arm: an arm, its name, or the path of a URDF file.

    Raises:
        KinverseError: the arm cannot be read.
        MissingExtraError: ipywidgets is not installed.
    """
    return Sliders(view_model_of(arm))


def explore(model: Model | Arm | str | Path) -> Explorer:
    """A widget that moves a target and shows the network's prediction and the solver's solution with their errors.

    Args:
        model: a model or its folder, or an arm or its name; an arm uses the network shipped for it, if any.

    Raises:
        KinverseError: the model or arm cannot be read; RunError if the model does not predict an arm's joints.
        MissingExtraError: ipywidgets is not installed.
    """
    return Explorer(view_model_of(model))


def _slider(spec: SliderSpec) -> widgets.FloatSlider:
    return widgets.FloatSlider(
        description=spec.label, min=spec.low, max=spec.high, step=spec.step, value=spec.value,
        readout_format=".2f", style={"description_width": "9em"}, layout={"width": "24em"},
    )  # fmt: skip


def _png(
    model: ViewModel, poses: list[Float[np.ndarray, " dof"]], target: Float[np.ndarray, ...] | None = None
) -> bytes:
    """The arm in these configurations on fixed axes, for a planar arm with the training square, as PNG."""
    figure = arm_pose(model.arm, np.array(poses), target, half_width=1.1 * model.reach)
    if model.arm.is_planar and model.training_box is not None:
        (x0, y0, _), (x1, y1, _) = model.training_box
        figure.axes[0].plot([x0, x1, x1, x0, x0], [y0, y0, y1, y1, y0], color=GREEN, linestyle="--", linewidth=1.5)
    return to_png(figure, DPI)
