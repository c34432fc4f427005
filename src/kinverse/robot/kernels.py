"""Forward kinematics and Jacobians compiled with Numba: float64, one core, no dependence on torch.

A chain is the product  T_base_tool(q) = A_0 · Z(q_0) · A_1 · Z(q_1) ··· Z(q_{n-1}) · A_n,  where every A is constant
and Z(q) turns about (revolute) or slides along (prismatic) the local z axis. `Arm` brings any robot into this form.

The kernels work on 64 targets at a time with one row per matrix entry, so that the compiler turns every inner loop into
SIMD instructions; `tests/robot/test_kernels.py` compares them with the plain product above and with Pinocchio.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

from kinverse.compiling import kept_on_disk

LANES = 64
"""Targets per block: 12 rows of 64 doubles stay inside the first-level cache."""

_TWO_OVER_PI = 2.0 / math.pi
# π/2 in three parts whose products with a whole number < 2^20 are exact (Cody and Waite 1980; the split of fdlibm).
_HALF_PI_1 = 1.57079632673412561417e00
_HALF_PI_2 = 6.07710050630396597660e-11
_HALF_PI_3 = 2.02226624879595063154e-21
_MAX_FAST_ANGLE = 1.0e6
# Adding and subtracting 1.5 · 2^52 rounds a double to the nearest whole number without leaving SIMD registers.
_ROUND = 6755399441055744.0


def sincos_with(floor: Any, select: Any) -> Any:
    """Sine and cosine to two units in the last place for |x| ≤ 1e6; the polynomials are fdlibm's (Sun 1993).

    Written once for doubles and for the lanes of `kinverse.ik.kernels.lanes`, whose operators compile to other
    instructions; the caller compiles the returned function. LLVM vectorises it in a loop, whereas a call to the C
    library's sin would force one value at a time.

    Args:
        floor: the floor function.
        select: (condition, yes, no) → `yes` where the condition holds, else `no`.
    """

    def sincos(x):  # type: ignore[no-untyped-def]
        k = (x * _TWO_OVER_PI + _ROUND) - _ROUND
        r = ((x - k * _HALF_PI_1) - k * _HALF_PI_2) - k * _HALF_PI_3
        z = r * r
        s = 2.75573137070700676789e-06 + z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10)
        s = 8.33333333332248946124e-03 + z * (-1.98412698298579493134e-04 + z * s)
        s = r + r * z * (-1.66666666666666324348e-01 + z * s)
        c = -2.75573143513906633035e-07 + z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11)
        c = -1.38888888888741095749e-03 + z * (2.48015872894767294178e-05 + z * c)
        c = 1.0 - 0.5 * z + z * z * (4.16666666666666019037e-02 + z * c)
        quarter = k * 0.25
        quadrant = 4.0 * (quarter - floor(quarter))
        odd = (quadrant > 0.5) & (quadrant < 1.5) | (quadrant > 2.5)
        sine, cosine = select(odd, c, s), select(odd, s, c)
        sine = select(quadrant > 1.5, -sine, sine)
        return sine, select((quadrant > 0.5) & (quadrant < 2.5), -cosine, cosine)

    return sincos


@numba.njit(inline="always")
def _select(condition, yes, no):  # type: ignore[no-untyped-def]
    return yes if condition else no


_sincos = numba.njit(inline="always")(sincos_with(math.floor, _select))


@numba.njit(inline="always")
def _load_joint(q, first, count, joint, sine, cosine, is_prismatic):  # type: ignore[no-untyped-def]
    """Fill `sine` and `cosine` for one joint of a block; for a prismatic joint `sine` holds the displacement."""
    largest = 0.0
    for lane in range(count):
        value = q[first + lane, joint]
        sine[lane] = value
        largest = max(largest, abs(value))
    if is_prismatic:
        return
    if largest <= _MAX_FAST_ANGLE:
        for lane in range(LANES):
            s, c = _sincos(sine[lane])
            sine[lane] = s
            cosine[lane] = c
    else:
        for lane in range(count):
            value = sine[lane]
            sine[lane] = math.sin(value)
            cosine[lane] = math.cos(value)


@numba.njit(inline="always")
def _start(state, offset):  # type: ignore[no-untyped-def]
    """Set every lane to the constant transform `offset` (12 numbers: the upper 3 × 4 of the matrix, row by row)."""
    for row in range(12):
        for lane in range(LANES):
            state[row, lane] = offset[row]


@numba.njit(inline="always")
def _move(state, sine, cosine, is_prismatic):  # type: ignore[no-untyped-def]
    """State ← state · Z(q): about or along the local z axis only two columns change."""
    for i in range(3):
        if is_prismatic:
            for lane in range(LANES):
                state[4 * i + 3, lane] += sine[lane] * state[4 * i + 2, lane]
        else:
            for lane in range(LANES):
                x = state[4 * i, lane]
                y = state[4 * i + 1, lane]
                state[4 * i, lane] = cosine[lane] * x + sine[lane] * y
                state[4 * i + 1, lane] = cosine[lane] * y - sine[lane] * x


@numba.njit(inline="always")
def _offset(state, a):  # type: ignore[no-untyped-def]
    """State ← state · A for a constant transform A."""
    for i in range(3):
        for lane in range(LANES):
            x = state[4 * i, lane]
            y = state[4 * i + 1, lane]
            z = state[4 * i + 2, lane]
            p = state[4 * i + 3, lane]
            state[4 * i, lane] = x * a[0] + y * a[4] + z * a[8]
            state[4 * i + 1, lane] = x * a[1] + y * a[5] + z * a[9]
            state[4 * i + 2, lane] = x * a[2] + y * a[6] + z * a[10]
            state[4 * i + 3, lane] = x * a[3] + y * a[7] + z * a[11] + p


@kept_on_disk(error_model="numpy")
def forward_batch(offsets, prismatic, q, poses):  # type: ignore[no-untyped-def]
    """Write the tool pose of every row of `q` into `poses`.

    Args:
        offsets: (dof + 1, 12) constant transforms, the upper 3 × 4 of each matrix row by row.
        prismatic: (dof,) bool.
        q: (n, dof) joint positions [rad or m].
        poses: (n, 4, 4) output.
    """
    n, dof = q.shape
    state = np.empty((12, LANES))
    sine = np.zeros(LANES)
    cosine = np.zeros(LANES)
    for first in range(0, n, LANES):
        count = min(LANES, n - first)
        _start(state, offsets[0])
        for joint in range(dof):
            _load_joint(q, first, count, joint, sine, cosine, prismatic[joint])
            _move(state, sine, cosine, prismatic[joint])
            _offset(state, offsets[joint + 1])
        for lane in range(count):
            for row in range(3):
                for column in range(4):
                    poses[first + lane, row, column] = state[4 * row + column, lane]
                poses[first + lane, 3, row] = 0.0
            poses[first + lane, 3, 3] = 1.0


@kept_on_disk(error_model="numpy")
def jacobian_batch(offsets, prismatic, q, jacobians):  # type: ignore[no-untyped-def]
    """Write the geometric Jacobian of every row of `q` into `jacobians`.

    Rows 0–2 are the tool's linear velocity [m], rows 3–5 its angular velocity [rad], both in base axes, per unit of
    joint velocity (Siciliano et al., Robotics, eq. 3.30: a revolute joint gives z × (p_tool − p) and z, a prismatic one
    z and 0).

    Args:
        offsets: (dof + 1, 12) constant transforms.
        prismatic: (dof,) bool.
        q: (n, dof) joint positions [rad or m].
        jacobians: (n, 6, dof) output.
    """
    n, dof = q.shape
    state = np.empty((12, LANES))
    sine = np.zeros(LANES)
    cosine = np.zeros(LANES)
    axes = np.empty((dof, 6, LANES))  # z axis and origin of each joint frame, in base axes
    for first in range(0, n, LANES):
        count = min(LANES, n - first)
        _start(state, offsets[0])
        for joint in range(dof):
            for i in range(3):
                for lane in range(LANES):
                    axes[joint, i, lane] = state[4 * i + 2, lane]
                    axes[joint, 3 + i, lane] = state[4 * i + 3, lane]
            _load_joint(q, first, count, joint, sine, cosine, prismatic[joint])
            _move(state, sine, cosine, prismatic[joint])
            _offset(state, offsets[joint + 1])
        for joint in range(dof):
            axis = axes[joint]
            if prismatic[joint]:
                for lane in range(count):
                    for i in range(3):
                        jacobians[first + lane, i, joint] = axis[i, lane]
                        jacobians[first + lane, 3 + i, joint] = 0.0
            else:
                for lane in range(count):
                    x, y, z = axis[0, lane], axis[1, lane], axis[2, lane]
                    dx = state[3, lane] - axis[3, lane]
                    dy = state[7, lane] - axis[4, lane]
                    dz = state[11, lane] - axis[5, lane]
                    jacobians[first + lane, 0, joint] = y * dz - z * dy
                    jacobians[first + lane, 1, joint] = z * dx - x * dz
                    jacobians[first + lane, 2, joint] = x * dy - y * dx
                    jacobians[first + lane, 3, joint] = x
                    jacobians[first + lane, 4, joint] = y
                    jacobians[first + lane, 5, joint] = z
