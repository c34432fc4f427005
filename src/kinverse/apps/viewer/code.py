"""The settings of a training as Python code and as a command."""

from __future__ import annotations

import shlex
from typing import Any

from kinverse.learning.training.config import FitConfig

MAX_LINE = 60
"""Arguments longer than this [characters] are written one per line."""


def changed(config: FitConfig, base: FitConfig) -> dict[str, Any]:
    """The settings in which `config` differs from `base`."""
    return {name: value for name, value in config.settings.items() if value != base.settings[name]}


def as_python(source: str, config: FitConfig, base: FitConfig) -> str:
    """Python code that runs the training.

    Args:
        source: name of the arm, or the path of its URDF file.
        config: settings of the training.
        base: default settings of `kv.fit` for the arm.
    """
    settings = [f"{name}={value!r}" for name, value in changed(config, base).items()]
    arguments = ", ".join([repr(source), *settings])
    if len(arguments) > MAX_LINE:
        arguments = "".join(f"\n    {argument}," for argument in (repr(source), *settings)) + "\n"
    return f"import kinverse as kv\n\nmodel = kv.fit({arguments})"


def as_command(source: str, config: FitConfig, base: FitConfig) -> str:
    """The command that runs the training.

    Args:
        source: name of the arm, or the path of its URDF file.
        config: settings of the training.
        base: default settings of the command for the arm.
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
