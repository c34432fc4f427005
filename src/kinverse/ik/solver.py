"""`Solver`: exact inverse kinematics for one arm."""

from __future__ import annotations

import dataclasses
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Float

from kinverse.errors import ConfigError, RunError, ShapeError, require_choice, require_known
from kinverse.ik.branches import Branches, find_branches, nearest_branch
from kinverse.ik.config import SolverConfig
from kinverse.ik.engine import Engine
from kinverse.ik.seed_networks import shipped_network
from kinverse.ik.solutions import Solutions
from kinverse.ik.targets import joint_rows, pack_targets, refuse_faults, target_rows
from kinverse.ik.track import Track, follow_path
from kinverse.network.compiled import CompiledNetwork
from kinverse.robot.arm import Arm
from kinverse.robot.catalog import load_arm
from kinverse.robot.encodings import arm_as_encoded, encoding_named

CHUNK = 2048
"""Targets in one call of the kernel, at most: the memory that a thread needs in between is for so many."""
SMALLEST_CHUNK = 256
"""Fewer are not worth another call."""
MODEL = "model.safetensors"


class Solver:
    """Solves the inverse kinematics of an arm exactly, inside its joint limits.

    A network proposes joint positions where there is one (the catalog's arms come with theirs), stored samples do where
    there is none; a compiled Levenberg–Marquardt search finishes them; plain forward kinematics have the last word.
    Making a solver costs a millisecond, and it may be used from several threads.

    Attributes:
        arm: the arm; targets are in its task space.
        network: what proposes, or None.
        config: every choice.
        threads: how many work on a batch.
    """

    def __init__(
        self,
        arm: Arm | str | Path,
        network: CompiledNetwork | Literal["catalog", "shipped"] | None = "catalog",
        config: SolverConfig | None = None,
        **settings: Any,
    ) -> None:
        """Prepare a solver.

        Args:
            arm: an arm, or what `load_arm` takes.
            network: what proposes; "catalog": the one that comes with kinverse for this arm, if it was measured to be
                faster than stored samples; "shipped": also if it was slower; None: stored samples only.
            config: every choice; None: the defaults.
            settings: single fields of `SolverConfig` in place of the config's, such as `mask="111110"`.

        Raises:
            KinverseError: no such arm, a mask that cannot be solved, a setting that is unknown or out of range.
        """
        require_known("solver setting", settings, SolverConfig.__dataclass_fields__)
        self.arm = arm if isinstance(arm, Arm) else load_arm(arm)
        self.config = dataclasses.replace(config or SolverConfig(), **settings)
        self.threads = self.config.threads or _cores()
        self._engine = Engine.of(self.arm, self.config)
        if isinstance(network, str):
            require_choice("network", network, ("catalog", "shipped"))
            network = shipped_network(self.arm, even_if_slower=network == "shipped")
        self.network = network
        if self.network is not None:
            _require_fitting(self.network, self.arm)
        self._device = None
        if self.config.device != "cpu":
            from kinverse.ik.device import DeviceEngine

            self._device = DeviceEngine(self._engine, self.config.device)

    @classmethod
    def load(cls, run: Any, arm: Arm | str | None = None, **settings: Any) -> Solver:
        """A solver whose proposals come from a trained network; torch is not needed.

        Args:
            run: a run, its folder, or a model file.
            arm: the arm that it must have been trained for, if there is one to compare with.
            settings: as for `Solver`.

        Raises:
            RunError: no run, damaged, not about an arm's poses, or trained for another arm.
        """
        path = Path(getattr(run, "folder", run))
        network = CompiledNetwork.load(path / MODEL if path.is_dir() or not path.suffix else path)
        spec = network.spec
        if spec.arm is None or spec.encoding is None:
            raise RunError(f"{path}: not about an arm's poses, so there is nothing to solve")
        own = Arm.from_dict(spec.arm)
        if arm is not None:
            arm = arm if isinstance(arm, Arm) else load_arm(arm)
            if arm.fingerprint != own.fingerprint:
                raise RunError(
                    f"{path}: made for arm {own.name!r} ({own.fingerprint}), not for {arm.name!r} ({arm.fingerprint})"
                )
        if network.dof != own.dof:  # the names may differ: ARKOMA numbers its joints
            raise RunError(f"{path}: its outputs are not the joints of arm {own.name!r}")
        return cls(arm_as_encoded(own, encoding_named(spec.encoding)), network, **settings)

    def __repr__(self) -> str:
        engine = self._engine
        proposer = "stored samples" if self.network is None else f"a network with {self.network.heads} heads"
        return (
            f"Solver({self.arm.name!r}, {self.arm.dof} joints, task {self.arm.task!r}, {proposer}, "
            f"to {engine.goal.position_tolerance:g} m and {engine.goal.rotation_tolerance:g} rad)"
        )

    def solve(
        self,
        targets: Float[np.ndarray, ...],
        start: Float[np.ndarray, ...] | None = None,
        nearest_to: Float[np.ndarray, ...] | None = None,
    ) -> Solutions:
        """Joint positions for one target or many.

        An answer does not depend on what else is in the batch, nor on the threads: a target has the same bits alone.

        Args:
            targets: in the arm's task space, (..., 2), (..., 3) [m] or (..., 4, 4) poses T_base_target. A rotation that
                is orthonormal to 1e-3 is put right.
            start: (dof,) or one row for each target, inside the limits: where the first attempt begins, so that the
                answer stays near if it can.
            nearest_to: (dof,) or one row for each target: of the solutions that can be found, the one closest to this
                posture. Costs thirty to forty-five times as much.

        Returns:
            Solutions with the batch axes of the targets. A target out of reach is one with `converged` False, and the
            closest joint positions found.

        Raises:
            ShapeError: targets or joints of the wrong shape.
            TargetError: a target that is no pose, or joints outside the limits; the row is named.
        """
        rows, batch = target_rows(self.arm, targets)
        count = len(rows)
        starts = None if start is None else joint_rows(self.arm, start, count, "start")
        posture = None if nearest_to is None else joint_rows(self.arm, nearest_to, count, "nearest_to")
        if self._device is not None and posture is None and batch != ():
            found = self._device.solve(self._packed(rows, 0), starts, self._proposals(rows))
        elif count <= SMALLEST_CHUNK:
            found = self._solve_rows(rows, 0, starts, posture)
        else:
            found = self._solve_chunks(rows, starts, posture)
        return _reshaped(found, batch, self.arm.dof)

    def all_solutions(self, target: Float[np.ndarray, ...], limit: int = 16) -> Branches:
        """The different joint positions that reach one target.

        An arm with as many joints as the target has coordinates has finitely many: its branches. An arm with more has
        a whole family; then these are samples of it, as far apart as they can be.

        Args:
            target: one target in the arm's task space.
            limit: at most so many.

        Returns:
            What was found, nearest to zero first; none for a target out of reach.

        Raises:
            ShapeError: not one target.
            TargetError: a target that is no pose.
            ConfigError: limit is not a positive whole number.
        """
        rows, batch = target_rows(self.arm, target)
        if batch != ():
            raise ShapeError(f"all_solutions takes one target of shape {self.arm.task_shape}, got {len(rows)}")
        if not isinstance(limit, int | np.integer) or limit < 1:
            raise ConfigError(f"limit must be a whole number > 0, got {limit!r}")
        return find_branches(self._engine, self._packed(rows, 0)[0], self._proposals(rows), int(limit))

    def track(self, path: Float[np.ndarray, ...], start: Float[np.ndarray, " dof"] | None = None) -> Track:
        """Follow a path of targets with as little joint motion as possible.

        Args:
            path: (n, ...) targets in the arm's task space, in order.
            start: (dof,) where the arm is; None: the beginning from which the path is followed best is looked for.

        Returns:
            Solutions for every point, and where the arm had to jump because no continuous motion was found.

        Raises:
            ShapeError: the path is not (n, ...) targets.
            TargetError: a target that is no pose, or a start outside the limits; the row is named.
        """
        rows, batch = target_rows(self.arm, path)
        if len(batch) != 1:
            raise ShapeError(f"a path has shape (n, …), one target after the other; got batch axes {batch}")
        begin = None if start is None else joint_rows(self.arm, start, 1, "start")[0]
        return follow_path(self._engine, self._packed(rows, 0), begin, self._proposals(rows[:1]))

    def _solve_chunks(
        self, rows: Float[np.ndarray, "n ..."], starts: np.ndarray | None, posture: np.ndarray | None
    ) -> Solutions:
        """Chunk by chunk on all threads, into one set of arrays."""
        count, dof = len(rows), self.arm.dof
        # Four chunks for each thread, so that none waits long for the last one.
        size = CHUNK if self.threads == 1 else min(CHUNK, max(SMALLEST_CHUNK, -(-count // (4 * self.threads))))
        found = Solutions(
            np.empty((count, dof)), np.empty(count, np.bool_), np.empty(count), np.empty(count),
            np.empty(count, np.int64), np.empty(count, np.int64),
        )  # fmt: skip

        def work(first: int) -> None:
            part = slice(first, first + size)
            chunk = self._solve_rows(rows[part], first, _part(starts, part), _part(posture, part))
            for name in Solutions.__dataclass_fields__:
                getattr(found, name)[part] = getattr(chunk, name)

        firsts = range(0, count, size)
        if self.threads == 1:
            for first in firsts:
                work(first)
        else:
            pool = ThreadPoolExecutor(self.threads)
            try:
                for _ in pool.map(work, firsts):  # in order, so that the first bad row is the one that is named
                    pass
            finally:
                pool.shutdown(cancel_futures=True)  # after an error or Ctrl-C nobody waits for the rest
        return found

    def _solve_rows(
        self, rows: Float[np.ndarray, "n ..."], first: int, starts: np.ndarray | None, posture: np.ndarray | None
    ) -> Solutions:
        packed = self._packed(rows, first)
        if posture is not None:
            return nearest_branch(self._engine, packed, self._proposals(rows), posture)
        if starts is None:
            return self._engine.solve(packed, None, self._proposals(rows))
        seeds = np.ascontiguousarray(np.broadcast_to(starts, (len(rows), self.arm.dof)))[:, None]
        return self._engine.solve(packed, seeds, self._proposals(rows), references=starts)

    def _packed(self, rows: Float[np.ndarray, "n ..."], first: int) -> Float[np.ndarray, "n 12"]:
        packed, faults, deviations = pack_targets(self.arm, rows)
        if faults is not None:
            refuse_faults(faults, deviations, first)
        return packed

    def _proposals(self, rows: Float[np.ndarray, "n ..."]) -> Float[np.ndarray, "n heads dof"] | None:
        return None if self.network is None else self.network.propose(self.network.spec.inputs_of(rows))


def _reshaped(found: Solutions, batch: tuple[int, ...], dof: int) -> Solutions:
    if len(batch) == 1:
        return found
    names = list(Solutions.__dataclass_fields__)[1:]
    if batch == ():
        return found[0]
    return Solutions(found.q.reshape(*batch, dof), *(getattr(found, name).reshape(batch) for name in names))


def _part(rows: np.ndarray | None, part: slice) -> np.ndarray | None:
    return rows if rows is None or len(rows) == 1 else rows[part]


def _require_fitting(network: CompiledNetwork, arm: Arm) -> None:
    """Refuse a network whose answers are not for this arm's targets."""
    own = None if network.spec.arm is None else Arm.from_dict(network.spec.arm)
    if own is None or dataclasses.replace(arm, task=own.task).fingerprint != own.fingerprint:
        raise RunError(f"the network was made for arm {own.name if own else None!r}, not for {arm.name!r}")
    held = None if network.spec.encoding is None else arm_as_encoded(own, encoding_named(network.spec.encoding)).task
    if held != arm.task:
        raise RunError(f"the network takes targets of task {held!r}, but the arm has task {arm.task!r}")


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
