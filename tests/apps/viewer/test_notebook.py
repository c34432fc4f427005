"""Widgets of a notebook, without a front end: values go in, figures and numbers come out."""

from __future__ import annotations

import builtins
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread

import kinverse as kv
from kinverse.apps.viewer.view_model import JOINT_STEP
from kinverse.errors import ConfigError, MissingExtraError, RunError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of ipywidgets' own


def pixels(widget: Any) -> np.ndarray:
    return np.asarray(imread(io.BytesIO(widget.figure.value)))


def test_the_sliders_of_the_planar_arm_have_the_published_ranges() -> None:
    shown = kv.sliders("planar3")
    assert [slider.description for slider in shown.joints] == ["θ1 [rad]", "θ2 [rad]", "θ3 [rad]"]
    for slider in shown.joints:
        assert (slider.min, slider.max) == pytest.approx((-0.75 * np.pi, 0.75 * np.pi))
        assert slider.step == pytest.approx(JOINT_STEP) == np.pi / 100


@pytest.mark.parametrize("name", ["planar3", "panda"])
def test_moving_a_joint_updates_figure_and_status(name: str) -> None:
    shown = kv.sliders(name)
    before, said = pixels(shown), shown.status.value
    shown.joints[1].value = 0.9
    assert shown.q[1] == pytest.approx(0.9)
    assert pixels(shown).shape == before.shape  # the axes stay
    assert np.abs(pixels(shown) - before).max() > 0.5
    x = kv.load_arm(name).forward_kinematics(shown.q)[0, 3]
    assert shown.status.value != said and f"x {x:.3f}" in shown.status.value


def test_a_target_is_predicted_and_solved(tmp_path: Path) -> None:
    trained = kv.fit("planar3", hidden=(8,), epochs=5, rows=144, scale_features="none")
    shown = kv.explore(trained)
    assert [(s.min, s.max, s.step) for s in shown.coordinates] == [(-0.5, 2.5, 0.01)] * 2
    shown.coordinates[0].value, shown.coordinates[1].value = 1.2, 0.7
    np.testing.assert_allclose(shown.model.target_of(shown.solved.q), [1.2, 0.7], atol=1e-6)
    np.testing.assert_allclose(shown.solved.predicted, trained.predict([1.2, 0.7]), atol=1e-5)
    assert "✓ solved" in shown.status.value and "network" in shown.status.value
    shown.coordinates[0].value, shown.coordinates[1].value = 2.5, 2.5
    assert "✗ not solved" in shown.status.value
    shown.coordinates[1].value = 0.0
    assert "! outside the training region" in shown.status.value


def test_an_arm_in_space_keeps_its_tools_rotation() -> None:
    shown = kv.explore("panda")
    R = shown.solved.target[:3, :3]
    shown.coordinates[2].value -= 0.1
    np.testing.assert_allclose(shown.solved.target[:3, :3], R)
    assert shown.solved.converged


def test_what_cannot_be_shown_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(RunError, match="not a whole run"):
        kv.explore(tmp_path / "x")
    with pytest.raises(ConfigError):
        kv.sliders(kv.planar_arm([1.0, -1.0]))


def test_without_ipywidgets_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "ipywidgets":
            raise ModuleNotFoundError(name="ipywidgets")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    monkeypatch.delitem(sys.modules, "kinverse.apps.viewer.notebook", raising=False)
    monkeypatch.delitem(vars(kv), "sliders", raising=False)
    with pytest.raises(MissingExtraError, match=r"kinverse\[notebook\]"):
        kv.sliders("planar3")


def test_the_package_itself_loads_nothing_heavy() -> None:
    code = "import kinverse, sys; kinverse.Arm; assert not {'matplotlib', 'ipywidgets', 'torch'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
