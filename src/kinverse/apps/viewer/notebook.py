"""Widgets for a notebook: an arm with sliders, and a run whose network and solver answer to a target.

They draw the same pictures as the reports and have the same ranges as the viewer; no server is started.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from kinverse.apps.viewer.answer import Answer, answer
from kinverse.apps.viewer.readout import readout_of
from kinverse.apps.viewer.subject import SLIDER_STEP, TARGET_RANGE, TARGET_STEP, Subject, open_subject
from kinverse.errors import MissingExtraError
from kinverse.ik.workspace import farthest_reach
from kinverse.plotting.arms import arm_pose
from kinverse.robot.arm import Arm

if TYPE_CHECKING:
    from kinverse.learning.training.run import Run

try:
    import ipywidgets as widgets
except ModuleNotFoundError:
    raise MissingExtraError("notebook", "ipywidgets") from None

DPI = 80


class Sliders(widgets.VBox):
    """An arm with a slider for each joint.

    Attributes:
        subject: what is shown.
        joints: one slider for each joint, base first.
        picture: the arm as it is, as PNG.
        said: where the tool is.
    """

    def __init__(self, subject: Subject) -> None:
        """Build the widgets; `sliders` is the way in."""
        self.subject = subject
        low, high = subject.slider_ranges
        unit = ["m" if slides else "rad" for slides in subject.arm.is_prismatic]
        self.joints = [
            _slider(f"{name} [{unit[i]}]", low[i], high[i], _joint_step(subject, i), subject.home[i])
            for i, name in enumerate(_joint_names(subject))
        ]
        self.picture, self.said = widgets.Image(format="png"), widgets.HTML()
        for slider in self.joints:
            slider.observe(lambda change: self.draw(), "value")
        super().__init__([widgets.HBox([widgets.VBox(self.joints), self.picture]), self.said])
        self.draw()

    @property
    def q(self) -> Float[np.ndarray, " dof"]:
        """Joint positions as the sliders stand [rad or m]."""
        return np.array([slider.value for slider in self.joints])

    def draw(self) -> None:
        """Bring the picture and the words to where the sliders stand."""
        tool = self.subject.arm.pose(self.q)[:3, 3]
        self.picture.value = _png(self.subject, [self.q])
        place = ", ".join(f"{name} {value:.3f}" for name, value in zip("xyz", tool, strict=True))
        self.said.value = f"tool at {place} m"


class Inverse(widgets.VBox):
    """A target with a slider for each coordinate; the network answers, and the solver finishes.

    Attributes:
        subject: what is shown.
        coordinates: one slider for each coordinate of the target's position [m].
        picture: the solver's pose and the network's, as PNG.
        said: errors, iterations, joints at a limit, and whether the target is in reach and in the training region.
        answer: to the target as it is.
    """

    answer: Answer

    def __init__(self, subject: Subject) -> None:
        """Build the widgets; `inverse` is the way in."""
        self.subject, self._q = subject, subject.home
        self._T = subject.arm.pose(subject.home)
        reach = round(1.2 * farthest_reach(subject.arm), 2)
        low, high = TARGET_RANGE if subject.is_planar else (-reach, reach)
        count = 2 if subject.arm.task == "xy" else 3
        self.coordinates = [
            _slider(f"{name} [m]", low, high, TARGET_STEP, float(self._T[i, 3])) for i, name in enumerate("xyz"[:count])
        ]
        self.picture, self.said = widgets.Image(format="png"), widgets.HTML()
        for slider in self.coordinates:
            slider.observe(lambda change: self.draw(), "value")
        super().__init__([widgets.HBox([widgets.VBox([*self.coordinates, self.said]), self.picture])])
        self.draw()

    def draw(self) -> None:
        """Ask for the target as the sliders stand; an arm that reaches poses keeps its tool's rotation."""
        self._T[: len(self.coordinates), 3] = [slider.value for slider in self.coordinates]
        target = self.subject.arm.task_part(self._T.copy())
        self.answer = answer(self.subject, target, self._q)
        self._q = self.answer.q
        poses = [self.answer.q] if self.answer.raw is None else [self.answer.q, self.answer.raw]
        self.picture.value = _png(self.subject, poses, target)
        drawn = "" if self.answer.raw is None else "<br>pose 1: the solver's, pose 2: the network's"
        self.said.value = readout_of(self.subject.title, self.answer) + drawn


def sliders(arm: Arm | str | Path) -> Sliders:
    """An arm to move joint by joint.

    Args:
        arm: an arm, its name, or the path of a URDF file.

    Raises:
        KinverseError: of the kind that reading it raises.
        MissingExtraError: ipywidgets is not installed.
    """
    return Sliders(open_subject(arm))


def explore(run: Run | Arm | str | Path) -> Inverse:
    """A target to move; the network's answer and the solver's are drawn and measured.

    Args:
        run: a run or its folder; an arm or its name shows what comes with kinverse for it.

    Raises:
        KinverseError: of the kind that reading it raises; a run that is not about an arm is a RunError.
        MissingExtraError: ipywidgets is not installed.
    """
    return Inverse(open_subject(run))


def _joint_names(subject: Subject) -> Sequence[str]:
    if subject.is_planar:
        return [f"θ{i + 1}" for i in range(subject.arm.dof)]
    return subject.arm.joint_names


def _joint_step(subject: Subject, joint: int) -> float:
    low, high = subject.slider_ranges[:, joint]
    return SLIDER_STEP if subject.is_planar else float(high - low) / 500.0


def _slider(name: str, low: float, high: float, step: float, value: float) -> Any:
    return widgets.FloatSlider(
        description=name, min=float(low), max=float(high), step=float(step), value=float(np.clip(value, low, high)),
        readout_format=".2f", style={"description_width": "9em"}, layout={"width": "24em"},
    )  # fmt: skip


def _png(subject: Subject, poses: list[Float[np.ndarray, " dof"]], target: Any = None) -> bytes:
    """The arm in these poses on axes that stay the same; the training square of a planar arm is drawn."""
    half = 1.1 * float(np.abs(subject.reached).max())
    figure = arm_pose(subject.arm, np.array(poses), target, half_width=half)
    if subject.is_planar and subject.training_box is not None:
        (x0, y0, _), (x1, y1, _) = subject.training_box
        figure.axes[0].plot([x0, x1, x1, x0, x0], [y0, y0, y1, y1, y0], color="#009E73", linestyle="--", linewidth=1.5)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI)
    return drawn.getvalue()
