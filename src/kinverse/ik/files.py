"""Solving files of targets, block by block: they may be larger than memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float

from kinverse.columns import SUFFIXES, Block, TableWriter, column_names, read_array_blocks, read_blocks
from kinverse.errors import ConfigError, DataError
from kinverse.ik.goal import Goal
from kinverse.ik.kernels.packing import GOOD
from kinverse.ik.solutions import SOLVED, Solutions
from kinverse.ik.solver import Solver
from kinverse.ik.targets import fault_text, pack_targets
from kinverse.robot.encodings import ARKOMA, MATRIX, POSE, QUATERNION, XY, XYZ, Encoding
from kinverse.text import is_number, one_line

POSES = (
    POSE,
    QUATERNION,
    replace(QUATERNION, names=("x", "y", "z", "qx", "qy", "qz", "qw")),
    replace(QUATERNION, names=tuple(f"position_{a}" for a in "xyz") + tuple(f"orientation_{a}" for a in "xyzw")),
    replace(POSE, names=("px", "py", "pz", "roll", "pitch", "yaw"), rotation="rpy"),
    replace(POSE, names=("x", "y", "z", "roll", "pitch", "yaw"), rotation="rpy"),
    MATRIX,
    ARKOMA,
)
TARGET_COLUMNS: dict[str, tuple[Encoding, ...]] = {
    "planar": (XY,),
    "position": (XYZ, replace(XYZ, names=POSE.names[:3])),
    "pose": POSES,
    "axis": POSES,
}
"""The columns that a file of targets may have, by kind of goal."""
MAX_MISSES = 100_000
NEAR_POSITION, NEAR_ROTATION = 1e-3, np.deg2rad(1.0)
"""Errors [m, rad] of targets that were rounded or measured, not out of reach."""
Progress = Callable[[float], None]
"""Called with the share of the file that is done."""


@dataclass(frozen=True)
class FileSummary:
    """Counts of a solved file of targets.

    Attributes:
        out: the output file.
        targets: rows read.
        solved: targets reached.
        missed: targets not solved; their rows hold the closest joint positions.
        unreachable: those of them that are proven to be out of reach.
        invalid: invalid targets; their rows hold the reason.
        rows: rows written.
        jumps: jumps along a path.
        seconds: time for reading, solving and writing.
        misses: how far the targets that are not solved were missed; None if all were solved.
    """

    out: Path
    targets: int
    solved: int
    missed: int
    unreachable: int
    invalid: int
    rows: int
    jumps: int
    seconds: float
    misses: Misses | None = None


@dataclass(frozen=True)
class Misses:
    """How far targets were missed: median and largest error, over the first `MAX_MISSES` of them.

    Attributes:
        position_m: median and largest position error [m].
        rotation_rad: median and largest rotation error [rad].
        near: how many are missed by at most `NEAR_POSITION` and `NEAR_ROTATION`, as rounded or measured poses are.
        near_position_m: largest position error of these [m].
        near_rotation_rad: largest rotation error of these [rad].
        far: how many lie farther from the base than ten times the reach of the arm: their unit may be wrong.
    """

    position_m: tuple[float, float]
    rotation_rad: tuple[float, float]
    near: int
    near_position_m: float
    near_rotation_rad: float
    far: int


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
        solver: the solver.
        source: .csv, .npy or .parquet (see `TARGET_COLUMNS`).
        out: .csv, .npy or .parquet; appears when it is complete.
        start: seed of the first attempt at every target, or joint positions before a path.
        nearest_to: choose the solution closest to this posture.
        every: write up to this many solutions of each target, one per row, with the number of the target.
        track: treat the rows as a path; it is held in memory.
        progress: called after every block.

    Returns:
        The counts.

    Raises:
        DataError: a file cannot be read or written.
        ConfigError: settings contradict each other.
        TargetError: the start is outside the limits.
    """
    if sum((every is not None, track, nearest_to is not None)) > 1:
        raise ConfigError("choose one: all solutions, a track, or the solution nearest to a posture")
    if every is not None and start is not None:
        raise ConfigError("all solutions of a target do not depend on a start: omit it")
    if out.resolve() == source.resolve():
        raise ConfigError(f"{out}: is the file of targets; choose another output file")
    began = time.monotonic()
    blocks = read_targets(source, solver.goal)
    names = [*solver.arm.joint_names, "converged", "position_error_m", "rotation_error_rad", "iterations"]
    first = ["target"] if every is not None else []
    rows = _Rows(solver, start, nearest_to, every)
    with TableWriter(out, [*first, *names, *(["jump"] if track else []), "status"]) as writer:
        if track:
            whole = [block.values for block in blocks]
            targets = np.concatenate(whole) if whole else np.empty((0, *solver.goal.target_shape))
            writer.write(rows.of_path(targets))
            progress(1.0)
        else:
            for block in blocks:
                writer.write(rows.of_block(block.values))
                progress(block.progress)
            if writer.rows == 0:
                writer.write(rows.of_block(np.empty((0, *solver.goal.target_shape))))
    seconds = time.monotonic() - began
    return FileSummary(
        out, rows.targets, rows.solved, rows.targets - rows.solved - rows.invalid, rows.unreachable, rows.invalid,
        writer.rows, rows.jumps, round(seconds, 3), rows.misses(),
    )  # fmt: skip


