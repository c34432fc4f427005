"""Solving files of targets that may be larger than memory: a block is read, solved and written, then the next."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from kinverse.errors import ConfigError
from kinverse.ik.kernels.packing import GOOD
from kinverse.ik.solutions import Solutions
from kinverse.ik.solver import Solver
from kinverse.ik.tables import Block, TableWriter, read_blocks
from kinverse.ik.targets import fault_text, pack_targets

SOLVED, CLOSEST = "solved", "closest"
Progress = Callable[[float], None]
"""Called with the share that is done."""


@dataclass(frozen=True)
class FileSummary:
    """What became of a file of targets.

    Attributes:
        out: the file of answers.
        targets: rows read.
        solved: targets that were reached.
        missed: targets that were not: the closest joint positions stand there.
        invalid: rows that are no target; they are in the file too, and say why.
        rows: rows written.
        jumps: of a path.
        seconds: for reading, solving and writing.
    """

    out: Path
    targets: int
    solved: int
    missed: int
    invalid: int
    rows: int
    jumps: int
    seconds: float


def solve_file(
    solver: Solver,
    source: Path,
    out: Path,
    *,
    start: Float[np.ndarray, " dof"] | None = None,
    nearest_to: Float[np.ndarray, " dof"] | None = None,
    every: int | None = None,
    track: bool = False,
    progress: Progress = lambda share: None,
) -> FileSummary:
    """Solve every row of a file.

    Args:
        solver: of the arm.
        source: .csv, .npy or .parquet (see `kinverse.ik.tables.FORMS` for the columns).
        out: .csv, .npy or .parquet; appears when it is complete.
        start: where the first attempt at every target begins, or where the arm is before a path.
        nearest_to: choose the solution closest to this posture.
        every: write up to so many solutions of each target, a row for each, with the target's number beside it.
        track: the rows are a path, which is held in memory.
        progress: called after every block.

    Returns:
        The counts.

    Raises:
        DataError: a file cannot be read or written.
        ConfigError: settings that contradict each other.
        TargetError: a start outside the limits.
    """
    if sum((every is not None, track, nearest_to is not None)) > 1:
        raise ConfigError("all solutions, a track, and the solution nearest to a posture are three things: choose one")
    if every is not None and start is not None:
        raise ConfigError("all solutions of a target do not depend on a start: leave it out")
    if out.resolve() == source.resolve():
        raise ConfigError(f"{out}: is the file of targets; give another name for the answers")
    began = time.monotonic()
    blocks = read_blocks(source, solver.goal)
    scribe = _Scribe(solver, start, nearest_to, every)
    names = [*solver.arm.joint_names, "converged", "position_error_m", "rotation_error_rad", "iterations"]
    first = ["target"] if every is not None else []
    with TableWriter(out, [*first, *names, *(["jump"] if track else []), "status"]) as writer:
        if track:
            whole = [block.targets for block in blocks]
            targets = np.concatenate(whole) if whole else np.empty((0, *solver.goal.target_shape))
            writer.write(scribe.path(targets))
            progress(1.0)
        else:
            for block in blocks:
                writer.write(scribe.block(block))
                progress(block.progress)
            if writer.rows == 0:
                writer.write(scribe.block(Block(np.empty((0, *solver.goal.target_shape)), 1.0)))
    seconds = time.monotonic() - began
    return FileSummary(
        out, scribe.targets, scribe.solved, scribe.targets - scribe.solved - scribe.invalid, scribe.invalid,
        writer.rows, scribe.jumps, round(seconds, 3),
    )  # fmt: skip


class _Scribe:
    """Turns targets into columns, and counts."""

    def __init__(
        self,
        solver: Solver,
        start: Float[np.ndarray, " dof"] | None,
        nearest_to: Float[np.ndarray, " dof"] | None,
        every: int | None,
    ) -> None:
        self._solver, self._start, self._nearest_to, self._every = solver, start, nearest_to, every
        self.targets = self.solved = self.invalid = self.jumps = 0

    def block(self, block: Block) -> list[np.ndarray]:
        """Columns for a block of targets."""
        good, status = self._checked(block.targets)
        if self._every is not None:
            return self._all(block.targets, good, status)
        found = self._solver.solve(block.targets[good], self._start, self._nearest_to)
        return self._columns(found, good, status)

    def path(self, targets: Float[np.ndarray, "n ..."]) -> list[np.ndarray]:
        """Columns for a path; rows that are no target are stepped over."""
        good, status = self._checked(targets)
        track = self._solver.track(targets[good], self._start)
        self.jumps = len(track.jumps)
        *columns, words = self._columns(track.solutions, good, status)
        jump = np.zeros(len(targets), np.int64)
        jump[np.flatnonzero(good)[track.jumps]] = 1
        return [*columns, jump, words]

    def _checked(self, targets: Float[np.ndarray, "n ..."]) -> tuple[np.ndarray, np.ndarray]:
        """Which rows are targets, and what is wrong with the others in words."""
        _, faults, deviations = pack_targets(self._solver.goal, targets)
        status = np.full(len(targets), SOLVED, dtype=object)
        good = np.ones(len(targets), bool) if faults is None else faults == GOOD
        for row in np.flatnonzero(~good):
            status[row] = f"invalid: {fault_text(int(faults[row]), float(deviations[row]))}"  # type: ignore[index]
        self.targets += len(targets)
        self.invalid += int((~good).sum())
        return good, status

    def _columns(self, found: Solutions, good: np.ndarray, status: np.ndarray) -> list[np.ndarray]:
        count, dof = len(good), self._solver.arm.dof
        numbers = np.full((count, dof + 4), np.nan)
        numbers[good, :dof] = found.q
        numbers[:, dof] = 0.0
        numbers[:, dof + 3] = 0.0
        for column, name in enumerate(("converged", "position_error", "rotation_error", "iterations")):
            numbers[good, dof + column] = getattr(found, name)
        status[np.flatnonzero(good)[~found.converged]] = CLOSEST
        self.solved += int(found.converged.sum())
        columns = list(numbers.T)
        columns[dof], columns[dof + 3] = (columns[i].astype(np.int64) for i in (dof, dof + 3))
        return [*columns, status.astype(str)]

    def _all(self, targets: np.ndarray, good: np.ndarray, status: np.ndarray) -> list[np.ndarray]:
        """A row for every solution; a target without one keeps its row, with the closest joint positions."""
        first = self.targets - len(targets)
        numbers, parts, words = [], [], []
        for row in range(len(targets)):
            alone = slice(row, row + 1)
            solutions = self._solver.solve(targets[alone][good[alone]])
            if good[row] and (branches := self._solver.all_solutions(targets[row], self._every or 1)):
                solutions = branches.solutions
            count = max(len(solutions.q), 1)
            numbers.append(np.full(count, first + row))
            solved = self.solved
            *columns, word = self._columns(solutions, np.repeat(good[alone], count), np.repeat(status[alone], count))
            self.solved = solved + bool(solutions.converged.any())
            parts.append(columns)
            words.append(word)
        if not parts:
            return [np.empty(0, np.int64), *self._columns(self._solver.solve(targets), good, status)]
        joined = [np.concatenate([part[i] for part in parts]) for i in range(len(parts[0]))]
        return [np.concatenate(numbers), *joined, np.concatenate(words)]
