"""pytorch_kinematics: damped pseudo-inverse steps in torch for a whole batch."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

from kinverse.apps.benchmark.peer import SEED_OF_STARTS, Peer, Robot, require_same_chain
from kinverse.apps.benchmark.verify import POSITION_TOLERANCE, ROTATION_TOLERANCE

RETRIES, MAX_STEPS = 10, 30


class TorchKinematics(Peer):
    """`PseudoInverseIK` with several starts per target; a converged result is taken, if any."""

    name = "pytorch_kinematics"
    distribution = "pytorch-kinematics"
    kind = "batched"
    method = f"PseudoInverseIK, float64, {RETRIES} starts at once, up to {MAX_STEPS} steps"
    takes_batches = True

    def __init__(self, robot: Robot) -> None:
        import pytorch_kinematics as pk
        import torch

        torch.set_num_threads(1)
        self._torch: Any = torch
        self._transform: Any = pk.Transform3d
        arm = robot.arm
        base, tool = arm.frames
        chain = pk.build_serial_chain_from_urdf(robot.urdf.read_bytes(), tool, root_link_name=base)
        chain = chain.to(dtype=torch.float64)
        require_same_chain(arm, lambda q: chain.forward_kinematics(torch.tensor(q)).get_matrix()[0])
        self._solver: Any = pk.PseudoInverseIK(
            chain,
            pos_tolerance=0.5 * POSITION_TOLERANCE,
            rot_tolerance=0.5 * ROTATION_TOLERANCE,
            retry_configs=torch.tensor(arm.sample(RETRIES, SEED_OF_STARTS)),
            joint_limits=torch.tensor(np.stack(arm.sampling_limits, axis=-1)),
            max_iterations=MAX_STEPS,
            early_stopping_any_converged=True,
            early_stopping_no_improvement="all",
            lr=1.0,
        )

    def solve_one(self, T_target: Float[np.ndarray, "4 4"]) -> Float[np.ndarray, " dof"]:
        """Solve a batch of one target."""
        return self.solve_all(T_target[None])[0]

    def solve_all(self, T_targets: Float[np.ndarray, "n 4 4"]) -> Float[np.ndarray, "n dof"]:
        """Solve all targets in one call; a row is NaN if no start converged."""
        torch = self._torch
        found = self._solver.solve(self._transform(matrix=torch.tensor(T_targets)))
        best = found.converged.to(torch.int8).argmax(dim=1)
        q = found.solutions[torch.arange(len(T_targets)), best].numpy()
        return np.where(found.converged_any.numpy()[:, None], q, np.nan)
