"""What is shown of an arm or a model: its network, training region, reachable region and slider ranges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import kinverse as kv
from kinverse.apps.viewer.scene_parts import reachable_cells
from kinverse.apps.viewer.solved_target import other_solutions, solve_target, status_html
from kinverse.apps.viewer.view_model import view_model_of
from kinverse.robot.catalog import arm_names


def test_a_run_has_its_network_and_its_training_region(tmp_path: Path) -> None:
    trained = kv.fit("planar3", hidden=(8,), epochs=2, rows=100, out=tmp_path / "run")
    model = view_model_of(str(trained.folder))
    assert model.network is not None and model.title == "run"
    np.testing.assert_allclose(model.training_box[:, :2], [[0, 0], [2, 2]])  # type: ignore[index]
    target = np.array([1.0, 0.5])
    predicted = solve_target(model, target, model.home).predicted
    np.testing.assert_allclose(predicted, trained.predict(target), atol=1e-5)  # type: ignore[arg-type]


def test_the_shaded_region_is_the_annulus_that_geometry_gives() -> None:
    model = view_model_of(kv.planar_arm([1.0, 0.4]))
    corners, size = reachable_cells(model)
    distance = np.linalg.norm(corners + 0.5 * size, axis=1)
    assert (distance > 0.6).all() and (distance < 1.4).all()
    assert len(corners) * size**2 == pytest.approx(np.pi * (1.4**2 - 0.6**2), rel=0.02)


@pytest.mark.parametrize("name", ["planar3", "planar:1,0.5", "panda", "ur5", "nao-left"])
def test_sliders_hold_every_solution(name: str) -> None:
    model = view_model_of(name)
    low, high = np.array([(spec.low, spec.high) for spec in model.joint_sliders]).T
    for q in model.arm.sample(20, seed=1):
        solutions = other_solutions(model, model.target_of(q), model.home)
        assert (solutions >= low).all() and (solutions <= high).all()


def test_sliders_of_placeholder_limits_stay_usable() -> None:
    arm = kv.planar_arm([1.0, 1.0], max_angle=1e16)
    for spec in view_model_of(arm).joint_sliders:
        assert -2.0 * np.pi <= spec.low <= spec.value <= spec.high <= 2.0 * np.pi


@pytest.mark.parametrize("name", ["planar:0.1", "planar:10,10", "planar:1,0.4", "nao-left"])
def test_target_sliders_hold_the_first_target(name: str) -> None:
    model = view_model_of(name)
    for spec, value in zip(model.target_sliders, model.arm.forward_kinematics(model.home)[:3, 3], strict=False):
        assert spec.low <= spec.value == value <= spec.high


def test_sliders_have_units_and_steps() -> None:
    sliders = view_model_of("planar3").joint_sliders
    assert [spec.label for spec in sliders] == ["θ1 [rad]", "θ2 [rad]", "θ3 [rad]"]
    assert {spec.step for spec in sliders} == {np.pi / 100}
    assert [(s.low, s.high, s.step) for s in view_model_of("planar3").target_sliders] == [(-0.5, 2.5, 0.01)] * 2
    panda = view_model_of("panda")
    ranges = [(spec.low, spec.high) for spec in panda.joint_sliders]
    np.testing.assert_array_equal(ranges, np.column_stack([panda.arm.lower, panda.arm.upper]))
    assert len(panda.target_sliders) == 3


@pytest.mark.parametrize("name", arm_names())
def test_the_first_view_is_solved_and_says_nothing_of_a_network_that_is_not_there(name: str) -> None:
    model = view_model_of(name)
    first = solve_target(model, model.target_of(model.home), model.home)
    assert first.state == "solved"
    if model.network is None:
        assert model.training_box is None
        assert "network" not in status_html(model.title, first)


def test_the_first_view_of_a_run_lies_in_its_training_region() -> None:
    model = view_model_of(kv.fit("planar3", hidden=(8,), epochs=1, rows=100))
    assert solve_target(model, model.target_of(model.home), model.home).state == "solved"
