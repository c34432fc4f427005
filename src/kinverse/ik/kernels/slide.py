"""Self-motion of a redundant arm towards a posture, with the tool at its target.

A step goes by d + J⁺ (e − J d): d is the way to the posture, J⁺ (e − J d) takes out the part that would move the tool,
and what is left of the error e. A few Gauss–Newton steps then bring the tool back. A step that comes no closer to the
posture is repeated at a quarter of its length.
"""

from __future__ import annotations

import math

import numpy as np

from kinverse.ik.kernels.descend import cost, workspace
from kinverse.ik.kernels.residual import compiled, compiled_entry_point

MAX_STEPS = 40
CORRECTIONS = 4
REGULAR = 1e-9
"""Added to the diagonal of J Jᵀ, as a share of its mean: the arm may be singular."""


@compiled
def _solve(matrix, right, n):  # type: ignore[no-untyped-def]
    """Solve a positive definite system of `n` rows in place, by Cholesky."""
    for i in range(n):
        for j in range(i + 1):
            s = matrix[i, j]
            for k in range(j):
                s -= matrix[i, k] * matrix[j, k]
            matrix[i, j] = math.sqrt(max(s, 1e-300)) if i == j else s / matrix[j, j]
    for i in range(n):
        for k in range(i):
            right[i] -= matrix[i, k] * right[k]
        right[i] /= matrix[i, i]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            right[i] -= matrix[k, i] * right[k]
        right[i] /= matrix[i, i]


@compiled
def _move(chain, goal, target, q, way, memory, J, matrix, right, step):  # type: ignore[no-untyped-def]
    """Write the step d + J⁺ (e − J d) for the way d; returns F at `q`. Joints held at a limit take no part."""
    dof, rows, length = len(q), goal.rows, goal.length
    at, _ = cost(chain, goal, target, q, memory)
    T, axes, error = memory.T, memory.axes, memory.error
    n = min(rows, 3)
    for joint in range(dof):
        z0, z1, z2 = axes[joint, 0], axes[joint, 1], axes[joint, 2]
        if chain.prismatic[joint]:
            J[0, joint], J[1, joint], J[2, joint] = z0, z1, z2
            z0, z1, z2 = 0.0, 0.0, 0.0
        else:
            r0, r1, r2 = T[0, 3] - axes[joint, 3], T[1, 3] - axes[joint, 4], T[2, 3] - axes[joint, 5]
            J[0, joint], J[1, joint], J[2, joint] = z1 * r2 - z2 * r1, z2 * r0 - z0 * r2, z0 * r1 - z1 * r0
        for i in range(n):
            J[i, joint] *= goal.weights[i]
        if rows == 6:
            if goal.axis >= 0:
                along = z0 * error[6] + z1 * error[7] + z2 * error[8]
                z0, z1, z2 = z0 - along * error[6], z1 - along * error[7], z2 - along * error[8]
            J[3, joint], J[4, joint], J[5, joint] = length * z0, length * z1, length * z2
        lower, upper = chain.lower[joint], chain.upper[joint]
        d = way[joint]
        if not chain.wraps[joint] and ((q[joint] <= lower and d < 0.0) or (q[joint] >= upper and d > 0.0)):
            for i in range(rows):
                J[i, joint] = 0.0
            d = 0.0
        step[joint] = d
    trace = 0.0
    for i in range(rows):
        right[i] = error[i] if i < 3 else 2.0 * length * error[i]
        for joint in range(dof):
            right[i] -= J[i, joint] * step[joint]
        for k in range(i + 1):
            s = 0.0
            for joint in range(dof):
                s += J[i, joint] * J[k, joint]
            matrix[i, k] = s
        trace += matrix[i, i]
    for i in range(rows):
        matrix[i, i] += REGULAR * trace / rows + 1e-30
    _solve(matrix, right, rows)
    for joint in range(dof):
        for i in range(rows):
            step[joint] += J[i, joint] * right[i]
    return at


@compiled
def _slide(chain, goal, target, q, posture, memory, trial, nothing, J, matrix, right, step):  # type: ignore[no-untyped-def]
    """Slide one row in place."""
    dof, tiny = len(q), 0.5 * min(goal.position_tolerance, 1e-9) ** 2
    share = 1.0
    before = 0.0
    for joint in range(dof):
        before += (posture[joint] - q[joint]) ** 2
    for _ in range(MAX_STEPS):
        for joint in range(dof):
            memory.trial[joint] = posture[joint] - q[joint]
        _move(chain, goal, target, q, memory.trial, memory, J, matrix, right, step)
        for joint in range(dof):
            trial[joint] = q[joint] + share * step[joint]
            if not chain.wraps[joint]:
                trial[joint] = min(max(trial[joint], chain.lower[joint]), chain.upper[joint])
        left = 0.0
        for _correction in range(CORRECTIONS):
            left = _move(chain, goal, target, trial, nothing, memory, J, matrix, right, step)
            if left <= tiny:
                break
            for joint in range(dof):
                trial[joint] += step[joint]
                if not chain.wraps[joint]:
                    trial[joint] = min(max(trial[joint], chain.lower[joint]), chain.upper[joint])
        if left > tiny:
            left, _w = cost(chain, goal, target, trial, memory)
        after = 0.0
        for joint in range(dof):
            after += (posture[joint] - trial[joint]) ** 2
        if left <= 1e6 * tiny and after < before - 1e-12:
            for joint in range(dof):
                q[joint] = trial[joint]
            is_slow = after > (1.0 - 1e-5) * before
            before = after
            share = min(1.0, 2.0 * share)
            if is_slow:
                return
        else:
            share *= 0.25
            if share < 4e-3:
                return


@compiled_entry_point
def slide_rows(chain, goal, targets, q, postures):  # type: ignore[no-untyped-def]
    """Slide every row towards its posture.

    Args:
        chain: the arm.
        goal: the objective.
        targets: (n, 12) packed targets.
        q: (n, dof) solutions; changed in place.
        postures: (n, dof) joint positions inside the limits.
    """
    dof = q.shape[1]
    memory, trial, nothing, step = workspace(dof), np.empty(dof), np.zeros(dof), np.empty(dof)
    J, matrix, right = np.zeros((6, dof)), np.empty((6, 6)), np.empty(6)
    for row in range(len(q)):
        _slide(chain, goal, targets[row], q[row], postures[row], memory, trial, nothing, J, matrix, right, step)
