"""One-parameter families of solutions, which an arm has at some singular poses: they are walked, not searched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from kinverse.ik.search import Search
from kinverse.ik.seeds import pack

STEP = 0.05
"""Length of a step along a family [rad or m]."""
SINGULAR = 1e-3
"""A Jacobian whose smallest singular value is below this share of the largest may belong to a family."""
ON_TARGET = 1e-10
"""Residual of a point of a family [m]. A step of this length from an isolated double root misses by about STEP²."""
MAX_STEPS = 1000
CORRECTIONS = 12


@dataclass(frozen=True, eq=False)
class Family:
    """A curve of solutions.

    Attributes:
        q: (n, dof) points in order, `STEP` apart, inside the limits [rad or m].
        is_closed: whether the curve comes back to its first point.
    """

    q: Float[np.ndarray, "n dof"]
    is_closed: bool

    def evenly(self, count: int) -> Float[np.ndarray, "count dof"]:
        """Points spread evenly over the curve; ends included unless it is closed."""
        share = np.arange(count) / count if self.is_closed else np.linspace(0.0, 1.0, max(count, 1))
        return self.q[np.rint(share * (len(self.q) - 1)).astype(int)]


def family_through(search: Search, packed: Float[np.ndarray, " 12"], q: Float[np.ndarray, " dof"]) -> Family | None:
    """The family that contains a solution; None if the solution is isolated.

    Args:
        search: the arm and the goal.
        packed: the target.
        q: (dof,) a solution.
    """
    _, J = _residual(search, packed, q)
    values, vectors = np.linalg.svd(J)[1:]
    if J.shape[0] < J.shape[1] or values[-1] > SINGULAR * values[0]:
        return None
    forward, is_closed = _walk(search, packed, q, vectors[-1])
    if is_closed:
        return Family(np.vstack([q[None], *forward]), True)
    backward, _ = _walk(search, packed, q, -vectors[-1])
    points = [*backward[::-1], q[None], *forward]
    return Family(np.vstack(points), False) if len(points) > 1 else None


def _walk(
    search: Search, packed: Float[np.ndarray, " 12"], start: Float[np.ndarray, " dof"], way: Float[np.ndarray, " dof"]
) -> tuple[list[Float[np.ndarray, "1 dof"]], bool]:
    """Points of the family from a solution in one direction, without it, and whether they come back to it."""
    low, high = search.limits
    found: list[np.ndarray] = []
    at = start
    for number in range(MAX_STEPS):
        point = _corrected(search, packed, at + STEP * way, way)
        if point is None or (point < low).any() or (point > high).any():
            return found, False
        moved = point - at
        if not 0.3 * STEP < np.linalg.norm(moved) < 3.0 * STEP:
            return found, False
        found.append(point[None])
        turned = np.where(search.arm.is_prismatic, point - start, np.mod(point - start + np.pi, 2.0 * np.pi) - np.pi)
        if number > 3 and np.linalg.norm(turned) < STEP:
            return found, True
        _, J = _residual(search, packed, point)
        null = np.linalg.svd(J)[2][-1]
        way = null if null @ moved > 0.0 else -null
        at = point
    return found, False


def _corrected(
    search: Search, packed: Float[np.ndarray, " 12"], q: Float[np.ndarray, " dof"], way: Float[np.ndarray, " dof"]
) -> Float[np.ndarray, " dof"] | None:
    """The solution nearest to `q`, across the family; None if there is none."""
    for _ in range(CORRECTIONS):
        e, J = _residual(search, packed, q)
        if np.linalg.norm(e) < ON_TARGET:
            return q
        u, values, vectors = np.linalg.svd(J)
        rank = len(values) - 1  # the last direction leads along the family
        q = q + vectors[:rank].T @ ((u.T @ e)[:rank] / np.maximum(values[:rank], 1e-9))
    return None


def _residual(
    search: Search, packed: Float[np.ndarray, " 12"], q: Float[np.ndarray, " dof"]
) -> tuple[Float[np.ndarray, " rows"], Float[np.ndarray, "rows dof"]]:
    """What is left to the target, and its negative derivative by the joints; angles as metres."""
    goal = search.objective
    reached, J = pack(search.arm.forward_kinematics(q)[None])[0], search.arm.jacobian(q)
    n = min(goal.rows, 3)
    position = goal.weights[:n] * (packed[:n] - reached[:n]), goal.weights[:n, None] * J[:n]
    if goal.rows < 6:
        return position
    axes, wanted, turning = reached[3:].reshape(3, 3), packed[3:].reshape(3, 3), J[3:]
    if goal.axis >= 0:
        a = axes[goal.axis]
        rotation, turning = np.cross(a, wanted[goal.axis]), turning - np.outer(a, a @ turning)
    else:
        rotation = 0.5 * np.cross(axes, wanted).sum(axis=0)
    length = goal.length
    return np.concatenate([position[0], length * rotation]), np.vstack([position[1], length * turning])
