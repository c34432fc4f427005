"""The closest reachable point to a target position, and the reach of an arm.

The solver handles reachable positions. For the others, the compiled search finds the basins of the distance, and Newton
steps find their minima: the search neglects second derivatives (Gauss–Newton), which matter where a residual remains.
After 300 iterations it is still up to 0.4 mm from the nearest point on the NAO arms, and 0.9 mm on the Panda. With 64
seeds and Newton steps from the best four ends, none of 900 targets on NAO, UR5, Panda and iiwa14 came nearer with twice
the effort.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from kinverse.errors import ConfigError, ShapeError
from kinverse.ik.goal import Goal
from kinverse.ik.search import Search
from kinverse.ik.seeds import spread
from kinverse.ik.solver import Solver
from kinverse.robot.arm import Arm

ARRIVED = 1e-10
"""A miss below this share of the arm's size counts as reached."""
MAX_NEWTON_STEPS = 100
FLAT = 1e-13
"""A projected gradient below this share of the squared size counts as zero: the arm cannot come closer."""
STUCK = 1e10
"""Damping at which a row is given up: no step of any length helps."""
SEEDS = 64
"""Attempts for a target that is not reached."""
FINISHED = 4
"""The closest of these attempts, which Newton steps refine."""
BLOCK = 1024
"""Targets at a time, so that memory does not grow with their number."""
SAMPLES = 20_000
"""Random configurations for `farthest_reach`."""
FARTHEST = 32
"""The farthest of these, which Newton steps refine."""


@dataclass(frozen=True, eq=False)
class Reach:
    """The closest reachable point to each target.

    Attributes:
        q: (n, dof) joint positions inside the limits [rad or m].
        miss: (n,) distance between tool and target [m]; at most about 1e-9 of the arm's size if reached.
    """

    q: Float[np.ndarray, "n dof"]
    miss: Float[np.ndarray, " n"]


def closest_reachable(
    arm: Arm,
    targets: Float[np.ndarray, "n t"],
    *,
    lower: Float[np.ndarray, " dof"] | float | None = None,
    upper: Float[np.ndarray, " dof"] | float | None = None,
) -> Reach:
    """Joint positions inside the limits whose tool comes closest to each target position.

    Args:
        arm: any arm.
        targets: (n, 2) or (n, 3) tool positions [m].
        lower: (dof,) or one lower limit [rad or m], −inf for none, such as the output bounds of a model; default: the
            arm's limits.
        upper: (dof,) or one upper limit; default: the arm's limits.

    Raises:
        ConfigError: a lower limit lies above an upper one.
        ShapeError: targets or limits do not fit the arm.
        TargetError: a target is not finite.

    Example:
        >>> closest_reachable(kv.planar_arm([1.0, 1.0]), np.array([[3.0, 0.0]])).miss
        array([1.])
    """
    targets = np.asarray(targets, dtype=np.float64)
    if targets.ndim != 2 or targets.shape[1] not in (2, 3):
        raise ShapeError(f"targets must have shape (n, 2) or (n, 3), got {targets.shape}")
    arm = _with_limits(arm, lower, upper)
    make_goal = Goal.planar if targets.shape[1] == 2 else Goal.position
    solver = Solver(arm, make_goal(position_tolerance=ARRIVED * _size(arm)), network=None)
    found = solver.solve(targets)
    q, miss = found.q.copy(), np.array(found.position_error)
    missed = np.flatnonzero(~found.converged)
    for first in range(0, len(missed), BLOCK):
        rows = missed[first : first + BLOCK]
        for start in (q[rows], *_closest_ends(solver.search, targets[rows])):
            end, distance = _newton(arm, targets[rows], start)
            better = distance < miss[rows]
            q[rows[better]], miss[rows[better]] = end[better], distance[better]
    return Reach(q, miss)


def _closest_ends(search: Search, targets: Float[np.ndarray, "n t"]) -> Float[np.ndarray, "k n dof"]:
    """End points of the closest attempts for each target, from seeds spread over the joint space."""
    count, dof = len(targets), search.arm.dof
    packed = np.zeros((count, 12))
    packed[:, : targets.shape[1]] = targets
    seeds = np.tile(spread(search.arm, SEEDS), (count, 1))[:, None]
    # Towards an unreachable target an attempt slows down long before it ends.
    rules = search.rules.once()._replace(iterations=60, slow=0.999, patience=8)
    ends = search.solve(np.repeat(packed, SEEDS, axis=0), seeds, rules=rules)
    closest = np.argsort(ends.position_error.reshape(count, SEEDS), axis=1, kind="stable")[:, :FINISHED]
    return ends.q.reshape(count, SEEDS, dof)[np.arange(count), closest.T]


def farthest_reach(arm: Arm, seed: int = 0) -> float:
    """The largest distance of the tool from the base frame's origin inside the joint limits [m].

    Newton steps refine the farthest of many random configurations. The result is a lower bound of the true reach.

    Args:
        arm: any arm; continuous joints are sampled within ±π.
        seed: random seed of the configurations.
    """
    q = arm.sample(SAMPLES, seed)
    farthest = np.argsort(np.linalg.norm(_tool(arm, q, 3), axis=1))[-FARTHEST:]
    _, reach = _newton(arm, np.zeros((FARTHEST, 3)), q[farthest], away=True)
    return float(reach.max())


