"""The compiled walk along a path: from up to eight starts at once, each point solved from the one before."""

from __future__ import annotations

import numpy as np

from kinverse.ik.kernels.lanes import WIDTH
from kinverse.ik.kernels.multistart import accept_or_reject
from kinverse.ik.kernels.residual import aligned_workspace, compiled, compiled_entry_point, evaluate, lay_out
from kinverse.ik.kernels.step import step


@compiled
def _aim(work, rows, chain, target, pulls, gains, momenta, q, point):  # type: ignore[no-untyped-def]
    """Set the target and the seed of every lane; lanes without a start copy the last one."""
    width, _, dof = q.shape
    wish = min(point, pulls.shape[1] - 1)
    for lane in range(WIDTH):
        own = min(lane, width - 1)
        for i in range(12):
            work[rows.target + i, lane] = target[i]
        for joint in range(dof):
            at = work[rows.kept + joint, lane]
            ahead = at
            if point > 0:  # the first point is searched from the start itself
                ahead += gains[own] * (pulls[own, wish, joint] - at)
            if point > 1:
                ahead += momenta[own] * (q[own, point - 1, joint] - q[own, point - 2, joint])
            work[rows.trial + joint, lane] = min(max(ahead, chain.lower[joint]), chain.upper[joint])
        work[rows.cost, lane] = np.inf
        work[rows.fresh, lane] = 1.0
        work[rows.slow, lane] = 0.0
        work[rows.iteration, lane] = 0.0


@compiled
def _solve_point(work, rows, chain, goal, rules, q, iterations, point):  # type: ignore[no-untyped-def]
    """Search from all starts at once until each has ended; returns the lanes that converged, as bits."""
    width, _, dof = q.shape
    jacobian, trial_jacobian = rows.jacobian, rows.jacobian + 6 * dof
    residual, trial_residual = rows.residual, rows.residual + 6
    waiting, good = (1 << width) - 1, 0
    while waiting:
        errors = evaluate(work, rows, chain, goal, trial_jacobian, trial_residual)
        jacobians, residuals = (jacobian, trial_jacobian), (residual, trial_residual)
        ended, arrived = accept_or_reject(work, rows, goal, rules, errors, jacobians, residuals, dof)
        jacobian, trial_jacobian = trial_jacobian, jacobian
        residual, trial_residual = trial_residual, residual
        for lane in range(width):
            if (waiting & ended) >> lane & 1:  # later iterations of an ended lane do not count
                iterations[lane, point] = np.int64(work[rows.iteration, lane]) - 1
                for joint in range(dof):
                    q[lane, point, joint] = work[rows.kept + joint, lane]
        good |= waiting & arrived
        waiting &= ~ended
        step(work, rows, chain, goal, jacobian, residual)
    return good


@compiled_entry_point
def follow(chain, goal, rules, path, starts, pulls, gains, momenta, largest_step, q, iterations):  # type: ignore[no-untyped-def]
    """Solve a path from several starts at once, a lane for each, every point from the one before.

    Args:
        chain: the arm, no joint of which wraps.
        goal: the objective and its tolerances.
        rules: stopping rules of one attempt.
        path: (n, 12) packed targets.
        starts: (w, dof) joint positions of each walk before the first point; w ≤ WIDTH.
        pulls: (w, 1 or n, dof) postures that each walk is pulled to, one for all points or one for each. The seed of a
            point is moved towards the posture; the part that the search does not undo is self-motion.
        gains: (w,) size of that move, as a share of the distance to the posture; 0: no pull.
        momenta: (w,) share of the last step that is added to the seed of the next point; with 1 a motion goes straight
            on through a singularity, where branches meet.
        largest_step: a walk stops if a joint has to move farther between two points [rad or m].
        q: (w, n, dof) output.
        iterations: (w, n) output.

    Returns:
        (w,) the first point that each walk did not reach; n if it reached all.
    """
    count, (width, dof) = len(path), starts.shape
    rows = lay_out(dof, goal.rows)
    work = aligned_workspace(rows)
    stopped = np.full(width, count)
    for lane in range(WIDTH):
        for joint in range(dof):
            work[rows.kept + joint, lane] = starts[min(lane, width - 1), joint]
    for point in range(count):
        _aim(work, rows, chain, path[point], pulls, gains, momenta, q, point)
        good = _solve_point(work, rows, chain, goal, rules, q, iterations, point)
        for lane in range(width):
            moved = 0.0
            for joint in range(dof):
                at = q[lane, point, joint]
                moved = max(moved, abs(at - (q[lane, point - 1, joint] if point > 0 else starts[lane, joint])))
                work[rows.kept + joint, lane] = at
            if stopped[lane] == count and (moved > largest_step or not good >> lane & 1):
                stopped[lane] = point
        if stopped.max() < count:
            break
    return stopped
