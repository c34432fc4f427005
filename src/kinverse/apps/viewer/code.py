"""A training as code: what the viewer's controls would be in Python and on the command line."""

from __future__ import annotations

import shlex
from typing import Any

from kinverse.learning.training.config import FitConfig


def changed(config: FitConfig, base: FitConfig) -> dict[str, Any]:
    """The settings in which two configurations differ, with the first one's values."""
    return {name: value for name, value in config.settings.items() if value != base.settings[name]}


def as_python(source: str, config: FitConfig) -> str:
    """The training in Python.

    Args:
        source: name of the arm, or the path of its URDF file.
        config: its settings.
    """
    settings = "".join(f"    {name}={value!r},\n" for name, value in changed(config, FitConfig()).items())
    return f"import kinverse as kv\n\nconfig = kv.FitConfig.of(\n{settings})\nrun = kv.fit({source!r}, config)"


def as_command(source: str, config: FitConfig, base: FitConfig) -> str:
    """The training on the command line.

    Args:
        source: name of the arm, or the path of its URDF file.
        config: its settings.
        base: the settings that the command has without flags.
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
