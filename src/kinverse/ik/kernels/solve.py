"""The one compiled function behind the solver: rank the seeds, search, move closer to what was not reached, verify."""

from __future__ import annotations

import numpy as np

from kinverse.ik.kernels.descend import descend, workspace
from kinverse.ik.kernels.lanes import WIDTH
from kinverse.ik.kernels.multistart import Results, search
from kinverse.ik.kernels.ranking import nearest_samples, rank_predictions
from kinverse.ik.kernels.residual import compiled, compiled_entry_point
from kinverse.ik.kernels.shell import mark_unreachable
from kinverse.ik.kernels.verify import verify


@compiled
def _copy(source, destination):  # type: ignore[no-untyped-def]
    """Copy a row in a loop: assigning a slice takes seconds to compile."""
    for i in range(len(source)):
        destination[i] = source[i]


@compiled
def _seed(chain, goal, targets, starts, predictions, table, features, weights):  # type: ignore[no-untyped-def]
    """The seeds (n, k, dof): the start, then the predictions or the stored samples near the target."""
    count, dof = len(targets), len(chain.prismatic)
    first, heads = starts.shape[1], predictions.shape[1]
    near = WIDTH if heads == 0 and len(features) > 0 else 0
    seeds = np.empty((count, first + heads + near, dof))
    for row in range(count):
        for place in range(first):
            _copy(starts[row, place], seeds[row, place])
    if heads > 0:
        rank_predictions(chain, goal, targets, predictions, seeds, first)
    elif near > 0:
        work, numbers = np.empty((2, WIDTH)), np.empty(WIDTH, np.int64)
        for row in range(count):
            nearest_samples(features, weights, targets[row], work, numbers)
            for place in range(WIDTH):
                _copy(table[numbers[place]], seeds[row, first + place])
    return seeds


@compiled_entry_point
def solve_targets(  # type: ignore[no-untyped-def]
    chain, limits, goal, rules, targets, starts, predictions, table, features, weights, references
):
    """Solve every target.

    Args:
        chain: the arm.
        limits: (2, dof) its lower and upper limits.
        goal: the objective and its tolerances.
        rules: stopping rules.
        targets: (n, 12) packed poses.
        starts: (n, 0 or 1, dof) seeds of the first attempt, if given.
        predictions: (n, heads, dof) predictions of a seed network; heads may be 0.
        table: (s, dof) stored samples.
        features: features of the stored samples; empty: do not look for the nearest.
        weights: (12,) weights of the features.
        references: (n or 1, dof) angles are moved by whole turns as near to these as possible.

    Returns:
        q (n, dof), converged (n,), errors (2, n) [m and rad], iterations (n,), attempts (n,), unreachable (n,).
    """
    count, dof = len(targets), len(chain.prismatic)
    q, converged, errors = np.empty((count, dof)), np.zeros(count, np.bool_), np.empty((2, count))
    unreachable = np.empty(count, np.bool_)
    iterations, attempts = np.zeros(count, np.int64), np.zeros(count, np.int64)
    seeds = _seed(chain, goal, targets, starts, predictions, table, features, weights)
    for row in range(count):
        _copy(seeds[row, 0] if seeds.shape[1] > 0 else table[0], q[row])
    mark_unreachable(goal, targets, unreachable)
    for row in range(count):
        attempts[row] = min(rules.hopeless, rules.attempts) if unreachable[row] else rules.attempts
    results = Results(q, converged, iterations, attempts)
    search(chain, goal, rules, targets, seeds, table, attempts, results)
    if not converged.all():
        memory = workspace(dof)
        for row in range(count):
            if not converged[row]:
                iterations[row] += descend(chain, goal, targets[row], q[row], rules.closing, 1.0, memory)
    verify(chain, limits, goal, targets, references, q, converged, errors)
    return q, converged, errors, iterations, attempts, unreachable
