"""What is shown of an arm or a model: its network, training region, reachable region and slider ranges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import kinverse as kv
from kinverse.apps.viewer.scene_parts import reachable_cells
from kinverse.apps.viewer.solved_target import solve_target
from kinverse.apps.viewer.view_model import view_model_of


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


def test_slider_ranges_are_the_published_ones_for_the_planar_arm() -> None:
    for spec, label in zip(view_model_of("planar3").joint_sliders, ("θ1 [rad]", "θ2 [rad]", "θ3 [rad]"), strict=True):
        assert (spec.low, spec.high) == pytest.approx((-0.75 * np.pi, 0.75 * np.pi))
        assert (spec.label, spec.step) == (label, np.pi / 100)
    assert [(s.low, s.high, s.step) for s in view_model_of("planar3").target_sliders] == [(-0.5, 2.5, 0.01)] * 2
    panda = view_model_of("panda")
    ranges = [(spec.low, spec.high) for spec in panda.joint_sliders]
    np.testing.assert_array_equal(ranges, np.column_stack([panda.arm.lower, panda.arm.upper]))
    assert len(panda.target_sliders) == 3