def _newton(
    arm: Arm, targets: Float[np.ndarray, "n t"], q: Float[np.ndarray, "n dof"], away: bool = False
) -> tuple[Float[np.ndarray, "n dof"], Float[np.ndarray, " n"]]:
    """Joint positions at a local minimum of the distance to each target, or at a maximum (`away`), and distances [m].

    A joint at a limit that the gradient pushes against is held; the others take a Newton step whose eigenvalues are
    made positive and damped, and are clipped to the limits (Bertsekas, "Projected Newton methods", SIAM J. Control
    20(2), 1982; the damping is Levenberg's, for each row on its own).
    """
    q = q.copy()
    miss = np.linalg.norm(_tool(arm, q, targets.shape[1]) - targets, axis=1)
    damping, sign = np.full(len(q), 1e-3), -1.0 if away else 1.0
    rows = np.arange(len(q))  # the rows not yet finished
    for _ in range(MAX_NEWTON_STEPS):
        if len(rows) == 0:
            break
        step, flat = _newton_step(arm, q[rows], targets[rows], damping[rows], sign)
        trial = np.clip(q[rows] + step, arm.lower, arm.upper)
        distance = np.linalg.norm(_tool(arm, trial, targets.shape[1]) - targets[rows], axis=1)
        better = sign * distance < sign * miss[rows]
        q[rows[better]], miss[rows[better]] = trial[better], distance[better]
        damping[rows] = np.where(better, np.maximum(0.1 * damping[rows], 1e-12), 10.0 * damping[rows])
        rows = rows[~flat & (damping[rows] < STUCK)]
    return q, miss


def _newton_step(
    arm: Arm,
    q: Float[np.ndarray, "n dof"],
    targets: Float[np.ndarray, "n t"],
    damping: Float[np.ndarray, " n"],
    sign: float,
) -> tuple[Float[np.ndarray, "n dof"], Bool[np.ndarray, " n"]]:
    """A damped Newton step of ± ½ |tool − target|² for the free joints, and the rows whose gradient is zero."""
    J = arm.jacobian(q)  # (n, 6, dof)
    residual = _tool(arm, q, targets.shape[1]) - targets
    linear, scale = J[:, : targets.shape[1]], _size(arm) ** 2
    gradient = sign * np.einsum("nki,nk->ni", linear, residual)
    held = ((q <= arm.lower) & (gradient > 0.0)) | ((q >= arm.upper) & (gradient < 0.0))
    gradient = np.where(held, 0.0, gradient)
    H = sign * (np.einsum("nki,nkj->nij", linear, linear) + _curvature(J, residual))
    H = np.where(held[:, :, None] | held[:, None, :], 0.0, H)
    values, vectors = np.linalg.eigh(H)
    size = np.abs(
        values
    )  # ascent directions at a saddle become descent directions; held joints have gradient 0 and stay
    size = size + (damping * np.maximum(size.max(axis=1), 1e-6 * scale))[:, None]
    step = -np.einsum("nij,nj,nkj,nk->ni", vectors, 1.0 / size, vectors, gradient, optimize=True)
    return np.where(held, 0.0, step), np.abs(gradient).max(axis=1) < FLAT * scale


def _curvature(J: Float[np.ndarray, "n 6 dof"], residual: Float[np.ndarray, "n t"]) -> Float[np.ndarray, "n dof dof"]:
    """Σ residual · second derivative of the tool position.

    Moving joint i turns everything beyond it about its axis zᵢ, the tool's motion by a joint j further out included:
    ∂²p/∂qᵢ∂qⱼ = zᵢ × ∂p/∂qⱼ for i ≤ j. A sliding joint's angular rows are zero, and so is what it adds.
    """
    dof = J.shape[2]
    r = np.zeros((len(J), 3))
    r[:, : residual.shape[1]] = residual
    axes = np.swapaxes(J[:, 3:], 1, 2)  # (n, dof, 3)
    # r · (zᵢ × Jⱼ) = (r × zᵢ) · Jⱼ
    upper = np.einsum("nik,nkj->nij", np.cross(r[:, None, :], axes), J[:, :3]) * np.triu(np.ones((dof, dof)))
    return upper + np.swapaxes(upper, 1, 2) - upper * np.eye(dof)


def _tool(arm: Arm, q: Float[np.ndarray, "n dof"], coordinates: int) -> Float[np.ndarray, "n t"]:
    """The tool's first coordinates [m]."""
    return arm.forward_kinematics(q)[:, :coordinates, 3]


def _size(arm: Arm) -> float:
    """The summed link lengths [m], never 0: the scale of the tolerances."""
    return max(float(np.linalg.norm(arm.T_offsets[:, :3, 3], axis=1).sum()), 1e-6)


def _with_limits(
    arm: Arm, lower: Float[np.ndarray, " dof"] | float | None, upper: Float[np.ndarray, " dof"] | float | None
) -> Arm:
    """The arm with other joint limits; None keeps its own."""
    low = _limit(arm, "lower", arm.lower if lower is None else lower)
    high = _limit(arm, "upper", arm.upper if upper is None else upper)
    if not (low <= high).all():
        raise ConfigError(f"lower limits must not lie above upper ones, got {low.tolist()} and {high.tolist()}")
    return dataclasses.replace(arm, lower=low, upper=high)


def _limit(arm: Arm, side: str, value: Float[np.ndarray, " dof"] | float) -> Float[np.ndarray, " dof"]:
    """One number for all joints, or one for each."""
    limits = np.asarray(value, dtype=np.float64)
    if limits.shape not in ((), (arm.dof,)) or np.isnan(limits).any():
        raise ShapeError(f"{side} must be one number or ({arm.dof},) numbers and no NaN, got {value!r}")
    return np.broadcast_to(limits, arm.dof)
