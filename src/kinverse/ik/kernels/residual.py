"""The residual and its Jacobian, eight targets at a time: forward kinematics as in `Arm.forward_kinematics`, in lanes.

All numbers of a search are in one workspace, a row of `WIDTH` lanes each; `Rows` is its layout.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np

from kinverse.compiling import kept_on_disk
from kinverse.ik.kernels.lanes import WIDTH, floor, load, maximum, select, splat, sqrt, store
from kinverse.robot import kernels as robot_kernels
from kinverse.robot.kernels import sincos_with

compiled = numba.njit(error_model="numpy", nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""For functions that only compiled ones call: without the wrappers for Python they compile faster."""
compiled_for_python = kept_on_disk(error_model="numpy", nogil=True)
"""For functions that Python calls, and that call no other of this folder."""


def compiled_entry_point(function: Callable[..., Any]) -> Any:
    """For functions that Python calls, and that call others of this folder.

    Numba names the cached compiled form after the function, and checks for changes in the source file of that function
    alone. It would load the form of an older callee, and fail on an index that names a record class of old. The name
    therefore includes a digest of all sources.
    """
    function.__qualname__ = f"{function.__name__}_{_sources_digest()}"
    return compiled_for_python(function)


@lru_cache(maxsize=1)
def _sources_digest() -> str:
    content = hashlib.sha256()
    for path in (*sorted(Path(__file__).parent.glob("*.py")), Path(robot_kernels.__file__)):
        content.update(path.read_bytes())
    return content.hexdigest()[:8]


class Rows(NamedTuple):
    """Layout of the workspace: the first row of each quantity."""

    trial: int  # (dof) joint positions to try
    kept: int  # (dof) the best so far
    axes: int  # (dof, 6) z axis and origin of every joint frame
    gradient: int  # (dof)
    target: int  # (12) position, then x, y and z axis
    matrix: int  # (k, k), k = min(rows, dof)
    solution: int  # (k)
    jacobian: int  # (dof, 6), twice: at `kept` and at `trial`
    residual: int  # (6), twice
    cost: int
    damping: int
    growth: int
    predicted: int
    fresh: int
    slow: int
    iteration: int
    closest: int
    end: int