def read_targets(path: Path, goal: Goal) -> Iterator[Block]:
    """The targets in a file, block by block, with NaN for cells without a number.

    Args:
        path: .npy with (n, ...) targets; .csv or .parquet with the columns of one of `TARGET_COLUMNS`.
        goal: the goal; it defines the shape of a target.

    Raises:
        DataError: the file is missing, has another format, or lacks the columns.
        MissingExtraError: pyarrow is not installed.
    """
    if path.suffix not in SUFFIXES:
        raise DataError(f"{path}: targets come from {', '.join(SUFFIXES)}")
    if path.suffix == ".npy":
        return read_array_blocks(path, goal.target_shape)
    encoding = _encoding_of(column_names(path), goal, path)
    blocks = read_blocks(path, encoding.names)
    return (Block(goal.targets(encoding.decode(block.values)), block.progress) for block in blocks)


def _encoding_of(columns: list[str], goal: Goal, path: Path) -> Encoding:
    """The encoding whose columns a table has; further columns are ignored."""
    encodings = TARGET_COLUMNS[goal.kind]
    for encoding in encodings:
        if set(encoding.names) <= set(columns):
            return encoding
    if columns and all(map(is_number, columns)):
        raise DataError(
            f"{path}: line 1 holds numbers, not column names; put {','.join(encodings[0].names)} above them"
        )
    wanted = " or ".join(
        f"{','.join(encoding.names if len(encoding.names) < 12 else ('m00', '…', 'm23'))} [{encoding.units_text}]"
        for encoding in dict.fromkeys(encodings)
        if encoding.names[0] not in ("position_x", "x") or not goal.has_rotation
    )
    shown = one_line(",".join(columns[:16]) + (",…" if len(columns) > 16 else ""))
    raise DataError(f"{path}: no targets of a {goal.kind} goal in columns {shown}; expected {wanted}")


