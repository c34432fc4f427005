"""The search in torch, here on the CPU: the same answers in kind, verified by the same kernel."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kinverse as kv
from kinverse.geometry import position_error, rotation_error
from kinverse.ik import device
from kinverse.ik.device import DeviceEngine, residual
from kinverse.ik.seeds import pack


def engine_of(name: str, mask: str = "111111") -> tuple[kv.Arm, DeviceEngine]:
    solver = kv.Solver(name, network=None, mask=mask)
    return solver.arm, DeviceEngine(solver._engine, "cpu")


@pytest.mark.parametrize("name", ["panda", "ur5", "nao-left", "planar3"])
def test_targets_in_reach_are_reached(name: str) -> None:
    arm, engine = engine_of(name)
    q = arm.sample(40, 3)
    found = engine.solve(pack(arm.pose(q)), None, None)
    assert found.converged.all()
    reached = arm.pose(found.q)
    assert position_error(reached, arm.pose(q)).max() < 1e-8
    assert arm.within_limits(found.q).all()
    if arm.task == "pose":
        assert rotation_error(reached, arm.pose(q)).max() < 1e-8
    assert (found.iterations > 0).all() and (found.attempts >= 1).all()


def test_starts_and_proposals_come_first() -> None:
    arm, engine = engine_of("ur5")
    q = arm.sample(20, 5)
    near = np.clip(q + 0.01, arm.lower, arm.upper)
    for found in (
        engine.solve(pack(arm.pose(q)), near, None),
        engine.solve(pack(arm.pose(q)), None, near[:, None]),
    ):
        assert found.attempts.max() <= 2
        gap = np.abs((found.q - q + np.pi) % (2 * np.pi) - np.pi).max(axis=1)
        assert np.median(gap) < 1e-6


def test_out_of_reach_and_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    _, engine = engine_of("planar3")
    targets = np.array([[1.0, 1.0], [4.0, 0.0], [0.5, -2.0], [0.0, 5.0], [1.5, 0.1]])
    packed = np.zeros((5, 12))
    packed[:, :2] = targets
    whole = engine.solve(packed, None, None)
    assert whole.converged.tolist() == [True, False, True, False, True]
    assert np.abs(whole.position_error[[1, 3]] - [1.0, 2.0]).max() < 1e-9
    monkeypatch.setattr(device, "ROWS_AT_ONCE", 2)
    assert np.array_equal(engine.solve(packed, None, None).converged, whole.converged)
    assert len(engine.solve(packed[:0], None, None)) == 0


@pytest.mark.parametrize("mask", ["111111", "111110", "101011", "000111"])
def test_jacobian_is_the_derivative_at_the_target(mask: str) -> None:
    arm, engine = engine_of("panda", mask)
    q = torch.tensor(arm.sample(6, 1), requires_grad=True)
    target = torch.tensor(pack(arm.pose(q.detach().numpy())))
    e, J, errors = residual(arm, engine.engine.goal, target, q)
    assert e.abs().max() < 1e-12 and errors.max() < 1e-20
    for row in range(e.shape[1]):
        (slope,) = torch.autograd.grad(e[:, row].sum(), q, retain_graph=True)
        assert (slope + J[:, row]).abs().max() < 1e-9


def test_batches_go_to_the_device_and_single_targets_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    solver = kv.Solver("ur5", device="cpu")
    assert solver._device is None
    solver._device = DeviceEngine(solver._engine, "cpu")
    calls = []
    real = solver._device.solve
    monkeypatch.setattr(solver._device, "solve", lambda *a: calls.append(len(a[0])) or real(*a))
    targets = solver.arm.pose(solver.arm.sample(5, 0))
    assert solver.solve(targets).converged.all() and solver.solve(targets[0]).converged
    assert calls == [5]
