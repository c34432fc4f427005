"""`ViewModel`: an arm as the viewer and the notebook widgets show it, with slider ranges and regions."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from jaxtyping import Float

from kinverse.arguments import as_path, require_instance
from kinverse.errors import KinverseError, RunError
from kinverse.ik.goal import Goal
from kinverse.ik.solver import Solver
from kinverse.learning.data.sampling import link_length_sum
from kinverse.network.compiled import CompiledNetwork
from kinverse.robot.arm import Arm
from kinverse.robot.catalog import arm_names, load_arm
from kinverse.robot.encodings import encoding_named

if TYPE_CHECKING:
    from kinverse.learning.trained import Model

Viewable: TypeAlias = "Arm | Model | str | Path"
"""An arm or its name, the path of a URDF file, a model or its folder."""
JOINT_STEP = np.pi / 100
"""Step of the planar arm's joint sliders [rad], as in the published figure."""
MAX_TURNS = 2.0
"""A slider of a revolute joint starts with at most this range [turns]; it grows when a solution lies outside."""
TARGET_STEP = 0.01
"""Step of the target sliders [m], as in the published figure."""
JOINT_STEPS = 500
"""Number of steps of other arms' joint sliders."""
SAMPLES = 20_000
"""Number of random configurations that sample the reachable region."""


@dataclass(frozen=True)
class ArmSource:
    """The arguments with which `load_arm` gives an arm again."""

    name: str
    base: str | None = None
    tool: str | None = None


@dataclass(frozen=True)
class SliderSpec:
    """A slider: label with unit, range, step and initial value."""

    label: str
    low: float
    high: float
    step: float
    value: float


@dataclass(frozen=True, eq=False)
class ViewModel:
    """An arm with its solver, its reachable region and its training region.

    Attributes:
        title: heading of the panel.
        solver: solver of the arm, with its seed network if it has one.
        training_box: lower and upper corner of the network's training positions [m]; None: unknown, or no network.
        source: how code loads the arm; None: only the program that made the arm has it.
        urdf: file with the meshes of the links, or None.
    """

    title: str
    solver: Solver
    training_box: Float[np.ndarray, "2 3"] | None
    source: ArmSource | None
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
        """Initial configuration: the middle of the range, slightly bent because the middle may be singular.

        If the tool is then outside the training region, the arm starts with its tool in the middle of that region.
        """
        low, high = self._joint_range
        middle = np.clip(0.0, low + 0.1 * (high - low), high - 0.1 * (high - low))
        bend = np.where(self.arm.is_prismatic, 0.0, 0.35)
        q = np.clip(middle + bend, low, high)
        if self.training_box is None or self.in_training_region(self.target_of(q)):
            return q
        T = self.arm.forward_kinematics(q)
        T[:3, 3] = self.training_box.mean(axis=0)
        found = self.solver.solve(self.goal.targets(T), q)
        return found.q if found.converged else q

    @cached_property
    def _joint_range(self) -> tuple[Float[np.ndarray, " dof"], Float[np.ndarray, " dof"]]:
        """The joint limits; revolute joints at most `MAX_TURNS`, near zero."""
        low, high = self.arm.sampling_limits
        half = np.where(self.arm.is_prismatic, np.inf, MAX_TURNS * np.pi)
        centre = np.clip(0.0, low + np.minimum(half, 0.5 * (high - low)), high - np.minimum(half, 0.5 * (high - low)))
        return np.maximum(low, centre - half), np.minimum(high, centre + half)

    def in_training_region(self, target: Float[np.ndarray, ...]) -> bool | None:
        """Whether the position of a target lies in the training region; None if that is unknown."""
        if self.training_box is None:
            return None
        position = target[:3, 3] if target.ndim == 2 else target
        low, high = self.training_box[:, : len(position)]
        return bool((position >= low - 1e-9).all() and (position <= high + 1e-9).all())

    @cached_property
    def joint_sliders(self) -> tuple[SliderSpec, ...]:
        """One slider per joint, over all positions that the solver gives; see `MAX_TURNS`."""
        low, high = self._joint_range
        names, steps = self.arm.joint_names, (high - low) / JOINT_STEPS
        if self.arm.is_planar:
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
        low, high = -edge, edge
        if self.arm.is_planar:  # the range of the published figure, in proportion to the arm
            length = link_length_sum(self.arm)
            low, high = round(-length / 6.0, 2), round(5.0 * length / 6.0, 2)
        start = self.arm.forward_kinematics(self.home)[:3, 3].tolist()
        count = self.goal.coordinates
        return tuple(
            SliderSpec(f"{name} [m]", min(low, value), max(high, value), TARGET_STEP, value)
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
        return ViewModel(what.name, Solver(what, goal), None, _catalog_source(what))
    if not isinstance(what, str | Path):
        from kinverse.learning.trained import Model

        return _of_model(require_instance(what, Model, "what", "an arm, its name or a path"))
    path = as_path(what, "what")
    if str(what) not in arm_names() and path.is_dir():
        from kinverse.learning.training.run_folder import load_model  # loads torch, which an arm does not need

        return _of_model(load_model(path))
    arm, urdf = load_arm(what, base=base, tool=tool), path if path.is_file() else None
    return ViewModel(arm.name, Solver(arm, goal), None, ArmSource(str(what), base, tool), urdf)


def _of_model(model: Model) -> ViewModel:
    if model.arm is None:
        raise RunError(f"{model.name}: the model does not predict the joints of an arm and cannot be viewed")
    return ViewModel(model.name, model.solver(), _training_box(model), _catalog_source(model.arm))


def _catalog_source(arm: Arm) -> ArmSource | None:
    """The name by which `load_arm` gives this arm, if there is one."""
    names = [arm.name]
    if arm.is_planar:
        names.append("planar:" + ",".join(str(float(length)) for length in arm.T_offsets[1:, 0, 3]))
    for name in names:
        with suppress(KinverseError):
            if load_arm(name).fingerprint == arm.fingerprint:
                return ArmSource(name)
    return None


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
