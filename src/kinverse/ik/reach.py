"""The closest reachable point to a target position, and the reach of an arm.

The solver handles reachable positions. For the others, the compiled search finds the basins of the distance, and Newton
steps find their minima. With 64 seeds and Newton steps from the best four ends, none of 900 targets on NAO, UR5, Panda
and iiwa14 came nearer with twice the effort.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from kinverse.compiling import announce_compilation
from kinverse.errors import ConfigError, ShapeError
from kinverse.ik.goal import Goal
from kinverse.ik.kernels.descend import descend_rows
from kinverse.ik.search import Search
from kinverse.ik.seeds import spread
from kinverse.ik.solver import Solver
from kinverse.robot.arm import Arm

ARRIVED = 1e-10
"""A miss below this share of the arm's size counts as reached."""
MAX_NEWTON_STEPS = 100
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
        packed = _packed(targets[rows])
        for end in _closest_ends(solver.search, packed):
            _descend(solver.search, packed, end, 1.0)
            distance = np.linalg.norm(_tool(arm, end, targets.shape[1]) - targets[rows], axis=1)
            better = distance < miss[rows]
            q[rows[better]], miss[rows[better]] = end[better], distance[better]
    return Reach(q, miss)


def _closest_ends(search: Search, packed: Float[np.ndarray, "n 12"]) -> Float[np.ndarray, "k n dof"]:
    """End points of the closest attempts for each target, from seeds spread over the joint space."""
    count, dof = len(packed), search.arm.dof
    seeds = np.tile(spread(search.arm, SEEDS), (count, 1))[:, None]
    # Towards an unreachable target an attempt slows down long before it ends.
    rules = search.rules.once()._replace(iterations=60, slow=0.999, patience=8)
    ends = search.solve(np.repeat(packed, SEEDS, axis=0), seeds, rules=rules)
    closest = np.argsort(ends.position_error.reshape(count, SEEDS), axis=1, kind="stable")[:, :FINISHED]
    return np.ascontiguousarray(ends.q.reshape(count, SEEDS, dof)[np.arange(count), closest.T])


def farthest_reach(arm: Arm, seed: int = 0) -> float:
    """The largest distance of the tool from the base frame's origin inside the joint limits [m].

    Newton steps refine the farthest of many random configurations. The result is a lower bound of the true reach.

    Args:
        arm: any arm; continuous joints are sampled within ±π.
        seed: random seed of the configurations.
    """
    q = arm.sample(SAMPLES, seed)
    farthest = q[np.argsort(np.linalg.norm(_tool(arm, q, 3), axis=1))[-FARTHEST:]]
    _descend(Search.of(arm, Goal.position(), 1), np.zeros((FARTHEST, 12)), farthest, -1.0)
    return float(np.linalg.norm(_tool(arm, farthest, 3), axis=1).max())


def _packed(positions: Float[np.ndarray, "n t"]) -> Float[np.ndarray, "n 12"]:
    """Positions as packed targets."""
    packed = np.zeros((len(positions), 12))
    packed[:, : positions.shape[1]] = positions
    return packed


def _descend(search: Search, packed: Float[np.ndarray, "n 12"], q: Float[np.ndarray, "n dof"], sign: float) -> None:
    """Move joint positions, in place, to a local minimum (sign 1) or maximum (−1) of the distance to each target."""
    announce_compilation(descend_rows)
    descend_rows(search.chain, search.objective, packed, q, MAX_NEWTON_STEPS, sign)


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
