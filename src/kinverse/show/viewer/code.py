"""A training as code: what the viewer's controls would be in Python and on the command line."""

from __future__ import annotations

import shlex
from typing import Any

from kinverse.fit.config import FitConfig


def changed(config: FitConfig, base: FitConfig) -> dict[str, Any]:
    """The settings in which two configurations differ, with the first one's values."""
    return {name: value for name, value in vars(config).items() if value != getattr(base, name)}


def as_python(source: str, config: FitConfig) -> str:
    """The training in Python.

    Args:
        source: name of the arm, or the path of its URDF file.
        config: its settings.
    """
    settings = ", ".join(f"{name}={value!r}" for name, value in changed(config, FitConfig()).items())
    return f"import kinverse as kv\n\nrun = kv.fit({source!r}, kv.FitConfig({settings}))"


def as_command(source: str, config: FitConfig, base: FitConfig) -> str:
    """The training on the command line.

    Args:
        source: name of the arm, or the path of its URDF file.
        config: its settings.
        base: the settings that the command has without flags.
    """
    words = ["kinverse", "fit", source]
    for name, value in changed(config, base).items():
        flag = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            words.append(flag if value else flag.replace("--", "--no-", 1))
        elif isinstance(value, tuple):
            words += [flag, *map(str, value)]
        else:
            words += [flag, "none" if value is None else str(value)]
    return shlex.join(words)
