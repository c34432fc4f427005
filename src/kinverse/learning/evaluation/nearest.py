"""The closest point inside the joint limits: batched, projected, damped Newton on the squared distance.

Why Newton's full second derivatives and not Gauss–Newton: a target out of reach leaves a residual, and there
the dropped term is what decides; a stretched arm has a Jacobian of rank one, and Gauss–Newton creeps. The
second derivatives of a serial chain cost one cross product each.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from kinverse.robot.arm import Arm

ITERATIONS = 100
ARRIVED = 1e-10
"""A miss below this share of the arm's size counts as reached."""
FLAT = 1e-13
"""A projected gradient below this share of the squared size counts as zero: the arm cannot come closer."""
DOWNWARD = 1e-9
"""A curvature below minus this share of the squared size is a way down from a place without a slope."""
NUDGE = 1e-2
"""The first step on such a way [rad or m]."""
STUCK = 1e10
"""Damping at which a row is given up: no step of any length helps."""


@dataclass(frozen=True, eq=False)
class Problem:
    """An arm, the part of a position its task asks for, and the size that tolerances are measured by.

    Attributes:
        arm: with the limits to keep and task "pose", so that its Jacobian has the joints' axes too.
        count: coordinates of a target, 2 or 3.
        size: the lengths of the chain's parts added up [m].
    """

    arm: Arm
    count: int
    size: float

    @classmethod
    def of(cls, arm: Arm) -> Problem:
        """The problem for an arm whose task is "xy" or "xyz"."""
        return cls(
            arm=dataclasses.replace(arm, task="pose"),
            count=arm.task_shape[0],
            size=max(float(np.linalg.norm(arm.T_offsets[:, :3, 3], axis=1).sum()), 1e-6),
        )

    @property
    def arrived(self) -> float:
        """A miss [m] below this counts as reached."""
        return ARRIVED * self.size


def descend(
    problem: Problem, targets: Float[np.ndarray, "n t"], starts: Float[np.ndarray, "n dof"]
) -> tuple[Float[np.ndarray, "n dof"], Float[np.ndarray, " n"]]:
    """Go down from each start to a local minimum of the distance to its target, inside the limits.

    A joint at a limit that the gradient pushes against is held; the others take a Newton step whose
    eigenvalues are made positive and damped, and are clipped to the limits (Bertsekas, "Projected Newton
    methods", SIAM J. Control 20(2), 1982; the damping is Levenberg's, for each row on its own).

    Args:
        problem: the arm and its task.
        targets: (n, t) tool positions [m].
        starts: (n, dof) joint positions inside the limits [rad or m].

    Returns:
        (n, dof) joint positions inside the limits and (n,) remaining distances [m].
    """
    q = np.clip(starts, problem.arm.lower, problem.arm.upper)
    miss = np.linalg.norm(_reach(problem, q) - targets, axis=1)
    damping = np.full(len(q), 1e-3)
    rows = np.flatnonzero(miss > problem.arrived)  # the rows still on their way
    for _ in range(ITERATIONS):
        if len(rows) == 0:
            break
        step, flat = _newton_step(problem, q[rows], targets[rows], damping[rows])
        trial = np.clip(q[rows] + step, problem.arm.lower, problem.arm.upper)
        distance = np.linalg.norm(_reach(problem, trial) - targets[rows], axis=1)
        better = distance < miss[rows]
        q[rows[better]], miss[rows[better]] = trial[better], distance[better]
        damping[rows] = np.where(better, np.maximum(0.1 * damping[rows], 1e-12), 10.0 * damping[rows])
        rows = rows[~flat & (miss[rows] > problem.arrived) & (damping[rows] < STUCK)]
    return q, miss


def _reach(problem: Problem, q: Float[np.ndarray, "n dof"]) -> Float[np.ndarray, "n t"]:
    """The task's coordinates of the tool [m]."""
    return problem.arm.pose(q)[:, : problem.count, 3]


def _newton_step(
    problem: Problem,
    q: Float[np.ndarray, "n dof"],
    targets: Float[np.ndarray, "n t"],
    damping: Float[np.ndarray, " n"],
) -> tuple[Float[np.ndarray, "n dof"], Bool[np.ndarray, " n"]]:
    """A damped Newton step of ½ |tool − target|² for the free joints, and which rows have nowhere to go."""
    J = problem.arm.jacobian(q)  # (n, 6, dof)
    residual = _reach(problem, q) - targets
    linear = J[:, : problem.count]
    gradient = np.einsum("nki,nk->ni", linear, residual)
    held = ((q <= problem.arm.lower) & (gradient > 0.0)) | ((q >= problem.arm.upper) & (gradient < 0.0))
    gradient = np.where(held, 0.0, gradient)
    H = np.einsum("nki,nkj->nij", linear, linear) + _curvature(J, residual)
    free = ~held
    H = np.where(free[:, :, None] & free[:, None, :], H, 0.0)
    values, vectors = np.linalg.eigh(H)
    # The absolute value turns a saddle's way up into a way down; held joints have gradient 0 and stay.
    size = np.abs(values)
    size = size + (damping * np.maximum(size.max(axis=1), 1e-6 * problem.size**2))[:, None]
    step = -np.einsum("nij,nj,nkj,nk->ni", vectors, 1.0 / size, vectors, gradient, optimize=True)
    flat = np.abs(gradient).max(axis=1) < FLAT * problem.size**2
    # An arm folded along the line to its target is a saddle without a slope: leave it where the ground falls away.
    saddle = flat & (values[:, 0] < -DOWNWARD * problem.size**2)
    step = np.where(saddle[:, None], NUDGE / (1.0 + damping[:, None]) * vectors[:, :, 0], step)
    return np.where(held, 0.0, step), flat & ~saddle


def _curvature(J: Float[np.ndarray, "n 6 dof"], residual: Float[np.ndarray, "n t"]) -> Float[np.ndarray, "n dof dof"]:
    """Σ residual · second derivative of the tool position.

    Moving joint i turns everything that hangs on it about its axis zᵢ, the tool's motion by a joint j further
    out included: ∂²p/∂qᵢ∂qⱼ = zᵢ × ∂p/∂qⱼ for i ≤ j. A sliding joint's angular rows are zero, and so is what
    it adds.
    """
    dof = J.shape[2]
    r = np.zeros((len(J), 3))
    r[:, : residual.shape[1]] = residual
    axes = np.swapaxes(J[:, 3:], 1, 2)  # (n, dof, 3)
    # r · (zᵢ × Jⱼ) = (r × zᵢ) · Jⱼ
    inner = np.einsum("nik,nkj->nij", np.cross(r[:, None, :], axes), J[:, :3])
    upper = inner * np.triu(np.ones((dof, dof)))
    return upper + np.swapaxes(upper, 1, 2) - upper * np.eye(dof)
