"""Packs targets for the search, and finds the fault of each invalid one."""

from __future__ import annotations

import math

from kinverse.geometry import MAX_DEVIATION
from kinverse.ik.kernels.residual import compiled_for_python

GOOD, NOT_FINITE, NOT_ROTATION, REFLECTION, LAST_ROW = range(5)


@compiled_for_python
def pack_poses(poses, packed, faults, deviations):  # type: ignore[no-untyped-def]
    """Write position and axes of every pose into `packed`, and check that it is a rigid transform.

    Args:
        poses: (n, 4, 4).
        packed: (n, 12) output.
        faults: (n,) output: one of the codes above, GOOD up to `MAX_DEVIATION`.
        deviations: (n,) output: the largest entry of |RᵀR − 1|.

    Returns:
        The largest of the fault codes and of the deviations.
    """
    worst_fault, worst_deviation = GOOD, 0.0
    for row in range(len(poses)):
        T, p = poses[row], packed[row]
        total, last = 0.0, abs(T[3, 0]) + abs(T[3, 1]) + abs(T[3, 2]) + abs(T[3, 3] - 1.0)
        for i in range(3):
            p[i], p[3 + i], p[6 + i], p[9 + i] = T[i, 3], T[i, 0], T[i, 1], T[i, 2]
            total += abs(T[i, 3]) + abs(T[i, 0]) + abs(T[i, 1]) + abs(T[i, 2])
        deviation = 0.0
        for a in range(3):
            for b in range(a + 1):
                product = T[0, a] * T[0, b] + T[1, a] * T[1, b] + T[2, a] * T[2, b]
                deviation = max(deviation, abs(product - (1.0 if a == b else 0.0)))
        volume = (
            T[0, 0] * (T[1, 1] * T[2, 2] - T[1, 2] * T[2, 1])
            - T[0, 1] * (T[1, 0] * T[2, 2] - T[1, 2] * T[2, 0])
            + T[0, 2] * (T[1, 0] * T[2, 1] - T[1, 1] * T[2, 0])
        )
        fault = GOOD
        if not math.isfinite(total + last):
            fault = NOT_FINITE
        elif not deviation <= MAX_DEVIATION:
            fault = NOT_ROTATION
        elif volume < 0.0:
            fault = REFLECTION
        elif last > 1e-6:
            fault = LAST_ROW
        faults[row], deviations[row] = fault, deviation
        worst_fault, worst_deviation = max(worst_fault, fault), max(worst_deviation, deviation)
    return worst_fault, worst_deviation


@compiled_for_python
def pack_positions(positions, packed, faults):  # type: ignore[no-untyped-def]
    """As `pack_poses` for (n, 2) or (n, 3) positions; the largest fault code."""
    worst = GOOD
    for row in range(len(positions)):
        for i in range(positions.shape[1]):
            packed[row, i] = positions[row, i]
            if not math.isfinite(positions[row, i]):
                faults[row] = worst = NOT_FINITE
    return worst
