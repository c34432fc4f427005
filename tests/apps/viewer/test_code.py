"""The settings of a training run as Python code and as a command: both are executed."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import pytest
from safetensors.numpy import load_file

import kinverse as kv
from kinverse.apps.cli import main
from kinverse.apps.viewer.code import as_command, as_python
from kinverse.apps.viewer.view_model import ArmSource, view_model_of
from kinverse.learning.training.config import FitConfig, FitSettings, default_config
from kinverse.robot.catalog import ASSETS

PLANAR = ArmSource("planar3")


def test_a_run_as_code_has_its_settings() -> None:
    base = FitConfig()
    config = base.replace(hidden=(12, 7), learning_rate=0.0123456789, patience=5, keep_best=False, max_angle=1.5)
    fitted = {}

    class Library:
        @staticmethod
        def fit(source: str, **settings: Unpack[FitSettings]) -> None:
            fitted[source] = base.replace(**settings)

    exec(as_python(PLANAR, config, base).replace("import kinverse as kv", ""), {"kv": Library})
    assert fitted == {"planar3": config}
    command = as_command(PLANAR, config, base).replace("\\\n", "").split()
    assert command[:3] == ["kinverse", "fit", "planar3"]
    assert "--no-keep-best" in command
    assert command[command.index("--hidden") + 1 : command.index("--hidden") + 3] == ["12", "7"]
    assert float(command[command.index("--learning-rate") + 1]) == config.optimiser.learning_rate


def test_the_default_run_as_code_has_no_settings() -> None:
    assert as_python(PLANAR, FitConfig(), FitConfig()) == "import kinverse as kv\n\nmodel = kv.fit('planar3')"
    assert as_command(PLANAR, FitConfig(), FitConfig()) == "kinverse fit planar3"


CHAINS: dict[str, dict[str, Any]] = {
    "a name": {"what": "nao-left"},
    "link lengths": {"what": "planar:1,0.5"},
    "an arm equal to one of the catalog": {"what": kv.planar_arm([1.0, 0.5])},
    "a URDF file": {"what": "my robot.urdf"},
    "a tool": {"what": "my robot.urdf", "tool": "panda_link6"},
    "base and tool": {"what": "my robot.urdf", "base": "panda_link1", "tool": "panda_link7"},
    "an arm made in Python": {"what": kv.load_arm(ASSETS / "ur5.urdf", tool="wrist_2_link")},
}


@pytest.mark.parametrize("chosen", CHAINS.values(), ids=CHAINS)
def test_the_code_trains_the_arm_that_is_shown(
    chosen: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(ASSETS / "panda.urdf", tmp_path / "my robot.urdf")
    monkeypatch.chdir(tmp_path)
    model = view_model_of(chosen["what"], base=chosen.get("base"), tool=chosen.get("tool"))
    default = default_config(model.arm)
    config = default.replace(epochs=1, rows=60, heads=1, hidden=(4,))
    shown = kv.fit(model.arm, config)
    found: dict[str, Any] = {"arm": model.arm}
    exec(as_python(model.source, config, default), found)
    assert found["model"].arm.fingerprint == model.arm.fingerprint
    for name, weights in shown.network.tensors().items():
        np.testing.assert_array_equal(found["model"].network.tensors()[name], weights)
    command = as_command(model.source, config, default)
    if model.source is None:
        assert command.startswith("# this arm was made in Python")
        return
    words = shlex.split(command.replace("\\\n", " "))
    assert main([*words[1:], "--out", "run"]) == 0
    for name, weights in load_file("run/model.safetensors").items():
        np.testing.assert_array_equal(weights, shown.network.tensors()[name])
