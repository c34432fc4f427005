"""The search in torch, for a device with thousands of lanes: every row at once, the same step and verification."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from kinverse.errors import ConfigError
from kinverse.ik.engine import Engine
from kinverse.ik.kernels.records import Objective
from kinverse.ik.problem import TURN
from kinverse.ik.solutions import Solutions, put
from kinverse.robot import torch_kinematics as differentiable
from kinverse.robot.arm import Arm

ROWS_AT_ONCE = 1 << 18
"""Rows on the device at a time, so that its memory bounds no batch."""
ATTEMPTS = 4
"""Attempts of every row on the device; one row in eleven of the Panda is left then, one in sixty of the UR5."""
ITERATIONS = 20
"""Of each attempt; 98 % of those that arrive have by then."""


class DeviceEngine:
    """Solves batches on a torch device.

    The compiled search on the CPU keeps eight targets in registers; a GPU wants thousands in step. So here all rows
    make an attempt in the same rhythm, then those that have not arrived make another. After some attempts the
    stragglers are few, and the compiled search takes them; it also has the last word on every answer.

    Attributes:
        engine: arm, goal and rules.
        device: where the batches are solved.
    """

    def __init__(self, engine: Engine, device: str) -> None:
        """Take the arm to a device.

        Raises:
            ConfigError: no such device here.
        """
        self.engine = engine
        try:
            self.device = torch.device(device)
            torch.empty(1, device=self.device)
        except (RuntimeError, AssertionError):
            raise ConfigError(f"device {device!r} is not available here; cpu is") from None

    def solve(
        self,
        packed: Float[np.ndarray, "n 12"],
        starts: Float[np.ndarray, "m dof"] | None,
        proposals: Float[np.ndarray, "n heads dof"] | None,
    ) -> Solutions:
        """Answer rows of packed targets.

        Args:
            packed: (n, 12) positions and axes.
            starts: (n or 1, dof) where the first attempts begin, or None.
            proposals: (n, heads, dof) of a network, for the attempts after it, or None.
        """
        count, dof = len(packed), self.engine.arm.dof
        seeds = [self.engine.table.q[np.arange(count)[:, None] * ATTEMPTS % len(self.engine.table.q) + range(ATTEMPTS)]]
        if proposals is not None:
            seeds.insert(0, np.clip(proposals, *self.engine.limits))
        if starts is not None:
            seeds.insert(0, np.broadcast_to(starts, (count, dof))[:, None])
        tried = np.concatenate(seeds, axis=1)[:, :ATTEMPTS]
        q, spent = np.empty((count, dof)), np.zeros(count, np.int64)
        attempts = np.zeros(count, np.int64)
        for first in range(0, count, ROWS_AT_ONCE):
            rows = slice(first, first + ROWS_AT_ONCE)
            q[rows], spent[rows], attempts[rows] = self._search(packed[rows], tried[rows])
        found = self.engine.solve(packed, q[:, None], None, starts, self.engine.rules.only_verify())
        missed = np.asarray(~found.converged)
        if missed.any():
            own = None if starts is None else np.broadcast_to(starts, (count, dof))[missed]
            begin = None if own is None else np.ascontiguousarray(own[:, None])
            again = self.engine.solve(packed[missed], begin, None if proposals is None else proposals[missed], own)
            found = put(found, missed, again)
        return replace(found, iterations=found.iterations + spent, attempts=np.maximum(attempts, found.attempts))

    def _search(
        self, packed: Float[np.ndarray, "n 12"], seeds: Float[np.ndarray, "n k dof"]
    ) -> tuple[Float[np.ndarray, "n dof"], Int[np.ndarray, " n"], Int[np.ndarray, " n"]]:
        """(n, dof) where the first attempt that arrives ends, or the last; how many iterations and attempts it took."""
        target, tried = self._tensor(packed), self._tensor(seeds)
        found = torch.empty_like(tried[:, 0])
        spent = torch.zeros(len(packed), dtype=torch.int64, device=self.device)
        attempts = torch.zeros_like(spent)
        rows = torch.arange(len(packed), device=self.device)
        for attempt in range(tried.shape[1]):
            q, arrived, iterations = self._attempt(target[rows], tried[rows, attempt])
            found[rows] = q
            spent[rows] += iterations
            attempts[rows] += 1
            rows = rows[~arrived]
            if len(rows) == 0:
                break
        return found.cpu().numpy(), spent.cpu().numpy(), attempts.cpu().numpy()

    def _attempt(
        self, target: Float[Tensor, "n 12"], q: Float[Tensor, "n dof"]
    ) -> tuple[Float[Tensor, "n dof"], Bool[Tensor, " n"], Int[Tensor, " n"]]:
        """One descent of every row from its seed, as `kinverse.ik.kernels.search` makes it."""
        engine, goal, rules = self.engine, self.engine.goal, self.engine.rules
        lower, upper = self._tensor(engine.chain.lower), self._tensor(engine.chain.upper)
        wraps = torch.as_tensor(engine.chain.wraps, device=self.device)
        identity = torch.eye(goal.rows, dtype=q.dtype, device=self.device)
        e, J, errors = residual(engine.arm, goal, target, q)
        cost = (e * e).sum(1)
        damping, growth = rules.damping * cost, torch.full_like(cost, 2.0)
        iterations = torch.zeros(len(q), dtype=torch.int64, device=self.device)
        arrived = self._arrived(errors)
        for _ in range(ITERATIONS):
            if bool(arrived.all()):
                break
            gradient = torch.einsum("nij,ni->nj", J, e)
            held = ~wraps & (((q <= lower) & (gradient < 0)) | ((q >= upper) & (gradient > 0)))
            free = J.masked_fill(held[:, None, :], 0.0)
            A = free @ free.mT + damping[:, None, None] * identity
            step = (free.mT @ torch.cholesky_solve(e[..., None], torch.linalg.cholesky_ex(A)[0]))[..., 0]
            predicted = (step * (damping[:, None] * step + gradient.masked_fill(held, 0.0))).sum(1).clamp_min(1e-300)
            trial = q + step
            turned = trial - TURN * torch.floor((trial - lower) / TURN)
            trial = torch.where(wraps & ((trial < lower) | (trial > upper)), turned, trial)
            trial = torch.maximum(torch.minimum(trial, upper), lower)
            e_trial, J_trial, errors_trial = residual(engine.arm, goal, target, trial)
            cost_trial = (e_trial * e_trial).sum(1)
            better = (cost_trial < cost) & ~arrived
            deviation = 2.0 * (cost - cost_trial) / predicted - 1.0
            damping = torch.where(better, damping * (1.0 - deviation**3).clamp(0.1, 2.0), damping * growth)
            damping = damping.clamp(1e-200, 1e200)
            growth = torch.where(better, 2.0, (2.0 * growth).clamp_max(1e6))
            iterations += ~arrived
            q = torch.where(better[:, None], trial, q)
            e, J = torch.where(better[:, None], e_trial, e), torch.where(better[:, None, None], J_trial, J)
            cost = torch.where(better, cost_trial, cost)
            arrived = arrived | (better & self._arrived(errors_trial))
        return q, arrived, iterations

    def _arrived(self, errors: Float[Tensor, "2 n"]) -> Bool[Tensor, " n"]:
        goal = self.engine.goal
        return (errors[0] <= goal.position_tolerance**2) & (errors[1] <= goal.rotation_tolerance**2)

    def _tensor(self, values: np.ndarray) -> Tensor:
        return torch.as_tensor(values, device=self.device)


def residual(
    arm: Arm, goal: Objective, target: Float[Tensor, "n 12"], q: Float[Tensor, "n dof"]
) -> tuple[Float[Tensor, "n rows"], Float[Tensor, "n rows dof"], Float[Tensor, "2 n"]]:
    """The residual and Jacobian of `kinverse.ik.kernels.residual`, in torch.

    Args:
        arm: the kinematics.
        goal: what counts.
        target: (n, 12) packed targets.
        q: (n, dof) joint positions, float64.

    Returns:
        (n, rows) residual [m], (n, rows, dof) its negative derivative, (2, n) squared errors [m², 1].
    """
    T, J = differentiable.forward_kinematics(arm, q), differentiable.jacobian(arm, q)
    weights = torch.as_tensor(goal.weights, device=q.device)
    count = min(goal.rows, 3)
    e = (target[:, :count] - T[:, :count, 3]) * weights[:count]
    rows = [J[:, :count] * weights[:count, None]]
    position = (e * e).sum(1)
    rotation = torch.zeros_like(position)
    if goal.rows == 6:
        axes = range(3) if goal.axis < 0 else (goal.axis,)
        current = [T[:, :3, i] for i in axes]
        wanted = [target[:, 3 + 3 * i : 6 + 3 * i] for i in axes]
        sine = torch.stack([torch.linalg.cross(a, t) for a, t in zip(current, wanted, strict=True)]).sum(0)
        cosine = torch.stack([(a * t).sum(1) for a, t in zip(current, wanted, strict=True)]).sum(0)
        scale = (1.0 + cosine) if goal.axis < 0 else 0.5 * (1.0 + cosine)
        s = sine * scale.clamp_min(1e-9).rsqrt()[:, None]
        rotation = (s * s).sum(1)
        angular = J[:, 3:]
        if goal.axis >= 0:
            a = current[0]
            angular = angular - a[:, :, None] * torch.einsum("ni,nij->nj", a, angular)[:, None, :]
        e = torch.cat([e, s * goal.length], dim=1)
        rows.append(angular * goal.length)
    return e, torch.cat(rows, dim=1), torch.stack([position, rotation])
