"""How far an arm reaches."""

from __future__ import annotations

import numpy as np

from kinverse.robot.arm import Arm

_SAMPLES = 20_000
_CLIMBERS = 32
_STEPS = 200


def farthest_reach(arm: Arm, seed: int = 0) -> float:
    """The largest distance of the tool from the base frame's origin inside the joint limits [m].

    The best of many random configurations climb along the gradient of the squared distance, 2 Jᵀ p, with steps that
    grow while they help and shrink when they do not. A maximum over samples, so a lower bound of the true one.

    Args:
        arm: any; continuous joints move within ±π.
        seed: of the random configurations.
    """
    lower, upper = arm.sampling_limits
    q = arm.sample(_SAMPLES, seed)
    distance = np.linalg.norm(_position(arm, q), axis=1)
    best = np.argsort(distance)[-_CLIMBERS:]
    q, distance = q[best], distance[best]
    step = np.full((len(q), 1), 0.1)
    for _ in range(_STEPS):
        gradient = np.einsum("nij,ni->nj", arm.jacobian(q)[:, :3], _position(arm, q))
        gradient /= np.maximum(np.linalg.norm(gradient, axis=1, keepdims=True), 1e-12)
        trial = np.clip(q + step * gradient, lower, upper)
        reached = np.linalg.norm(_position(arm, trial), axis=1)
        better = (reached > distance)[:, None]
        q, distance = np.where(better, trial, q), np.maximum(reached, distance)
        step = np.where(better, 1.5 * step, 0.5 * step)
    return float(distance.max())


def _position(arm: Arm, q: np.ndarray) -> np.ndarray:
    return arm.forward_kinematics(q)[:, :3, 3]
