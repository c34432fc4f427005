"""What a viewer shows: an arm, with or without a trained network, and what is known about where it can reach."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from kinverse.errors import KinverseError, RunError
from kinverse.ik.solver import Solver
from kinverse.learning.data.sampling import GRID_SIDE, link_length_sum
from kinverse.network.compiled import CompiledNetwork
from kinverse.robot.arm import Arm
from kinverse.robot.catalog import arm_names, load_arm
from kinverse.robot.encodings import encoding_named
from kinverse.robot.planar import is_planar

if TYPE_CHECKING:
    from kinverse.learning.training.run import Run

SLIDER_RANGE, SLIDER_STEP = 0.75 * np.pi, np.pi / 100
"""Of the planar arm's joints [rad], as in the published figure."""
TARGET_RANGE, TARGET_STEP = (-0.5, 2.5), 0.01
"""Of the planar arm's targets on both axes [m], as in the published figure."""
SAMPLES = 20_000


@dataclass(frozen=True, eq=False)
class Subject:
    """An arm to look at.

    Attributes:
        title: as shown.
        arm: in the task space of its targets.
        solver: finishes what the network proposes, or begins from stored samples.
        network: what proposes, or None.
        training_box: lowest and highest corner of the positions that the network was trained for [m]; None where that
            is not known.
        source: what was named, for the code that does the same.
        urdf: file with meshes, or None.
    """

    title: str
    arm: Arm
    solver: Solver
    network: CompiledNetwork | None
    training_box: Float[np.ndarray, "2 3"] | None
    source: str
    urdf: Path | None = None

    @cached_property
    def is_planar(self) -> bool:
        """Whether the arm moves in the plane, and is looked at from above."""
        return is_planar(self.arm)

    @cached_property
    def slider_ranges(self) -> Float[np.ndarray, "2 dof"]:
        """Lowest and highest position of each joint's slider [rad or m]: the limits, for planar arms ±0.75π at most."""
        low, high = self.arm.sampling_limits
        if self.is_planar:
            low, high = np.maximum(low, -SLIDER_RANGE), np.minimum(high, SLIDER_RANGE)
        return np.stack([low, high])

    @cached_property
    def reached(self) -> Float[np.ndarray, "n 3"]:
        """Tool positions of random joint positions [m]: where the arm can be."""
        return self.arm.pose(self.arm.sample(SAMPLES, seed=0))[:, :3, 3]

    @cached_property
    def home(self) -> Float[np.ndarray, " dof"]:
        """Joint positions to begin with: a little bent from the middle of the range, which may be singular."""
        low, high = self.arm.sampling_limits
        middle = np.clip(0.0, low + 0.1 * (high - low), high - 0.1 * (high - low))
        bend = np.where(self.arm.is_prismatic, 0.0, 0.35)
        return np.clip(middle + bend, low, high)


def open_subject(what: Arm | Run | str | Path, **chain: Any) -> Subject:
    """An arm of the catalog, a URDF file or a run folder.

    Args:
        what: an arm or its name, the path of a URDF file, a run or its folder.
        chain: base, tip and task, as for `load_arm`.

    Raises:
        KinverseError: of the kind that reading it raises; a run that is not about an arm's poses is a RunError.
    """
    if isinstance(what, Arm):
        return _of_arm(what, what.name)
    if not isinstance(what, str | Path):
        return _of_run(what)
    if str(what) not in arm_names() and Path(what).is_dir():
        from kinverse.learning.training.run import Run  # brings torch, which an arm alone does not need

        return _of_run(Run.load(what))
    path = Path(what) if Path(what).is_file() else None
    return _of_arm(load_arm(what, **chain), str(what), path)


def _of_arm(arm: Arm, source: str, urdf: Path | None = None) -> Subject:
    solver = Solver(arm)
    square = None
    if is_planar(arm):  # what `kinverse fit` would train it on
        side = GRID_SIDE * link_length_sum(arm)
        square = np.array([[0.0, 0.0, 0.0], [side, side, 0.0]])
    return Subject(arm.name, arm, solver, solver.network, square, source, urdf)


def _of_run(run: Run) -> Subject:
    if run.arm is None:
        raise RunError(f"{run.folder}: not about an arm, so there is nothing to look at; its report shows it")
    solver = Solver.load(run)
    return Subject(run.name, solver.arm, solver, solver.network, _trained_on(run), str(run.folder))


def _trained_on(run: Run) -> Float[np.ndarray, "2 3"] | None:
    """Where the tool positions of the training rows lie."""
    from kinverse.learning.training.source import reopen_source

    try:
        dataset = reopen_source(run.card.origin, run.arm, run.card.data_digest).dataset
    except KinverseError:  # rows that were in memory, or are gone
        return None
    encoding = dataset.manifest.encoding
    if encoding is None:
        return None
    positions = encoding_named(encoding).decode(dataset.train.features)[:, :3, 3]
    return np.stack([positions.min(axis=0), positions.max(axis=0)])
