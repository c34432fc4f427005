"""The order of seeds: stored samples by distance from the target, predictions by the objective of the search."""

from __future__ import annotations

import numpy as np

from kinverse.ik.kernels.lanes import WIDTH, load, select, splat, store
from kinverse.ik.kernels.residual import aligned_workspace, compiled, lay_out, tool_errors, walk

FEATURES = 13
"""Rows of a stored sample: half the squared norm of the twelve numbers of its pose, and these."""


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
    """Indices of `WIDTH` stored samples near a target, nearest first: the best sample of each lane.

    The score is ½ |f|² − f · t, which has the same order as the squared distance.

    Args:
        features: `SeedTable.features`.
        weights: (12,) `SeedTable.weights`.
        target: (12,) a packed pose.
        work: (2, WIDTH) working memory.
        numbers: (WIDTH,) output.
    """
    best, group_of_best = splat(np.inf), splat(0.0)
    for group in range(len(features) // FEATURES):
        row = FEATURES * group
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
def rank_predictions(chain, goal, targets, predictions, seeds, first):  # type: ignore[no-untyped-def]
    """Sort the predictions for each target by the objective of the search, the best first.

    Args:
        chain: the arm.
        goal: the objective.
        targets: (n, 12) packed poses.
        predictions: (n, heads, dof) joint positions inside the limits [rad or m].
        seeds: (n, k, dof) output, from attempt `first` on.
        first: index of the first attempt to write.
    """
    count, heads, dof = predictions.shape
    rows = lay_out(dof, goal.rows)
    work = aligned_workspace(rows)
    scores, numbers = np.empty(heads), np.empty(heads, np.int64)
    for begin in range(0, count * heads, WIDTH):
        for lane in range(WIDTH):
            target, head = divmod(min(begin + lane, count * heads - 1), heads)
            for i in range(12):
                work[rows.target + i, lane] = targets[target, i]
            for joint in range(dof):
                work[rows.trial + joint, lane] = predictions[target, head, joint]
        _, _, cost = tool_errors(work, rows, goal, walk(work, rows, chain), rows.residual)
        store(work, rows.cost, cost)
        for lane in range(min(WIDTH, count * heads - begin)):
            target, head = divmod(begin + lane, heads)
            _insert(scores, numbers, work[rows.cost, lane], head, head)
            if head == heads - 1:
                for place in range(heads):
                    for joint in range(dof):
                        seeds[target, first + place, joint] = predictions[target, numbers[place], joint]