@compiled
def aligned_workspace(rows):  # type: ignore[no-untyped-def]
    """A workspace of zeros whose rows begin on cache lines; a row that crosses two takes up to a sixth more time."""
    raw = np.zeros((rows.end + 1) * WIDTH)
    first = -(raw.ctypes.data // 8) % WIDTH
    return raw[first : first + rows.end * WIDTH].reshape(rows.end, WIDTH)


@compiled
def lay_out(dof, rows):  # type: ignore[no-untyped-def]
    """The layout for a chain of `dof` joints and a residual of `rows` numbers."""
    k = min(dof, rows)
    axes = 2 * dof
    gradient = axes + 6 * dof
    target = gradient + dof
    matrix = target + 12
    solution = matrix + k * k
    jacobian = solution + k
    residual = jacobian + 12 * dof
    cost = residual + 12
    return Rows(
        0, dof, axes, gradient, target, matrix, solution, jacobian, residual,
        cost, cost + 1, cost + 2, cost + 3, cost + 4, cost + 5, cost + 6, cost + 7, cost + 8,
    )  # fmt: skip


sincos = compiled(sincos_with(floor, select))


@compiled
def _combine(a, x, y, z):  # type: ignore[no-untyped-def]
    """One row of a rotation times the constant rotation `a`, whose columns lie at 0, 1, 2 of every four."""
    return (
        x * a[0] + y * a[4] + z * a[8],
        x * a[1] + y * a[5] + z * a[9],
        x * a[2] + y * a[6] + z * a[10],
    )


@compiled
def walk(work, rows, chain):  # type: ignore[no-untyped-def]
    """Forward kinematics of `trial`: the tool's axes x, y, z and position p, three lanes each. Keeps the joint axes.

    Not shared with `kinverse.robot.kernels.forward_batch`: 19 ns a pose here and 22 there (Panda), but here the frames
    stay in registers for the Jacobian, and fused products change the last bit of four entries in ten, which would
    change every data set that was ever generated.
    """
    a = chain.offsets[0]
    x0, x1, x2 = splat(a[0]), splat(a[4]), splat(a[8])
    y0, y1, y2 = splat(a[1]), splat(a[5]), splat(a[9])
    z0, z1, z2 = splat(a[2]), splat(a[6]), splat(a[10])
    p0, p1, p2 = splat(a[3]), splat(a[7]), splat(a[11])
    for joint in range(len(chain.prismatic)):
        axis = rows.axes + 6 * joint
        store(work, axis, z0)
        store(work, axis + 1, z1)
        store(work, axis + 2, z2)
        store(work, axis + 3, p0)
        store(work, axis + 4, p1)
        store(work, axis + 5, p2)
        q = load(work, rows.trial + joint)
        if chain.prismatic[joint]:
            p0, p1, p2 = p0 + z0 * q, p1 + z1 * q, p2 + z2 * q
        else:
            s, c = sincos(q)
            x0, y0 = x0 * c + y0 * s, y0 * c - x0 * s
            x1, y1 = x1 * c + y1 * s, y1 * c - x1 * s
            x2, y2 = x2 * c + y2 * s, y2 * c - x2 * s
        a = chain.offsets[joint + 1]
        p0 = p0 + x0 * a[3] + y0 * a[7] + z0 * a[11]
        p1 = p1 + x1 * a[3] + y1 * a[7] + z1 * a[11]
        p2 = p2 + x2 * a[3] + y2 * a[7] + z2 * a[11]
        x0, y0, z0 = _combine(a, x0, y0, z0)
        x1, y1, z1 = _combine(a, x1, y1, z1)
        x2, y2, z2 = _combine(a, x2, y2, z2)
    return x0, x1, x2, y0, y1, y2, z0, z1, z2, p0, p1, p2


@compiled
def _cross_and_dot(work, row, a0, a1, a2):  # type: ignore[no-untyped-def]
    """A × t and a · t for the target's axis t at `row`."""
    t0, t1, t2 = load(work, row), load(work, row + 1), load(work, row + 2)
    return a1 * t2 - a2 * t1, a2 * t0 - a0 * t2, a0 * t1 - a1 * t0, a0 * t0 + a1 * t1 + a2 * t2


@compiled
def _rotation_residual(work, rows, tool):  # type: ignore[no-untyped-def]
    """The rotation from tool to target as axis · 2 sin(angle / 2), in base axes: no arc function, and no zero at π.

    Also cos(angle / 2). Summed over the three axes, a × t is 2 sin(angle) · axis and a · t is 1 + 2 cos(angle).
    """
    x0, x1, x2, y0, y1, y2, z0, z1, z2, _, _, _ = tool
    s0, s1, s2, c = _cross_and_dot(work, rows.target + 3, x0, x1, x2)
    u0, u1, u2, d = _cross_and_dot(work, rows.target + 6, y0, y1, y2)
    s0, s1, s2, c = s0 + u0, s1 + u1, s2 + u2, c + d
    u0, u1, u2, d = _cross_and_dot(work, rows.target + 9, z0, z1, z2)
    square = maximum(1.0 + (c + d), 1e-9)
    scale = 1.0 / sqrt(square)
    return (s0 + u0) * scale, (s1 + u1) * scale, (s2 + u2) * scale, 0.5 * square * scale


@compiled
def _tool_axis(goal, tool):  # type: ignore[no-untyped-def]
    """The tool axis of the goal."""
    x0, x1, x2, y0, y1, y2, z0, z1, z2, _, _, _ = tool
    if goal.axis == 0:
        return x0, x1, x2
    if goal.axis == 1:
        return y0, y1, y2
    return z0, z1, z2


@compiled
def _axis_residual(work, rows, goal, tool):  # type: ignore[no-untyped-def]
    """As `_rotation_residual`, for the smallest rotation that brings one tool axis to its target."""
    a0, a1, a2 = _tool_axis(goal, tool)
    s0, s1, s2, c = _cross_and_dot(work, rows.target + 3 + 3 * goal.axis, a0, a1, a2)
    square = maximum(0.5 * (1.0 + c), 1e-9)
    scale = 1.0 / sqrt(square)
    return s0 * scale, s1 * scale, s2 * scale, square * scale


@compiled
def _jacobian(work, rows, chain, goal, tool, at):  # type: ignore[no-untyped-def]
    """The residual's negative derivative at the trial, six rows for every joint, of which `goal.rows` are written."""
    p0, p1, p2 = tool[9], tool[10], tool[11]
    w0, w1, w2 = goal.weights[0], goal.weights[1], goal.weights[2]
    for joint in range(len(chain.prismatic)):
        axis, column = rows.axes + 6 * joint, at + 6 * joint
        z0, z1, z2 = load(work, axis), load(work, axis + 1), load(work, axis + 2)
        if chain.prismatic[joint]:
            d0, d1, d2 = z0, z1, z2
            z0, z1, z2 = splat(0.0), splat(0.0), splat(0.0)
        else:
            r0, r1, r2 = p0 - load(work, axis + 3), p1 - load(work, axis + 4), p2 - load(work, axis + 5)
            d0, d1, d2 = z1 * r2 - z2 * r1, z2 * r0 - z0 * r2, z0 * r1 - z1 * r0
        store(work, column, d0 * w0)
        store(work, column + 1, d1 * w1)
        store(work, column + 2, d2 * w2)
        if goal.rows == 6:
            if goal.axis >= 0:  # turning about the tool axis itself changes nothing
                a0, a1, a2 = _tool_axis(goal, tool)
                along = z0 * a0 + z1 * a1 + z2 * a2
                z0, z1, z2 = z0 - along * a0, z1 - along * a1, z2 - along * a2
            store(work, column + 3, z0 * goal.length)
            store(work, column + 4, z1 * goal.length)
            store(work, column + 5, z2 * goal.length)


@compiled
def tool_errors(work, rows, goal, tool, residual):  # type: ignore[no-untyped-def]
    """Write the residual e of a tool pose from row `residual` on.

    Returns:
        The squared position error, the square of 2 sin(angle / 2) for the rotation error, and the cost: |e|² with
        8 (1 − cos(angle / 2)) for the rotation, which is angle² for small angles. Half the gradient of this cost is the
        residual times the Jacobian. The square of 2 sin(angle / 2) itself has another gradient; a descent that it
        judges stalls away from a minimum.
    """
    e0 = (load(work, rows.target) - tool[9]) * goal.weights[0]
    e1 = (load(work, rows.target + 1) - tool[10]) * goal.weights[1]
    store(work, residual, e0)
    store(work, residual + 1, e1)
    position = e0 * e0 + e1 * e1
    if goal.rows > 2:
        e2 = (load(work, rows.target + 2) - tool[11]) * goal.weights[2]
        store(work, residual + 2, e2)
        position = position + e2 * e2
    rotation, cost = splat(0.0), position
    if goal.rows == 6:
        if goal.axis < 0:
            s0, s1, s2, w = _rotation_residual(work, rows, tool)
        else:
            s0, s1, s2, w = _axis_residual(work, rows, goal, tool)
        rotation = s0 * s0 + s1 * s1 + s2 * s2
        u = 1.0 - w  # 2 / (1 + w), to 1 % for the largest errors and exactly for small ones
        stretch = 1.0 + u * (0.5 + u * (0.25 + u * 0.25))
        cost = position + rotation * stretch * (goal.length * goal.length)
        store(work, residual + 3, s0 * goal.length)
        store(work, residual + 4, s1 * goal.length)
        store(work, residual + 5, s2 * goal.length)
    return position, rotation, cost


@compiled
def evaluate(work, rows, chain, goal, jacobian, residual):  # type: ignore[no-untyped-def]
    """Residual and Jacobian at the trial, written to the rows given; returns what `tool_errors` returns."""
    tool = walk(work, rows, chain)
    errors = tool_errors(work, rows, goal, tool, residual)
    _jacobian(work, rows, chain, goal, tool, jacobian)
    return errors
