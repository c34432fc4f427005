"""The settings of a training as Python code and as a command."""

from __future__ import annotations

from typing import Unpack

from kinverse.apps.viewer.code import as_command, as_python
from kinverse.learning.training.config import FitConfig, FitSettings


def test_a_training_as_code_is_that_training() -> None:
    base = FitConfig()
    config = base.replace(hidden=(12, 7), learning_rate=0.0123456789, patience=5, keep_best=False, max_angle=1.5)
    fitted = {}

    class Library:
        @staticmethod
        def fit(source: str, **settings: Unpack[FitSettings]) -> None:
            fitted[source] = base.replace(**settings)

    code = as_python("planar3", config, base).replace("import kinverse as kv", "")
    exec(code, {"kv": Library})
    assert fitted == {"planar3": config}
    command = as_command("planar3", config, base).replace("\\\n", "").split()
    assert command[:3] == ["kinverse", "fit", "planar3"]
    assert "--no-keep-best" in command
    assert command[command.index("--hidden") + 1 : command.index("--hidden") + 3] == ["12", "7"]
    assert float(command[command.index("--learning-rate") + 1]) == config.optimiser.learning_rate


def test_the_default_training_as_code_has_no_settings() -> None:
    assert as_python("planar3", FitConfig(), FitConfig()) == "import kinverse as kv\n\nmodel = kv.fit('planar3')"
    assert as_command("planar3", FitConfig(), FitConfig()) == "kinverse fit planar3"
