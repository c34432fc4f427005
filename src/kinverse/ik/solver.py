"""`Solver`: exact inverse kinematics for one arm."""

from __future__ import annotations

import dataclasses
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, NamedTuple, Unpack

import numpy as np
from jaxtyping import Float

from kinverse.arguments import as_floats, as_path, as_whole, require_instance
from kinverse.errors import RunError, ShapeError, require_choice, require_known
from kinverse.ik.branches import Branches, find_branches, nearest_branch
from kinverse.ik.config import SolverConfig, SolverOptions
from kinverse.ik.goal import Goal
from kinverse.ik.search import Search
from kinverse.ik.seed_networks import shipped_network
from kinverse.ik.solutions import Solutions
from kinverse.ik.targets import joint_rows, pack_targets, reject_invalid, target_rows
from kinverse.ik.track import Track, follow_path
from kinverse.network.compiled import CompiledNetwork
from kinverse.options import shows_options
from kinverse.robot.arm import Arm
from kinverse.robot.catalog import load_arm
from kinverse.robot.encodings import encoding_named

MAX_CHUNK = 2048
"""Targets in one kernel call, at most; this bounds the working memory of a thread."""
MIN_CHUNK = 256
"""Targets in one kernel call, at least, if there are several calls."""
MODEL = "model.safetensors"


