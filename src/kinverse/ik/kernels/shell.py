"""A proof that a target is out of reach: a spherical shell that the arm cannot leave, whatever its joints.

A point on the axis of a revolute joint is fixed in both links that the joint connects. So the distance between a point
on the first axis and one on the last is at most the summed distances between such points on successive axes, and at
least what remains when the longest of these is stretched against all others. The points may slide along their axes; the
best choice gives the smallest shell. A sliding joint adds half its range on either side of its middle.

The point on the last axis is fixed in the tool as well. A target pose says where it has to be, and a target outside the
shell is out of reach.
"""

from __future__ import annotations

import math

import numpy as np

from kinverse.ik.kernels.residual import compiled, compiled_entry_point

SWEEPS = 60
"""Rounds in which every point slides to the best place between its neighbours; any number gives a valid shell."""
SHELL = 8
"""Length of a packed shell: centre (3), point in the tool frame (3), inner and outer radius [m]; in a goal, the squares
of the radii, widened by the tolerances."""


@compiled_entry_point
def reach_shell(offsets, prismatic, lower, upper, keeps_rotation, shell):  # type: ignore[no-untyped-def]
    """Write the shell of an arm.

    Args:
        offsets: (dof + 1, 12) constant transforms.
        prismatic: (dof,) bool.
        lower: (dof,) joint limits [rad or m]; may be infinite.
        upper: (dof,).
        keeps_rotation: whether targets fix the tool's rotation; otherwise the shell is about the tool's origin.
        shell: (SHELL,) output.
    """
    dof = len(prismatic)
    # The chain with sliding joints in the middle of their ranges, in the base frame, all angles zero: points and
    # directions of the axes. `slack` is what the sliding joints add between one axis and the next.
    points, directions, slack = np.zeros((dof + 2, 3)), np.zeros((dof + 2, 3)), np.zeros(dof + 2)
    R, p = np.eye(3), np.zeros(3)
    count = 0
    for joint in range(dof + 1):
        for i in range(3):
            for j in range(3):
                p[i] += R[i, j] * offsets[joint, 4 * j + 3]
        turned = np.zeros((3, 3))
        for i in range(3):
            for j in range(3):
                for k in range(3):
                    turned[i, j] += R[i, k] * offsets[joint, 4 * k + j]
        R = turned
        if joint == dof:
            break
        if prismatic[joint]:
            slack[count] += 0.5 * (upper[joint] - lower[joint])
            if math.isfinite(slack[count]):
                for i in range(3):
                    p[i] += 0.5 * (upper[joint] + lower[joint]) * R[i, 2]
        else:
            for i in range(3):
                points[count, i], directions[count, i] = p[i], R[i, 2]
            count += 1
    ends_in_tool = not keeps_rotation or count == 0
    if ends_in_tool:
        points[count] = p
    last = count if ends_in_tool else count - 1
    if count > 0:
        _slide_together(points, directions, last)
    # slack[0] lies before the first axis, slack[count] after the last.
    total, longest = slack[0] + slack[count], 0.0
    for i in range(last):
        span = 0.0
        for j in range(3):
            span += (points[i + 1, j] - points[i, j]) ** 2
        span = math.sqrt(span)
        total += span + (slack[i + 1] if i + 1 < count else 0.0)
        longest = max(longest, span)
    for i in range(3):
        shell[i] = points[0, i]
        shell[3 + i] = 0.0
        for j in range(3):
            shell[3 + i] += R[j, i] * (points[last, j] - p[j])
    shell[6], shell[7] = max(0.0, 2.0 * longest - total), total


@compiled
def _slide_together(points, directions, last):  # type: ignore[no-untyped-def]
    """Slide points 0 … last along their axes so that the chain through them is short; an end without direction stays.

    Between two neighbours, the best point of a line divides the distance of their projections as their distances from
    the line: the mirror law.
    """
    for _ in range(SWEEPS):
        for k in range(last + 1):
            along, away = np.zeros(2), np.zeros(2)
            sides = 0
            for other in (k - 1, k + 1):
                if 0 <= other <= last:
                    t, square = 0.0, 0.0
                    for i in range(3):
                        d = points[other, i] - points[k, i]
                        t += d * directions[k, i]
                        square += d * d
                    along[sides], away[sides] = t, math.sqrt(max(square - t * t, 0.0))
                    sides += 1
            if sides == 0:
                continue
            shift = along[0]
            if sides == 2:
                sum_away = away[0] + away[1]
                if sum_away > 0.0:
                    shift = (along[0] * away[1] + along[1] * away[0]) / sum_away
                else:
                    shift = min(max(0.0, min(along[0], along[1])), max(along[0], along[1]))
            for i in range(3):
                points[k, i] += shift * directions[k, i]


@compiled
def mark_unreachable(goal, targets, out):  # type: ignore[no-untyped-def]
    """Mark the targets that lie outside the shell by more than the tolerances, and so cannot be reached.

    Args:
        goal: the objective.
        targets: (n, 12) packed targets.
        out: (n,) bool output.
    """
    cx, cy, cz, px, py, pz, inner, outer = goal.shell
    wx, wy, wz = goal.weights
    wz = wz if goal.rows > 2 else 0.0
    for row in range(len(targets)):
        x, y, z = targets[row, 0] - cx, targets[row, 1] - cy, targets[row, 2] - cz
        if goal.rows == 6:
            x += targets[row, 3] * px + targets[row, 6] * py + targets[row, 9] * pz
            y += targets[row, 4] * px + targets[row, 7] * py + targets[row, 10] * pz
            z += targets[row, 5] * px + targets[row, 8] * py + targets[row, 11] * pz
        square = wx * x * x + wy * y * y + wz * z * z
        out[row] = not inner <= square <= outer


@compiled_entry_point
def unreachable_targets(goal, targets):  # type: ignore[no-untyped-def]
    """`mark_unreachable` for Python."""
    out = np.empty(len(targets), np.bool_)
    mark_unreachable(goal, targets, out)
    return out
