"""Random chains for the solver: everything that a URDF may hold, and what it should not."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

import kinverse as kv
from kinverse.geometry import transform


def random_chain(seed: int, task: str = "pose", most: int = 20) -> kv.Arm:
    """One to `most` joints about axes at any angle, links of no length, equal limits, missing ones, ones far away."""
    rng = np.random.default_rng(seed)
    dof = int(rng.integers(1, most + 1))
    offsets = []
    for _ in range(dof + 1):
        anything = Rotation.random(random_state=int(rng.integers(2**31)))
        right_angle = Rotation.from_euler("x", rng.choice([0.0, np.pi / 2, np.pi]))
        position = rng.uniform(-0.5, 0.5, 3) * (rng.random(3) < 0.6) * (rng.random() < 0.8)
        offsets.append(transform((anything if rng.random() < 0.6 else right_angle).as_matrix(), position))
    kinds = rng.choice(["revolute", "continuous", "prismatic"], dof)
    lower, upper = -rng.uniform(0.0, 4.0, dof) * rng.choice([1, 1, 2], dof), rng.uniform(0.0, 4.0, dof)
    equal, moved = rng.random(dof) < 0.1, rng.random(dof) < 0.1
    lower[equal] = upper[equal]
    lower[moved] += 50.0
    upper[moved] += 50.0
    endless = (kinds == "continuous") | (rng.random(dof) < 0.05)
    lower[endless] = -np.inf
    upper[endless | (rng.random(dof) < 0.05)] = np.inf
    return kv.Arm(
        name=f"chain{seed}",
        joint_names=tuple(f"j{i}" for i in range(dof)),
        joint_kinds=tuple(map(str, kinds)),  # type: ignore[arg-type]
        T_offsets=np.array(offsets),
        lower=np.minimum(lower, upper),
        upper=upper,
        task=task,  # type: ignore[arg-type]
    )
