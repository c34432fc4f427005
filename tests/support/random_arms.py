"""Random serial chains."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

import kinverse as kv
from kinverse.geometry import transform


def random_chain(seed: int, dof: int) -> kv.Arm:
    """Any axes and offsets, a third of the joints prismatic, some rotations at right angles as on real arms."""
    rng = np.random.default_rng(seed)
    offsets = []
    for any_rotation in Rotation.random(dof + 1, random_state=seed):
        right_angle = Rotation.from_euler("x", rng.choice([0.0, np.pi / 2, np.pi, -np.pi / 2]))
        rotation = right_angle if rng.random() < 0.4 else any_rotation
        offsets.append(transform(rotation.as_matrix(), rng.uniform(-0.5, 0.5, 3) * (rng.random(3) < 0.7)))
    kinds = rng.choice(["revolute", "continuous", "prismatic"], dof)
    limit = np.where(kinds == "continuous", np.inf, np.where(kinds == "prismatic", 0.5, 2.9))
    return kv.Arm(
        name=f"chain{seed}",
        joint_names=tuple(f"j{i}" for i in range(dof)),
        joint_kinds=tuple(map(str, kinds)),  # type: ignore[arg-type]
        T_offsets=np.array(offsets),
        lower=-limit,
        upper=limit,
    )


chains = st.builds(random_chain, st.integers(0, 2**32 - 1), st.integers(1, 12))
"""Random chains of one to twelve joints."""


def degenerate_chain(seed: int, max_joints: int = 20) -> kv.Arm:
    """A chain with the odd things of real URDF files: links of no length; limits equal, missing or far from zero.

    It has between one and `max_joints` joints, about axes at any angle.
    """
    rng = np.random.default_rng(seed)
    dof = int(rng.integers(1, max_joints + 1))
    offsets = []
    for _ in range(dof + 1):
        rotation = Rotation.random(random_state=int(rng.integers(2**31)))
        right_angle = Rotation.from_euler("x", rng.choice([0.0, np.pi / 2, np.pi]))
        position = rng.uniform(-0.5, 0.5, 3) * (rng.random(3) < 0.6) * (rng.random() < 0.8)
        offsets.append(transform((rotation if rng.random() < 0.6 else right_angle).as_matrix(), position))
    kinds = rng.choice(["revolute", "continuous", "prismatic"], dof)
    lower, upper = -rng.uniform(0.0, 4.0, dof) * rng.choice([1, 1, 2], dof), rng.uniform(0.0, 4.0, dof)
    equal, moved = rng.random(dof) < 0.1, rng.random(dof) < 0.1
    lower[equal] = upper[equal]
    lower[moved] += 50.0
    upper[moved] += 50.0
    unlimited = (kinds == "continuous") | (rng.random(dof) < 0.05)
    lower[unlimited] = -np.inf
    upper[unlimited | (rng.random(dof) < 0.05)] = np.inf
    return kv.Arm(
        name=f"chain{seed}",
        joint_names=tuple(f"j{i}" for i in range(dof)),
        joint_kinds=tuple(map(str, kinds)),  # type: ignore[arg-type]
        T_offsets=np.array(offsets),
        lower=np.minimum(lower, upper),
        upper=upper,
    )
