"""Random serial chains for the tests of this folder."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

import kinverse as kv
from kinverse.geometry import transform


def random_chain(seed: int, dof: int, *, task: str = "pose") -> kv.Arm:
    """Any axes and offsets, a third of the joints prismatic, some rotations at right angles as on real arms."""
    rng = np.random.default_rng(seed)
    offsets = []
    for anything in Rotation.random(dof + 1, random_state=seed):
        right_angle = Rotation.from_euler("x", rng.choice([0.0, np.pi / 2, np.pi, -np.pi / 2]))
        rotation = right_angle if rng.random() < 0.4 else anything
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
        task=task,  # type: ignore[arg-type]
    )


chains = st.builds(random_chain, st.integers(0, 2**32 - 1), st.integers(1, 12))
