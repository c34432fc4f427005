"""The closest joint positions to a target that the search has not reached: Newton's method with the exact Hessian.

Minimised is F = ½ |e|² + 4 L² (1 − cos(θ/2)) for the position error e, the rotation error θ and the weight L, inside
the limits. This is half the cost of the search, and ½ (|e|² + L² θ²) for small angles. Where a residual remains, the
search (Gauss–Newton) converges slowly; Newton's method takes a few steps.

With the error rotation as a unit quaternion (w, v), joint axis zᵢ and Jvᵢ the motion of the tool for joint i:

    ∂F/∂qᵢ     = − e · Jvᵢ − 2 L² v · zᵢ
    ∂²F/∂qᵢ∂qⱼ = Jvᵢ · Jvⱼ − (e × zᵢ) · Jvⱼ − 2 L² (∂v/∂qᵢ + v × zᵢ) · zⱼ     for i ≤ j

where ∂v/∂qᵢ = −½ (w zᵢ + v × zᵢ). A joint at a limit that the gradient pushes outwards is held.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from kinverse.ik.kernels.residual import compiled, compiled_entry_point
from kinverse.ik.kernels.verify import tool_pose

FLAT = 1e-14
"""A gradient below this share of the squared size of the arm counts as zero."""
MAX_DAMPING = 1e12
"""As a share of the mean curvature; no step of any length helps then."""


class Workspace(NamedTuple):
    """Working memory of `descend` for one chain."""

    T: np.ndarray  # (3, 4) tool pose
    axes: np.ndarray  # (dof, 6) z axis and origin of every joint frame
    motion: np.ndarray  # (dof, 3) motion of the tool for each joint
    gradient: np.ndarray  # (dof,)
    hessian: np.ndarray  # (dof, dof)
    factor: np.ndarray  # (dof, dof)
    step: np.ndarray  # (dof,)
    trial: np.ndarray  # (dof,)
    error: np.ndarray  # (9,) position error, v, the unit vector of the goal's tool axis


@compiled
def workspace(dof):  # type: ignore[no-untyped-def]
    """Working memory for a chain of `dof` joints."""
    return Workspace(
        np.empty((3, 4)), np.empty((dof, 6)), np.empty((dof, 3)), np.empty(dof), np.empty((dof, dof)),
        np.empty((dof, dof)), np.empty(dof), np.empty(dof), np.empty(9),
    )  # fmt: skip


@compiled
def cost(chain, goal, target, q, memory):  # type: ignore[no-untyped-def]
    """F at joint positions; leaves the errors in `memory.error`. Returns F and w (cos of half the rotation error)."""
    T, error = memory.T, memory.error
    tool_pose(chain.offsets, chain.prismatic, q, T, memory.axes)
    square = 0.0
    for i in range(3):
        error[i] = goal.weights[i] * (target[i] - T[i, 3]) if i < goal.rows else 0.0
        square += error[i] ** 2
        error[3 + i] = 0.0
    if goal.rows < 6:
        return 0.5 * square, 1.0
    cosine = 0.0
    for j in range(3):
        if goal.axis >= 0 and j != goal.axis:
            continue
        a, b, c = T[0, j], T[1, j], T[2, j]
        t, u, v = target[3 + 3 * j], target[4 + 3 * j], target[5 + 3 * j]
        error[3] += b * v - c * u
        error[4] += c * t - a * v
        error[5] += a * u - b * t
        cosine += a * t + b * u + c * v
        error[6], error[7], error[8] = a, b, c
    # Over three axes, the sums are 1 + 2 cos θ and 2 sin θ; over one, cos θ and sin θ.
    w = math.sqrt(max(1.0 + cosine, 0.0)) * (0.5 if goal.axis < 0 else math.sqrt(0.5))
    scale = 1.0 / max((4.0 if goal.axis < 0 else 2.0) * w, 1e-6)
    for i in range(3):
        error[3 + i] *= scale
    return 0.5 * square + 4.0 * goal.length**2 * (1.0 - min(w, 1.0)), w


@compiled
def _derivatives(chain, goal, target, w, sign, memory):  # type: ignore[no-untyped-def]
    """Write gradient and Hessian of sign · F at the joint positions of the last call of `cost`."""
    T, axes, motion, error = memory.T, memory.axes, memory.motion, memory.error
    e0, e1, e2, v0, v1, v2, a0, a1, a2 = error
    dof, weight = len(chain.prismatic), 2.0 * goal.length**2
    for joint in range(dof):
        z0, z1, z2 = axes[joint, 0], axes[joint, 1], axes[joint, 2]
        if chain.prismatic[joint]:
            motion[joint, 0], motion[joint, 1], motion[joint, 2] = z0, z1, z2
            axes[joint, 0] = axes[joint, 1] = axes[joint, 2] = 0.0
        else:
            r0, r1, r2 = T[0, 3] - axes[joint, 3], T[1, 3] - axes[joint, 4], T[2, 3] - axes[joint, 5]
            motion[joint, 0], motion[joint, 1], motion[joint, 2] = (
                z1 * r2 - z2 * r1, z2 * r0 - z0 * r2, z0 * r1 - z1 * r0
            )  # fmt: skip
    n = min(goal.rows, 3)
    for i in range(dof):
        z0, z1, z2 = axes[i, 0], axes[i, 1], axes[i, 2]
        g = -(e0 * motion[i, 0] + e1 * motion[i, 1] + e2 * motion[i, 2])
        c0, c1, c2 = e1 * z2 - e2 * z1, e2 * z0 - e0 * z2, e0 * z1 - e1 * z0  # e × zᵢ
        h0, h1, h2 = 0.0, 0.0, 0.0
        if goal.rows == 6:
            along = v0 * z0 + v1 * z1 + v2 * z2
            g -= weight * along
            h0, h1, h2 = v1 * z2 - v2 * z1, v2 * z0 - v0 * z2, v0 * z1 - v1 * z0  # v × zᵢ
            if goal.axis < 0:
                d0, d1, d2 = -0.5 * (w * z0 + h0), -0.5 * (w * z1 + h1), -0.5 * (w * z2 + h2)
            else:  # v = a × t / 2w for the tool axis a and its target t
                j = 3 + 3 * goal.axis
                t0, t1, t2 = target[j], target[j + 1], target[j + 2]
                zt, at, scale = z0 * t0 + z1 * t1 + z2 * t2, a0 * t0 + a1 * t1 + a2 * t2, 0.5 / max(w, 1e-6)
                d0 = scale * (a0 * zt - z0 * at - v0 * along)
                d1 = scale * (a1 * zt - z1 * at - v1 * along)
                d2 = scale * (a2 * zt - z2 * at - v2 * along)
            h0, h1, h2 = weight * (d0 + h0), weight * (d1 + h1), weight * (d2 + h2)
        memory.gradient[i] = sign * g
        for j in range(i, dof):
            value = -(c0 * motion[j, 0] + c1 * motion[j, 1] + c2 * motion[j, 2])
            value -= h0 * axes[j, 0] + h1 * axes[j, 1] + h2 * axes[j, 2]
            for k in range(n):
                value += goal.weights[k] * motion[i, k] * motion[j, k]
            memory.hessian[i, j] = memory.hessian[j, i] = sign * value


@compiled
def _newton_step(chain, q, damping, memory):  # type: ignore[no-untyped-def]
    """Solve (H + damping) d = −g for the free joints; False if the matrix is not positive definite."""
    dof, L, d = len(q), memory.factor, memory.step
    for i in range(dof):
        g = memory.gradient[i]
        held = not chain.wraps[i] and ((q[i] <= chain.lower[i] and g > 0.0) or (q[i] >= chain.upper[i] and g < 0.0))
        memory.trial[i] = 1.0 if held else 0.0
    for i in range(dof):
        held = memory.trial[i] > 0.0
        d[i] = 0.0 if held else -memory.gradient[i]
        for j in range(i + 1):
            s = memory.hessian[i, j] + (damping if i == j else 0.0)
            if held or memory.trial[j] > 0.0:
                s = 1.0 if i == j else 0.0
            for k in range(j):
                s -= L[i, k] * L[j, k]
            if i > j:
                L[i, j] = s / L[j, j]
            elif s <= 0.0:
                return False
            else:
                L[i, i] = math.sqrt(s)
    for i in range(dof):
        for k in range(i):
            d[i] -= L[i, k] * d[k]
        d[i] /= L[i, i]
    for i in range(dof - 1, -1, -1):
        for k in range(i + 1, dof):
            d[i] -= L[k, i] * d[k]
        d[i] /= L[i, i]
    return True


@compiled
def _largest_free_gradient(chain, q, gradient):  # type: ignore[no-untyped-def]
    """The largest entry of the gradient that a limit does not hold."""
    largest = 0.0
    for i in range(len(q)):
        g = gradient[i]
        held = not chain.wraps[i] and ((q[i] <= chain.lower[i] and g > 0.0) or (q[i] >= chain.upper[i] and g < 0.0))
        if not held:
            largest = max(largest, abs(g))
    return largest


@compiled
def descend(chain, goal, target, q, steps, sign, memory):  # type: ignore[no-untyped-def]
    """Move joint positions to a local minimum of sign · F inside the limits.

    Args:
        chain: the arm.
        goal: the objective.
        target: (12,) a packed pose.
        q: (dof,) joint positions inside the limits; changed in place.
        steps: trials, at most.
        sign: 1, or −1 to move away from the target.
        memory: working memory, from `workspace`.

    Returns:
        The number of trials.
    """
    dof, trial = len(q), memory.trial
    flat = FLAT * 25.0 * goal.length**2
    at, w = cost(chain, goal, target, q, memory)
    at *= sign
    _derivatives(chain, goal, target, w, sign, memory)
    damping = 0.0
    for count in range(steps):
        if _largest_free_gradient(chain, q, memory.gradient) <= flat:
            return count
        curvature = 0.0
        for i in range(dof):
            curvature += abs(memory.hessian[i, i])
        curvature = curvature / dof + 1e-12 * goal.length**2
        while not _newton_step(chain, q, damping, memory):
            damping = max(4.0 * damping, 1e-4 * curvature)
            if not damping <= MAX_DAMPING * curvature:
                return count
        moved = 0.0
        for i in range(dof):
            trial[i] = q[i] + memory.step[i]
            if not chain.wraps[i]:
                trial[i] = min(max(trial[i], chain.lower[i]), chain.upper[i])
            moved = max(moved, abs(trial[i] - q[i]))
        after, w = cost(chain, goal, target, trial, memory)
        after *= sign
        if after < at:
            for i in range(dof):
                q[i] = trial[i]
            at = after
            damping = 0.25 * damping if damping > 1e-9 * curvature else 0.0
            _derivatives(chain, goal, target, w, sign, memory)
        else:
            if moved <= 1e-12:
                return count + 1
            damping = max(8.0 * damping, 1e-3 * curvature)
            if damping > MAX_DAMPING * curvature:
                return count + 1
    return steps


@compiled_entry_point
def descend_rows(chain, goal, targets, q, steps, sign):  # type: ignore[no-untyped-def]
    """`descend` for every row: (n, 12) packed targets and (n, dof) joint positions, changed in place."""
    memory = workspace(q.shape[1])
    for row in range(len(q)):
        descend(chain, goal, targets[row], q[row], steps, sign, memory)


@compiled_entry_point
def follow_closest(chain, goal, path, start, steps, largest_step, until_reached, q, iterations):  # type: ignore[no-untyped-def]
    """Follow a path out of reach: every point from the one before, at a local minimum of F.

    Args:
        chain: the arm, no joint of which wraps.
        goal: the objective and its tolerances.
        path: (n, 12) packed targets.
        start: (dof,) joint positions before the first point.
        steps: trials for one point, at most.
        largest_step: the walk stops before a point for which a joint has to move farther [rad or m].
        until_reached: stop after the first point that is reached.
        q: (n, dof) output.
        iterations: (n,) output.

    Returns:
        The number of points followed, and whether the last of them is reached.
    """
    dof = len(start)
    memory = workspace(dof)
    is_reached = False
    for point in range(len(path)):
        at, before = q[point], q[point - 1] if point > 0 else start
        for joint in range(dof):
            at[joint] = before[joint]
        iterations[point] = descend(chain, goal, path[point], at, steps, 1.0, memory)
        moved = 0.0
        for joint in range(dof):
            moved = max(moved, abs(at[joint] - before[joint]))
        if moved > largest_step:
            return point, is_reached
        cost(chain, goal, path[point], at, memory)
        e, v = 0.0, 0.0
        for i in range(3):
            e += memory.error[i] ** 2
            v += memory.error[3 + i] ** 2
        is_reached = math.sqrt(e) <= goal.position_tolerance and 2.0 * math.sqrt(v) <= goal.rotation_tolerance
        if is_reached and until_reached:
            return point + 1, True
    return len(path), is_reached
