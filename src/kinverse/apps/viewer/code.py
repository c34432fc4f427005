"""The settings of a training as Python code and as a command."""

from __future__ import annotations

import shlex
from typing import Any

from kinverse.learning.training.config import FitConfig


def changed(config: FitConfig, base: FitConfig) -> dict[str, Any]:
    """The settings of `config` that differ from those of `base`."""
    return {name: value for name, value in config.settings.items() if value != base.settings[name]}


def as_python(source: str, config: FitConfig) -> str:
    """Python code that runs the training.

    Args:
        source: name of the arm, or the path of its URDF file.
        config: settings of the training.
    """
    settings = "".join(f"    {name}={value!r},\n" for name, value in changed(config, FitConfig()).items())
    return f"import kinverse as kv\n\nconfig = kv.FitConfig.of(\n{settings})\nrun = kv.fit({source!r}, config)"


def as_command(source: str, config: FitConfig, base: FitConfig) -> str:
    """The command that runs the training.

    Args:
        source: name of the arm, or the path of its URDF file.
        config: settings of the training.
        base: the command's default settings.
    """
    lines = [f"kinverse fit {shlex.quote(source)}"]
    for name, value in changed(config, base).items():
        flag = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            lines.append(flag if value else flag.replace("--", "--no-", 1))
        elif isinstance(value, tuple):
            lines.append(" ".join([flag, *map(str, value)]))
        else:
            lines.append(f"{flag} {'none' if value is None else value}")
    return " \\\n  ".join(lines)