class _Rows:
    """Solves targets, makes the output columns, and counts."""

    def __init__(
        self,
        solver: Solver,
        start: Float[np.ndarray, " dof"] | None,
        nearest_to: Float[np.ndarray, " dof"] | None,
        every: int | None,
    ) -> None:
        self._solver, self._start, self._nearest_to, self._every = solver, start, nearest_to, every
        self.targets = self.solved = self.unreachable = self.invalid = self.jumps = 0
        self._missed: list[Solutions] = []
        self._collected = 0

    def of_block(self, targets: Float[np.ndarray, "n ..."]) -> list[np.ndarray]:
        """Columns for a block of targets."""
        packed, good, status = self._checked(targets)
        if self._every is not None:
            return self._all(targets, packed, good, status)
        found = self._solver.solve_packed(targets[good], packed[good], self._start, self._nearest_to)
        return self._columns(found, good, status)

    def of_path(self, targets: Float[np.ndarray, "n ..."]) -> list[np.ndarray]:
        """Columns for a path; invalid targets are skipped."""
        _, good, status = self._checked(targets)
        track = self._solver.track(targets[good], self._start)
        self.jumps = len(track.jumps)
        *columns, words = self._columns(track.solutions, good, status)
        jump = np.zeros(len(targets), np.int64)
        jump[np.flatnonzero(good)[track.jumps]] = 1
        return [*columns, jump, words]

    def misses(self) -> Misses | None:
        """How far targets were missed."""
        if self._collected == 0:
            return None
        position = np.concatenate([np.ravel(part.position_error) for part in self._missed])
        rotation = np.concatenate([np.ravel(part.rotation_error) for part in self._missed])
        near = (position <= NEAR_POSITION) & (rotation <= NEAR_ROTATION)
        return Misses(
            (float(np.median(position)), float(position.max())),
            (float(np.median(rotation)), float(rotation.max())),
            int(near.sum()),
            float(position[near].max(initial=0.0)),
            float(rotation[near].max(initial=0.0)),
            int((position > 10.0 * np.sqrt(self._solver.search.objective.shell[7])).sum()),
        )

    def _checked(self, targets: Float[np.ndarray, "n ..."]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The targets packed, which of them are valid, and the status of each."""
        packed, faults, deviations = pack_targets(self._solver.goal, targets)
        status = np.full(len(targets), SOLVED, dtype=object)
        good = np.ones(len(targets), bool) if faults is None else faults == GOOD
        for row in np.flatnonzero(~good):
            status[row] = f"invalid: {fault_text(int(faults[row]), float(deviations[row]))}"  # type: ignore[index]
        self.targets += len(targets)
        self.invalid += int((~good).sum())
        return packed, good, status

    def _columns(self, found: Solutions, good: np.ndarray, status: np.ndarray) -> list[np.ndarray]:
        count, dof = len(good), self._solver.arm.dof
        numbers = np.full((count, dof + 4), np.nan)
        numbers[good, :dof] = found.q
        numbers[:, dof] = 0.0
        numbers[:, dof + 3] = 0.0
        for column, name in enumerate(("converged", "position_error", "rotation_error", "iterations")):
            numbers[good, dof + column] = getattr(found, name)
        status[np.flatnonzero(good)] = found.status
        self.solved += int(found.converged.sum())
        missed = found[~found.converged]
        self.unreachable += int(missed.unreachable.sum())
        if self._collected < MAX_MISSES:
            self._missed.append(missed)
            self._collected += len(missed.q)
        columns = list(numbers.T)
        columns[dof], columns[dof + 3] = (columns[i].astype(np.int64) for i in (dof, dof + 3))
        return [*columns, status.astype(str)]

    def _all(self, targets: np.ndarray, packed: np.ndarray, good: np.ndarray, status: np.ndarray) -> list[np.ndarray]:
        """A row for every solution; a target without one keeps its row, with the closest joint positions."""
        first = self.targets - len(targets)
        numbers, parts, words = [], [], []
        for row in range(len(targets)):
            alone = slice(row, row + 1)
            branches = self._solver.all_solutions(targets[row], self._every or 1) if good[row] else None
            valid = good[alone]
            solutions = (
                branches.solutions
                if branches
                else self._solver.solve_packed(targets[alone][valid], packed[alone][valid])
            )
            count = max(len(solutions.q), 1)
            numbers.append(np.full(count, first + row))
            solved = self.solved
            *columns, word = self._columns(solutions, np.repeat(valid, count), np.repeat(status[alone], count))
            self.solved = solved + bool(solutions.converged.any())
            parts.append(columns)
            words.append(word)
        if not parts:
            return [np.empty(0, np.int64), *self._columns(self._solver.solve(targets), good, status)]
        joined = [np.concatenate([part[i] for part in parts]) for i in range(len(parts[0]))]
        return [np.concatenate(numbers), *joined, np.concatenate(words)]
