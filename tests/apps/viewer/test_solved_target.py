"""Prediction and solution of one target, and the status table that shows them."""

from __future__ import annotations

import numpy as np
import pytest

import kinverse as kv
from kinverse.apps.viewer.solved_target import other_solutions, solve_target, status_html
from kinverse.apps.viewer.view_model import view_model_of
from kinverse.network.compiled import CompiledNetwork


def test_a_reachable_target_is_solved_and_its_prediction_measured() -> None:
    model = view_model_of("panda")
    q = model.arm.sample(1, seed=5)[0]
    found = solve_target(model, model.arm.forward_kinematics(q), model.home)
    assert found.converged and found.state == "solved"
    assert found.position_mm < 1e-3 and found.rotation_deg is not None and found.rotation_deg < 1e-3
    np.testing.assert_allclose(model.arm.forward_kinematics(found.q), model.arm.forward_kinematics(q), atol=2e-6)
    assert found.predicted is not None and found.predicted_position_mm is not None
    predicted = model.arm.forward_kinematics(found.predicted)  # by plain forward kinematics
    assert found.predicted_position_mm == pytest.approx(
        1e3 * np.linalg.norm(predicted[:3, 3] - model.arm.forward_kinematics(q)[:3, 3])
    )
    assert "network" in status_html("panda", found) and "✓ solved" in status_html("panda", found)


def test_one_target_evaluates_the_network_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model = view_model_of("panda")
    assert model.network is not None
    calls, predict = [], CompiledNetwork.predict
    monkeypatch.setattr(CompiledNetwork, "predict", lambda self, inputs: calls.append(1) or predict(self, inputs))
    solve_target(model, model.target_of(model.home), model.home)
    assert len(calls) == 1


def test_an_unreachable_target_is_marked_with_its_error() -> None:
    model = view_model_of("planar3")
    found = solve_target(model, np.array([4.0, 0.0]), model.home)
    assert not found.converged and found.state == "not solved"
    assert found.position_mm == pytest.approx(1000.0)
    assert "✗ not solved" in status_html("a <b>", found) and "a &lt;b&gt;" in status_html("a <b>", found)


def test_a_target_outside_the_training_square_is_marked() -> None:
    model = view_model_of(kv.fit("planar3", hidden=(8,), epochs=1, rows=100))
    np.testing.assert_allclose(model.training_box, [[0, 0, 0], [2, 2, 0]], atol=1e-6)  # type: ignore[arg-type]
    assert solve_target(model, np.array([2.5, 0.5]), model.home).state == "outside the training region"
    assert solve_target(model, np.array([2.0, 2.0]), model.home).state == "solved"


def test_joints_at_a_limit_are_named() -> None:
    model = view_model_of("panda")
    q = model.home.copy()
    q[3] = model.arm.upper[3]
    assert solve_target(model, model.arm.forward_kinematics(q), q).at_limit == ("panda_joint4",)


def test_other_solutions_reach_the_target_too() -> None:
    model = view_model_of("ur5")
    target = model.arm.forward_kinematics(model.home)
    found = other_solutions(model, target, model.home)
    assert len(found) > 1
    assert (np.abs(found - model.home).max(axis=1) > 0.05).all()
    np.testing.assert_allclose(model.arm.forward_kinematics(found), np.tile(target, (len(found), 1, 1)), atol=2e-6)
