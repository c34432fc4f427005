"""Verification of each result by forward kinematics, in plain arithmetic and independent of the search."""

from __future__ import annotations

import math

import numpy as np

from kinverse.ik.kernels.residual import compiled

HAIR = 2e-10
"""A joint so little past a limit [rad] is at the limit, not a whole turn away from it."""


@compiled
def tool_pose(offsets, prismatic, q, T, axes):  # type: ignore[no-untyped-def]
    """Write the upper 3 × 4 of T_base_tool(q) into `T`, and z axis and origin of every joint frame into `axes`.

    By the plain product of transforms. A second implementation on purpose: it shares nothing with the search that it
    verifies, neither the lanes nor the sine. It takes 420 ns a pose (Panda), the lanes 19, but runs once for each
    result.
    """
    for i in range(12):
        T[i // 4, i % 4] = offsets[0, i]
    for joint in range(len(q)):
        sine, cosine, slide = math.sin(q[joint]), math.cos(q[joint]), 0.0
        if prismatic[joint]:
            sine, cosine, slide = 0.0, 1.0, q[joint]
        for i in range(3):
            axes[joint, i], axes[joint, 3 + i] = T[i, 2], T[i, 3]
            x, y, z = T[i, 0], T[i, 1], T[i, 2]
            p = T[i, 3] + slide * z
            x, y = cosine * x + sine * y, cosine * y - sine * x
            for j in range(4):
                T[i, j] = x * offsets[joint + 1, j] + y * offsets[joint + 1, 4 + j] + z * offsets[joint + 1, 8 + j]
            T[i, 3] += p


@compiled
def _rotation_error(T, target, axis):  # type: ignore[no-untyped-def]
    """The angle [rad] between the tool's axes in `T` and the target's, or between one of them and its target."""
    sine_x, sine_y, sine_z, cosine = 0.0, 0.0, 0.0, 0.0
    for j in range(3):
        if axis >= 0 and j != axis:
            continue
        a, b, c = T[0, j], T[1, j], T[2, j]
        t, u, v = target[3 + 3 * j], target[4 + 3 * j], target[5 + 3 * j]
        sine_x += b * v - c * u
        sine_y += c * t - a * v
        sine_z += a * u - b * t
        cosine += a * t + b * u + c * v
    sine = math.sqrt(sine_x * sine_x + sine_y * sine_y + sine_z * sine_z)
    # Over three axes the sums are 2 sin(angle) and 1 + 2 cos(angle).
    return math.atan2(sine, cosine) if axis >= 0 else math.atan2(sine, cosine - 1.0)


@compiled
def nearest_turn(q, reference, lower, upper):  # type: ignore[no-untyped-def]
    """The angle that differs from `q` by whole turns, lies inside the limits and comes nearest to `reference`."""
    turn = 2.0 * math.pi
    turned = q + turn * math.floor((reference - q) / turn + 0.5)
    if lower - HAIR <= turned <= upper + HAIR:
        return min(max(turned, lower), upper)
    if turned > upper:
        turned -= turn * math.ceil((turned - upper) / turn)
        if turned > upper:  # by rounding
            turned -= turn
    elif turned < lower:
        turned += turn * math.ceil((lower - turned) / turn)
        if turned < lower:  # by rounding
            turned += turn
    return turned if lower <= turned <= upper else q


@compiled
def verify(chain, limits, goal, targets, references, q, converged, errors):  # type: ignore[no-untyped-def]
    """Move angles by whole turns as near to a reference as possible, and measure the errors of every result.

    Args:
        chain: the arm.
        limits: (2, dof) the arm's own lower and upper limits.
        goal: the objective and its tolerances.
        targets: (n, 12) packed poses.
        references: (n or 1, dof) reference joint positions.
        q: (n, dof) results; changed in place.
        converged: (n,) bool output: inside the limits and within both tolerances.
        errors: (2, n) output: position errors [m], rotation errors [rad].
    """
    T, axes = np.empty((3, 4)), np.empty((q.shape[1], 6))
    for row in range(len(q)):
        inside = True
        for joint in range(q.shape[1]):
            low, high = limits[0, joint], limits[1, joint]
            if chain.wraps[joint]:
                q[row, joint] = nearest_turn(q[row, joint], references[row % len(references), joint], low, high)
            inside = inside and low <= q[row, joint] <= high
        tool_pose(chain.offsets, chain.prismatic, q[row], T, axes)
        total = 0.0
        for i in range(min(goal.rows, 3)):
            total += goal.weights[i] * (T[i, 3] - targets[row, i]) ** 2
        errors[0, row] = math.sqrt(total)
        errors[1, row] = _rotation_error(T, targets[row], goal.axis) if goal.rows == 6 else 0.0
        converged[row] = (
            inside and errors[0, row] <= goal.position_tolerance and errors[1, row] <= goal.rotation_tolerance
        )