class Solver:
    """Solves the inverse kinematics of an arm exactly, inside its joint limits.

    Initial guesses come from a seed network if there is one (some catalog arms have their own), else from stored
    samples. A compiled Levenberg–Marquardt search refines them, and plain forward kinematics verify each result. A
    solver is made in a millisecond, and several threads may use it at once.

    Attributes:
        arm: the arm.
        goal: the part of a target to reach; it defines the shape of targets.
        network: the seed network, or None.
        config: attempts and threads.
        threads: number of threads for a batch.

    Example:
        >>> solver = kv.Solver("panda")
        >>> found = solver.solve(solver.arm.forward_kinematics(solver.arm.sample(1000)))
        >>> bool(found.converged.all())
        True
    """

    @shows_options(SolverOptions, vars(SolverConfig()))
    def __init__(
        self,
        arm: Arm | str | Path,
        goal: Goal | None = None,
        *,
        network: CompiledNetwork | Literal["catalog", "shipped"] | None = "catalog",
        config: SolverConfig | None = None,
        **options: Unpack[SolverOptions],
    ) -> None:
        """Prepare a solver.

        Args:
            arm: an arm, or a name or path for `load_arm`.
            goal: the part of a target to reach, and the tolerances; default: `Goal.default(arm)`, which is x and y for
                a planar arm and the pose for any other.
            network: the seed network. "catalog" (default): the network that comes with kinverse for this arm, if
                it was measured to be faster than stored samples; "shipped": the same, faster or not; None: stored
                samples only.
            config: attempts and threads; default: `SolverConfig()`.
            options: fields of `SolverConfig` that override `config`, such as `threads=1`.

        Raises:
            KinverseError: the arm or an option is unknown, an option is out of range, or the network does not fit
                the arm and the goal.
        """
        require_known("solver option", options, SolverConfig.__dataclass_fields__)
        self.arm = arm if isinstance(arm, Arm) else load_arm(arm)
        config = SolverConfig() if config is None else require_instance(config, SolverConfig, "config")
        self.config = dataclasses.replace(config, **options)
        self.goal = Goal.default(self.arm) if goal is None else require_instance(goal, Goal, "goal")
        self.threads = self.config.threads or _cores()
        self.search = Search.of(self.arm, self.goal, self.config.attempts)
        if isinstance(network, str):
            require_choice("network", network, ("catalog", "shipped"))
            even_if_slower = network == "shipped"
            network = shipped_network(self.arm, even_if_slower) if self.goal.has_rotation else None
        self.network = None if network is None else require_instance(network, CompiledNetwork, "network", "'catalog'")
        if self.network is not None:
            _require_fitting(self.network, self.arm, self.goal)

    @classmethod
    def load(
        cls,
        run: Any,
        arm: Arm | str | None = None,
        goal: Goal | None = None,
        *,
        config: SolverConfig | None = None,
        **options: Unpack[SolverOptions],
    ) -> Solver:
        """A solver whose seeds come from a trained network; torch is not needed.

        Args:
            run: a trained model, its folder, or a model file.
            arm: the arm that the network must have been trained for; default: not checked.
            goal: the part of a target to reach; default: the position or pose in the network's features.
            config: as for `Solver`.
            options: as for `Solver`.

        Raises:
            RunError: the model is missing or damaged, not about an arm's poses, or trained for another arm.
        """
        path = as_path(getattr(run, "folder", run), "run", RunError)
        network = CompiledNetwork.load(path / MODEL if path.is_dir() or not path.suffix else path)
        spec = network.spec
        if spec.arm is None or spec.encoding is None:
            raise RunError(f"{path}: not about an arm's poses, so there is nothing to solve")
        own = spec.arm
        if arm is not None:
            arm = arm if isinstance(arm, Arm) else load_arm(arm)
            if arm.fingerprint != own.fingerprint:
                raise RunError(
                    f"{path}: made for arm {own.name!r} ({own.fingerprint}), not for {arm.name!r} ({arm.fingerprint})"
                )
        if network.dof != own.dof:  # the names may differ: ARKOMA numbers its joints
            raise RunError(f"{path}: its outputs are not the joints of arm {own.name!r}")
        goal = Goal.encoded_by(encoding_named(spec.encoding)) if goal is None else goal
        return cls(own, goal, network=network, config=config, **options)

    def __repr__(self) -> str:
        goal = self.goal
        seeds = "stored samples" if self.network is None else f"a network with {self.network.heads} heads"
        tolerance = f"{goal.position_tolerance:g} m" + f" and {goal.rotation_tolerance:g} rad" * goal.has_rotation
        return f"Solver({self.arm.name!r}, {self.arm.dof} joints, {goal.kind} goal, seeds from {seeds}, to {tolerance})"

    def solve(
        self,
        targets: Float[np.ndarray, ...],
        start: Float[np.ndarray, ...] | None = None,
        nearest_to: Float[np.ndarray, ...] | None = None,
        *,
        predictions: Float[np.ndarray, "*batch heads dof"] | None = None,
    ) -> Solutions:
        """Joint positions for one target or many.

        A solution has the same bits whatever else is in the batch, and with any number of threads.

        Args:
            targets: of the goal's shape: (..., 2), (..., 3) [m] or (..., 4, 4) poses T_base_target. A rotation that
                is orthonormal to 5e-3 is re-orthonormalised.
            start: (dof,) or one row for each target, inside the limits (up to 1e-5, with a warning): seed of the first
                attempt; the solution stays near it if possible.
            nearest_to: (dof,) or one row for each target: return the solution closest to this posture, out of those
                found; 30–45× slower.
            predictions: the result of `predict` for these targets, if known; default: computed here.

        Returns:
            Solutions with the batch axes of the targets. If `converged` is False, `q` holds the closest joint positions
            found.

        Raises:
            ShapeError: targets or joints of the wrong shape.
            TargetError: an invalid target, or joints outside the limits; the row is named.
        """
        rows, batch = target_rows(self.goal, targets)
        count = len(rows)
        starts = None if start is None else joint_rows(self.arm, start, count, "start")
        posture = None if nearest_to is None else joint_rows(self.arm, nearest_to, count, "nearest_to")
        if predictions is not None:
            predictions = as_floats(predictions, "predictions")
            if self.network is None or predictions.shape != (*batch, self.network.heads, self.arm.dof):
                raise ShapeError("predictions must be the result of `predict` for the same targets")
            predictions = predictions.reshape(count, -1, self.arm.dof)
        return _reshaped(self._solve(_Work(rows, starts, posture, predictions)), batch, self.arm.dof)

    def solve_packed(
        self,
        rows: Float[np.ndarray, "n ..."],
        packed: Float[np.ndarray, "n 12"],
        start: Float[np.ndarray, ...] | None = None,
        nearest_to: Float[np.ndarray, ...] | None = None,
    ) -> Solutions:
        """`solve` for rows that `kinverse.ik.targets.pack_targets` has checked and packed already.

        Args:
            rows: (n, ...) valid targets.
            packed: (n, 12) the same, packed.
            start: as for `solve`.
            nearest_to: as for `solve`.
        """
        starts = None if start is None else joint_rows(self.arm, start, len(rows), "start")
        posture = None if nearest_to is None else joint_rows(self.arm, nearest_to, len(rows), "nearest_to")
        return self._solve(_Work(rows, starts, posture, packed=packed))

    def predict(self, targets: Float[np.ndarray, ...]) -> Float[np.ndarray, "*batch heads dof"] | None:
        """The seed network's joint positions for one target or many; None without a network.

        Args:
            targets: as for `solve`.

        Returns:
            (..., heads, dof) joint positions [rad or m], not yet solved.

        Raises:
            ShapeError: targets of the wrong shape.
        """
        rows, batch = target_rows(self.goal, targets)
        found = self._predictions(rows)
        return None if found is None else found.reshape(*batch, *found.shape[1:])

    def all_solutions(self, targets: Float[np.ndarray, ...], limit: int = 16) -> Branches:
        """The different joint positions that reach a target, or each of many.

        An arm with as many joints as the target has coordinates has finitely many: its branches. At some singular poses
        it has whole families too, and an arm with more joints has them at every pose; then the solutions are samples of
        these, evenly spread (`Branches.dimension`).

        Args:
            targets: one target of the goal's shape, or (n, ...) of them.
            limit: largest number of solutions of a target; every family keeps at least one.

        Returns:
            The solutions, for each target the isolated ones first, nearest to zero first; empty if none was found.

        Raises:
            ShapeError: targets of the wrong shape, or with several batch axes.
            TargetError: an invalid target; the row is named.
            ConfigError: limit is not a positive whole number.

        Example:
            >>> solver = kv.Solver("ur5")
            >>> len(solver.all_solutions(solver.arm.forward_kinematics([0.3, -1.2, 1.4, -0.5, 0.8, 0.7])))
            8
        """
        rows, batch = target_rows(self.goal, targets)
        if len(batch) > 1:
            raise ShapeError(f"all_solutions takes one target or a row of them, got a batch of shape {batch}")
        limit = as_whole(limit, "limit", 1)
        packed, predictions = self._packed(rows, 0), self._predictions(rows)

        def branches_of(row: int) -> Branches:
            own = None if predictions is None else predictions[row : row + 1]
            return find_branches(self.search, packed[row], own, limit)

        if batch == ():
            return branches_of(0)
        with ThreadPoolExecutor(self.threads) as pool:
            parts = list(pool.map(branches_of, range(len(rows))))
        return Branches.of_many(parts, self.search.solve(packed[:0]))

    def track(self, path: Float[np.ndarray, ...], start: Float[np.ndarray, " dof"] | None = None) -> Track:
        """Follow a path of targets with as little joint motion as possible.

        Args:
            path: (n, ...) targets of the goal's shape, in order.
            start: (dof,) current joint positions; default: those from which the path is followed best.

        Returns:
            Solutions for every point, and where the arm had to jump because no continuous motion was found.

        Raises:
            ShapeError: the path is not (n, ...) targets.
            TargetError: an invalid target, or a start outside the limits; the row is named.
        """
        rows, batch = target_rows(self.goal, path)
        if len(batch) != 1:
            got = f"targets in a batch of shape {batch}" if batch else "a single target"
            raise ShapeError(f"a path must be (n, …) targets in order; got {got}")
        begin = None if start is None else joint_rows(self.arm, start, 1, "start")[0]
        return follow_path(self.search, self._packed(rows, 0), begin, self._predictions(rows[:1]))

    def _solve(self, work: _Work) -> Solutions:
        """Solve in chunks on all threads."""
        count, dof = len(work.rows), self.arm.dof
        if count <= MIN_CHUNK:
            return self._solve_chunk(work)
        # Four chunks for each thread, so that none waits long for the last one.
        size = MAX_CHUNK if self.threads == 1 else min(MAX_CHUNK, max(MIN_CHUNK, -(-count // (4 * self.threads))))
        found = Solutions(
            np.empty((count, dof)), np.empty(count, np.bool_), np.empty(count), np.empty(count),
            np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.bool_),
        )  # fmt: skip

        def solve_from(first: int) -> None:
            part = slice(first, first + size)
            chunk = self._solve_chunk(work.part(part))
            for name in Solutions.__dataclass_fields__:
                getattr(found, name)[part] = getattr(chunk, name)

        firsts = range(0, count, size)
        if self.threads == 1:
            for first in firsts:
                solve_from(first)
        else:
            pool = ThreadPoolExecutor(self.threads)
            try:
                for _ in pool.map(solve_from, firsts):  # in order, so that the first bad row is the one that is named
                    pass
            finally:
                pool.shutdown(cancel_futures=True)  # do not wait for the rest after an error or Ctrl-C
        return found

    def _solve_chunk(self, work: _Work) -> Solutions:
        packed = self._packed(work.rows, work.first) if work.packed is None else work.packed
        predictions = self._predictions(work.rows) if work.predictions is None else work.predictions
        if work.posture is not None:
            return nearest_branch(self.search, packed, predictions, work.posture)
        if work.starts is None:
            return self.search.solve(packed, None, predictions)
        seeds = np.ascontiguousarray(np.broadcast_to(work.starts, (len(packed), self.arm.dof)))[:, None]
        return self.search.solve(packed, seeds, predictions, references=work.starts)

    def _packed(self, rows: Float[np.ndarray, "n ..."], first: int) -> Float[np.ndarray, "n 12"]:
        packed, faults, deviations = pack_targets(self.goal, rows)
        if faults is not None:
            reject_invalid(faults, deviations, first)
        return packed

    def _predictions(self, rows: Float[np.ndarray, "n ..."]) -> Float[np.ndarray, "n heads dof"] | None:
        return None if self.network is None else self.network.predict(self.network.spec.inputs_of(rows))


def _reshaped(found: Solutions, batch: tuple[int, ...], dof: int) -> Solutions:
    if len(batch) == 1:
        return found
    if batch == ():
        return found[0]
    names = list(Solutions.__dataclass_fields__)[1:]
    return Solutions(found.q.reshape(*batch, dof), *(getattr(found, name).reshape(batch) for name in names))


def _require_fitting(network: CompiledNetwork, arm: Arm, goal: Goal) -> None:
    """Raise RunError for a network of another arm or with other targets."""
    own, encoding = network.spec.arm, network.spec.encoding
    if own is None or own.fingerprint != arm.fingerprint:
        raise RunError(f"the network was made for arm {own.name if own else None!r}, not for {arm.name!r}")
    takes = None if encoding is None else Goal.encoded_by(encoding_named(encoding))
    if takes is None or takes.target_shape != goal.target_shape:
        shape = None if takes is None else takes.target_shape
        raise RunError(f"the network takes targets of shape {shape}, but a {goal.kind} goal has {goal.target_shape}")


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Work(NamedTuple):
    """Targets and the optional inputs of `solve`; `first` is the number of the first row, for errors."""

    rows: Float[np.ndarray, "n ..."]
    starts: Float[np.ndarray, "m dof"] | None
    posture: Float[np.ndarray, "k dof"] | None
    predictions: Float[np.ndarray, "n heads dof"] | None = None
    packed: Float[np.ndarray, "n 12"] | None = None
    first: int = 0

    def part(self, rows: slice) -> _Work:
        """A slice of the rows; a start or posture for all rows is kept whole."""

        def cut(values: np.ndarray | None) -> np.ndarray | None:
            return values if values is None or len(values) < len(self.rows) else values[rows]

        parts = (cut(self.starts), cut(self.posture), cut(self.predictions), cut(self.packed))
        return _Work(self.rows[rows], *parts, rows.start)
