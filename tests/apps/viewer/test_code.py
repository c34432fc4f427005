"""The settings of a training as Python code and as a command."""

from __future__ import annotations

from typing import Any

from kinverse.apps.viewer.code import as_command, as_python
from kinverse.learning.training.config import FitConfig


def test_a_training_as_code_is_that_training() -> None:
    base = FitConfig()
    config = FitConfig(hidden=(12, 7), learning_rate=0.0123456789, patience=5, keep_best=False, max_angle=1.5)
    scope: dict[str, Any] = {}
    fitted = {}

    class Library:
        FitConfig = FitConfig

        @staticmethod
        def fit(source: str, config: FitConfig) -> None:
            fitted[source] = config

    code = as_python("planar3", config).replace("import kinverse as kv", "")
    exec(code, {"kv": Library}, scope)
    assert fitted == {"planar3": config}
    command = as_command("planar3", config, base).replace("\\\n", "").split()
    assert command[:3] == ["kinverse", "fit", "planar3"]
    assert "--no-keep-best" in command
    assert command[command.index("--hidden") + 1 : command.index("--hidden") + 3] == ["12", "7"]
    assert float(command[command.index("--learning-rate") + 1]) == config.learning_rate
