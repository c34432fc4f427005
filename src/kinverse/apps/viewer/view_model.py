"""`ViewModel`: an arm as the viewer and the notebook widgets show it, with slider ranges and regions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from jaxtyping import Float

from kinverse.errors import KinverseError, RunError
from kinverse.ik.goal import Goal
from kinverse.ik.solver import Solver
from kinverse.learning.data.sampling import GRID_SIDE, link_length_sum
from kinverse.network.compiled import CompiledNetwork
from kinverse.robot.arm import Arm
from kinverse.robot.catalog import arm_names, load_arm
from kinverse.robot.encodings import encoding_named

if TYPE_CHECKING:
    from kinverse.learning.trained import Model

Viewable: TypeAlias = "Arm | Model | str | Path"
"""An arm or its name, the path of a URDF file, a model or its folder."""
JOINT_RANGE, JOINT_STEP = 0.75 * np.pi, np.pi / 100
"""Half the range and step of the planar arm's joint sliders [rad], as in the published figure."""
TARGET_RANGE, TARGET_STEP = (-0.5, 2.5), 0.01
"""Range and step of the planar arm's target sliders [m], as in the published figure."""
JOINT_STEPS = 500
"""Number of steps of other arms' joint sliders."""
SAMPLES = 20_000
"""Number of random configurations that sample the reachable region."""


@dataclass(frozen=True)
class SliderSpec:
    """A slider: label with unit, range, step and initial value."""

    label: str
    low: float
    high: float
    step: float
    value: float

    def nearest(self, value: float) -> float:
        """`value` rounded and clipped to the slider's range."""
        return float(np.clip(round(float(value), 4), self.low, self.high))


@dataclass(frozen=True, eq=False)
class ViewModel:
    """An arm with its solver, its reachable region and its training region.

    Attributes:
        title: heading of the panel.
        solver: solver of the arm, with its seed network if it has one.
        training_box: lower and upper corner of the network's training positions [m]; None: unknown.
        source: name of the arm or path of its URDF file, used in generated code.
        urdf: file with the meshes of the links, or None.
    """

    title: str
    solver: Solver
    training_box: Float[np.ndarray, "2 3"] | None
    source: str
    urdf: Path | None = None

    @property
    def arm(self) -> Arm:
        """The arm."""
        return self.solver.arm

    @property
    def goal(self) -> Goal:
        """The goal of the solver."""
        return self.solver.goal

    @property
    def network(self) -> CompiledNetwork | None:
        """The network whose predictions are shown, or None."""
        return self.solver.network

    def target_of(self, q: Float[np.ndarray, "*batch dof"]) -> Float[np.ndarray, ...]:
        """The target that the tool reaches at joint positions `q` [rad or m]."""
        return self.goal.targets(self.arm.forward_kinematics(q))

    @cached_property
    def reachable(self) -> Float[np.ndarray, "n 3"]:
        """Tool positions of random configurations [m]."""
        return self.arm.forward_kinematics(self.arm.sample(SAMPLES, seed=0))[:, :3, 3]

    @cached_property
    def reach(self) -> float:
        """Largest coordinate of a reachable tool position [m]."""
        return float(np.abs(self.reachable).max())

    @cached_property
    def home(self) -> Float[np.ndarray, " dof"]:
        """Initial configuration: the middle of the range, slightly bent because the middle may be singular."""
        low, high = self.arm.sampling_limits
        middle = np.clip(0.0, low + 0.1 * (high - low), high - 0.1 * (high - low))
        bend = np.where(self.arm.is_prismatic, 0.0, 0.35)
        return np.clip(middle + bend, low, high)

    @cached_property
    def joint_sliders(self) -> tuple[SliderSpec, ...]:
        """One slider per joint over its limits, for planar arms at most ±0.75π."""
        low, high = self.arm.sampling_limits
        names, steps = self.arm.joint_names, (high - low) / JOINT_STEPS
        if self.arm.is_planar:
            low, high = np.maximum(low, -JOINT_RANGE), np.minimum(high, JOINT_RANGE)
            names, steps = tuple(f"θ{i + 1}" for i in range(self.arm.dof)), np.full(self.arm.dof, JOINT_STEP)
        units = ["m" if prismatic else "rad" for prismatic in self.arm.is_prismatic]
        return tuple(
            SliderSpec(f"{names[i]} [{units[i]}]", *map(float, (low[i], high[i], steps[i], self.home[i])))
            for i in range(self.arm.dof)
        )

    @cached_property
    def target_sliders(self) -> tuple[SliderSpec, ...]:
        """One slider per coordinate of the target's position."""
        edge = round(1.2 * self.reach, 2)
        low, high = TARGET_RANGE if self.arm.is_planar else (-edge, edge)
        start = self.arm.forward_kinematics(self.home)[:3, 3]
        count = self.goal.coordinates
        return tuple(
            SliderSpec(f"{name} [m]", low, high, TARGET_STEP, float(value))
            for name, value in zip("xyz"[:count], start, strict=False)
        )


def view_model_of(
    what: Viewable, *, base: str | None = None, tool: str | None = None, goal: Goal | None = None
) -> ViewModel:
    """The view model of an arm or a trained model.

    Args:
        what: an arm or its name, the path of a URDF file, a model or its folder.
        base: base link of a URDF file, as for `load_arm`.
        tool: tool link of a URDF file, as for `load_arm`.
        goal: goal of an arm; default: `Goal.default(arm)`. A model has its own goal.

    Raises:
        KinverseError: the arm or model cannot be read; RunError if the model does not predict an arm's joints.
    """
    if isinstance(what, Arm):
        return _of_arm(what, what.name, goal)
    if not isinstance(what, str | Path):
        return _of_model(what)
    if str(what) not in arm_names() and Path(what).is_dir():
        from kinverse.learning.training.run_folder import load_model  # loads torch, which an arm does not need

        return _of_model(load_model(what))
    path = Path(what) if Path(what).is_file() else None
    return _of_arm(load_arm(what, base=base, tool=tool), str(what), goal, path)


def _of_arm(arm: Arm, source: str, goal: Goal | None, urdf: Path | None = None) -> ViewModel:
    square = None
    if arm.is_planar:  # the square on which `kinverse fit` would train
        side = GRID_SIDE * link_length_sum(arm)
        square = np.array([[0.0, 0.0, 0.0], [side, side, 0.0]])
    return ViewModel(arm.name, Solver(arm, goal), square, source, urdf)


def _of_model(model: Model) -> ViewModel:
    if model.arm is None:
        raise RunError(f"{model.name}: the model does not predict the joints of an arm and cannot be viewed")
    return ViewModel(model.name, model.solver(), _training_box(model), model.arm.name)


def _training_box(model: Model) -> Float[np.ndarray, "2 3"] | None:
    """Bounds of the tool positions of the training rows."""
    try:
        dataset = model.dataset
    except KinverseError:  # the rows were only in memory or have been deleted
        return None
    encoding = dataset.manifest.encoding
    if encoding is None:
        return None
    positions = encoding_named(encoding).decode(dataset.train.features)[:, :3, 3]
    return np.stack([positions.min(axis=0), positions.max(axis=0)])
