"""Where attempts start when nobody proposes anything better: samples spread over the joints, nearest tool first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from kinverse.robot.arm import Arm
from kinverse.solve.lanes import WIDTH, load, select, splat, store
from kinverse.solve.problem import Goal
from kinverse.solve.residual import compiled, lay_out, tool_errors, walk

STORED = 256
"""Samples kept by a solver: 150 bytes and 0.7 ns of a search each."""
_FEATURES = 13
"""Rows of a stored sample: half the squared norm of the twelve numbers of its pose, and these."""


@dataclass(frozen=True, eq=False)
class SeedTable:
    """Joint positions with the poses they reach.

    Attributes:
        q: (s, dof) joint positions inside the limits [rad or m].
        features: (13 · s / WIDTH, WIDTH) their poses as `nearest_samples` reads them.
        weights: (12,) what each number of a pose counts.
    """

    q: Float[np.ndarray, "s dof"]
    features: Float[np.ndarray, "rows lanes"]
    weights: Float[np.ndarray, " 12"]

    @classmethod
    def of(cls, arm: Arm, goal: Goal, count: int = STORED) -> SeedTable:
        """A table of so many samples, rounded up to a whole number of lanes."""
        count = -(-count // WIDTH) * WIDTH
        q = spread(arm, count)
        weights = feature_weights(goal)
        poses = pack(arm.pose(q)) * weights
        rows = np.vstack([0.5 * (poses**2).sum(axis=1), poses.T])  # (13, s)
        features = rows.reshape(_FEATURES, count // WIDTH, WIDTH).swapaxes(0, 1).reshape(-1, WIDTH)
        return cls(q, np.ascontiguousarray(features), weights)


def spread(arm: Arm, count: int, skip: int = 0) -> Float[np.ndarray, "count dof"]:
    """Joint positions spread evenly over the limits: the additive recurrence with the generalised golden ratio.

    Source: M. Roberts, "The unreasonable effectiveness of quasirandom sequences" (2018); for one joint it is the golden
    ratio's sequence.

    Args:
        arm: joints without limits are spread over what `Arm.sampling_limits` says.
        count: how many.
        skip: terms of the sequence to leave out first.
    """
    golden = 2.0
    for _ in range(60):
        golden = (1.0 + golden) ** (1.0 / (arm.dof + 1.0))
    steps = golden ** -np.arange(1.0, arm.dof + 1.0)
    share = (0.5 + np.arange(skip + 1, skip + count + 1)[:, None] * steps) % 1.0
    lower, upper = arm.sampling_limits
    return np.clip(lower + share * (upper - lower), lower, upper)


def pack(poses: Float[np.ndarray, "n 4 4"]) -> Float[np.ndarray, "n 12"]:
    """Poses as the kernels read them: the position, then the x, y and z axis."""
    return np.concatenate([poses[:, :3, 3], poses[:, :3, 0], poses[:, :3, 1], poses[:, :3, 2]], axis=1)


def feature_weights(goal: Goal) -> Float[np.ndarray, " 12"]:
    """Weights that make the squared distance of two poses what a search minimises, for small angles.

    Three axes of a frame move by 2 angle² together, one axis by angle².
    """
    weights = np.zeros(12)
    weights[: min(goal.rows, 3)] = goal.weights[: min(goal.rows, 3)]
    if goal.rows == 6 and goal.axis < 0:
        weights[3:] = goal.length / np.sqrt(2.0)
    elif goal.rows == 6:
        weights[3 + 3 * goal.axis : 6 + 3 * goal.axis] = goal.length
    return weights


@compiled
def _insert(scores, numbers, score, number, filled):  # type: ignore[no-untyped-def]
    """Put a score into a sorted list of `filled`."""
    place = filled
    while place > 0 and scores[place - 1] > score:
        scores[place], numbers[place] = scores[place - 1], numbers[place - 1]
        place -= 1
    scores[place], numbers[place] = score, number


@compiled
def nearest_samples(features, weights, target, work, numbers):  # type: ignore[no-untyped-def]
    """Numbers of `WIDTH` stored samples near a target, the nearest first: the best of every residue class.

    Compared is ½ |f|² − f · t, which orders as the squared distance does.

    Args:
        features: `SeedTable.features`.
        weights: (12,) `SeedTable.weights`.
        target: (12,) a packed pose.
        work: (2, WIDTH) room to work.
        numbers: (WIDTH,) output.
    """
    best, group_of_best = splat(np.inf), splat(0.0)
    for group in range(len(features) // _FEATURES):
        row = _FEATURES * group
        score = load(features, row)
        for i in range(12):
            score = score - load(features, row + 1 + i) * (weights[i] * target[i])
        nearer = score < best
        best = select(nearer, score, best)
        group_of_best = select(nearer, float(group), group_of_best)
    store(work, 0, best)
    store(work, 1, group_of_best)
    scores = np.empty(WIDTH)
    for lane in range(WIDTH):
        _insert(scores, numbers, work[0, lane], np.int64(work[1, lane]) * WIDTH + lane, lane)


@compiled
def rank_proposals(chain, goal, targets, proposals, seeds, first):  # type: ignore[no-untyped-def]
    """Sort the proposals for each target by what a search would minimise, the best first.

    Args:
        chain: the arm.
        goal: what counts.
        targets: (n, 12) packed poses.
        proposals: (n, heads, dof) joint positions inside the limits [rad or m].
        seeds: (n, k, dof) output, from attempt `first` on.
        first: where to begin.
    """
    count, heads, dof = proposals.shape
    rows = lay_out(dof, goal.rows)
    work = np.zeros((rows.end, WIDTH))
    scores, numbers = np.empty(heads), np.empty(heads, np.int64)
    for begin in range(0, count * heads, WIDTH):
        for lane in range(WIDTH):
            target, head = divmod(min(begin + lane, count * heads - 1), heads)
            for i in range(12):
                work[rows.target + i, lane] = targets[target, i]
            for joint in range(dof):
                work[rows.trial + joint, lane] = proposals[target, head, joint]
        position, rotation = tool_errors(work, rows, goal, walk(work, rows, chain), rows.residual)
        store(work, rows.cost, position + rotation * (goal.length * goal.length))
        for lane in range(min(WIDTH, count * heads - begin)):
            target, head = divmod(begin + lane, heads)
            _insert(scores, numbers, work[rows.cost, lane], head, head)
            if head == heads - 1:
                for place in range(heads):
                    for joint in range(dof):
                        seeds[target, first + place, joint] = proposals[target, numbers[place], joint]
