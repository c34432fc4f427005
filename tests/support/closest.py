"""How much closer to a target a local optimiser comes from the closest joint positions that the solver found."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation

import kinverse as kv

SCALE = 1e4
"""Of the cost, as the optimiser's own tolerances are absolute."""


def hostile_targets(arm: kv.Arm, count: int) -> np.ndarray:
    """Poses inside and outside the reach, with any rotation."""
    T = arm.forward_kinematics(arm.sample(count, seed=9))
    T[:, :3, 3] *= np.random.default_rng(5).uniform(0.1, 2.0, count)[:, None]
    T[:, :3, :3] = Rotation.random(count, random_state=3).as_matrix()
    return T


def cost(arm: kv.Arm, goal: kv.Goal, weight: float, T: np.ndarray, q: np.ndarray) -> float:
    """|e|² + 8 weight² (1 − cos(angle / 2)), from forward kinematics and SciPy's rotations."""
    reached = arm.forward_kinematics(q)
    square = float(((T[:3, 3] - reached[:3, 3]) ** 2).sum())
    if goal.kind == "position":
        return square
    if goal.kind == "axis":
        angle = np.arccos(np.clip(reached[:3, 2] @ T[:3, 2], -1.0, 1.0))
    else:
        angle = Rotation.from_matrix(T[:3, :3] @ reached[:3, :3].T).magnitude()
    return square + 8.0 * weight**2 * (1.0 - np.cos(0.5 * angle))


def gain(arm: kv.Arm, goal: kv.Goal, weight: float, T: np.ndarray, q: np.ndarray) -> float:
    """How much closer SciPy's L-BFGS-B comes from `q` inside the limits [m], as a difference of roots of the cost."""
    bounds = [(low if np.isfinite(low) else None, high if np.isfinite(high) else None)
              for low, high in zip(arm.lower, arm.upper, strict=True)]  # fmt: skip
    after = minimize(
        lambda q: SCALE * cost(arm, goal, weight, T, q), q, method="L-BFGS-B", bounds=bounds,
        options={"ftol": 1e-15, "gtol": 1e-10},
    ).fun / SCALE  # fmt: skip
    return float(np.sqrt(cost(arm, goal, weight, T, q)) - np.sqrt(max(after, 0.0)))
