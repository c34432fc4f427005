"""One Levenberg–Marquardt step of eight targets at a time, inside the joint limits.

Minimised is ½ |e|² for e = (position error, length · rotation error) [m] under lower ≤ q ≤ upper. A joint at a limit
that the gradient pushes outwards is held: its column leaves the Jacobian (projected Newton, Bertsekas 1982). The others
move by

    Jᵀ (J Jᵀ + μ I)⁻¹ e    or, for fewer joints than rows,    (Jᵀ J + μ I)⁻¹ Jᵀ e

which is the same step through the smaller of the two matrices, and are clamped to the limits.
"""

from __future__ import annotations

import math

from kinverse.ik.kernels.lanes import any_lane, floor, load, maximum, minimum, select, splat, sqrt, store
from kinverse.ik.kernels.residual import compiled

_TURN = 2.0 * math.pi


@compiled
def _hold_joints_at_limits(work, rows, chain, goal, jacobian, residual):  # type: ignore[no-untyped-def]
    """Write the gradient Jᵀ e; where it pushes a joint out of its range, that joint's column becomes zero."""
    for joint in range(len(chain.prismatic)):
        column = jacobian + 6 * joint
        g = load(work, column) * load(work, residual)
        for i in range(1, goal.rows):
            g = g + load(work, column + i) * load(work, residual + i)
        if not chain.wraps[joint]:
            q = load(work, rows.kept + joint)
            held = (q <= chain.lower[joint]) & (g < 0.0) | (q >= chain.upper[joint]) & (g > 0.0)
            if any_lane(held):
                for i in range(goal.rows):
                    store(work, column + i, select(held, 0.0, load(work, column + i)))
                g = select(held, 0.0, g)
        store(work, rows.gradient + joint, g)


@compiled
def _normal_equations(work, rows, dof, goal, jacobian, residual):  # type: ignore[no-untyped-def]
    """The lower triangle of J Jᵀ beside e, or of Jᵀ J beside the gradient, whichever is smaller."""
    k = min(dof, goal.rows)
    for i in range(k):
        for p in range(i + 1):
            if goal.rows <= dof:
                s = load(work, jacobian + i) * load(work, jacobian + p)
                for j in range(1, dof):
                    s = s + load(work, jacobian + 6 * j + i) * load(work, jacobian + 6 * j + p)
            else:
                s = load(work, jacobian + 6 * i) * load(work, jacobian + 6 * p)
                for j in range(1, goal.rows):
                    s = s + load(work, jacobian + 6 * i + j) * load(work, jacobian + 6 * p + j)
            store(work, rows.matrix + i * k + p, s)
        right = residual if goal.rows <= dof else rows.gradient
        store(work, rows.solution + i, load(work, right + i))


@compiled
def _solve_damped(work, matrix, solution, k, damping):  # type: ignore[no-untyped-def]
    """Solve (A + damping · I) y = b in place by Cholesky; the diagonal keeps the reciprocals."""
    for i in range(k):
        d = load(work, matrix + i * k + i) + damping
        b = load(work, solution + i)
        for p in range(i):
            factor = load(work, matrix + i * k + p)
            d = d - factor * factor
            b = b - factor * load(work, solution + p)
        reciprocal = 1.0 / sqrt(maximum(d, 1e-300))
        store(work, matrix + i * k + i, reciprocal)
        store(work, solution + i, b * reciprocal)
        for r in range(i + 1, k):
            s = load(work, matrix + r * k + i)
            for p in range(i):
                s = s - load(work, matrix + r * k + p) * load(work, matrix + i * k + p)
            store(work, matrix + r * k + i, s * reciprocal)
    for i in range(k - 1, -1, -1):
        b = load(work, solution + i)
        for r in range(i + 1, k):
            b = b - load(work, matrix + r * k + i) * load(work, solution + r)
        store(work, solution + i, b * load(work, matrix + i * k + i))


@compiled
def _back_in_range(q, lower, upper):  # type: ignore[no-untyped-def]
    """Whole turns taken off or added where q has left a range that is a whole turn or more."""
    turned = q - _TURN * floor((q - lower) * (1.0 / _TURN))
    return select((q > upper) | (q < lower), turned, q)


@compiled
def step(work, rows, chain, goal, jacobian, residual):  # type: ignore[no-untyped-def]
    """From the kept joint positions to the next trial; lanes that are fresh keep theirs."""
    dof = len(chain.prismatic)
    k = min(dof, goal.rows)
    _hold_joints_at_limits(work, rows, chain, goal, jacobian, residual)
    _normal_equations(work, rows, dof, goal, jacobian, residual)
    damping = load(work, rows.damping)
    _solve_damped(work, rows.matrix, rows.solution, k, damping)
    fresh = load(work, rows.fresh) > 0.5
    predicted = splat(0.0)
    for joint in range(dof):
        if goal.rows <= dof:
            column = jacobian + 6 * joint
            d = load(work, column) * load(work, rows.solution)
            for i in range(1, goal.rows):
                d = d + load(work, column + i) * load(work, rows.solution + i)
        else:
            d = load(work, rows.solution + joint)
        # The decrease of |e|² that the linear model promises: dᵀ (μ d + g).
        predicted = predicted + d * (damping * d + load(work, rows.gradient + joint))
        q = load(work, rows.kept + joint) + d
        lower, upper = chain.lower[joint], chain.upper[joint]
        if chain.wraps[joint]:
            q = _back_in_range(q, lower, upper)
        q = minimum(maximum(q, lower), upper)
        store(work, rows.trial + joint, select(fresh, load(work, rows.trial + joint), q))
    store(work, rows.predicted, maximum(predicted, 1e-300))
