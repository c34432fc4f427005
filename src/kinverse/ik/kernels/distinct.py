"""Which joint positions are new: rows that differ from known ones, and from each other."""

from __future__ import annotations

import math

from kinverse.ik.kernels.residual import compiled, compiled_for_python

_TURN = 2.0 * math.pi


@compiled
def _is_same(a, b, prismatic, tolerance):  # type: ignore[no-untyped-def]
    """Whether two rows differ by at most `tolerance` in every joint, angles modulo whole turns."""
    for joint in range(len(a)):
        gap = abs(a[joint] - b[joint])
        if not prismatic[joint]:
            gap = abs(gap - _TURN * math.floor(gap / _TURN + 0.5))
        if gap > tolerance:
            return False
    return True


@compiled_for_python
def mark_new(q, known, prismatic, tolerance, among_themselves, is_new):  # type: ignore[no-untyped-def]
    """Mark the rows that differ from every known row.

    Args:
        q: (n, dof) joint positions.
        known: (k, dof).
        prismatic: (dof,) bool.
        tolerance: rows that differ by no more in every joint are the same [rad or m].
        among_themselves: rows must also differ from every marked row before.
        is_new: (n,) bool output.
    """
    for row in range(len(q)):
        new = True
        for other in range(len(known)):
            new = new and not _is_same(q[row], known[other], prismatic, tolerance)
        for other in range(row if among_themselves else 0):
            new = new and not (is_new[other] and _is_same(q[row], q[other], prismatic, tolerance))
        is_new[row] = new
