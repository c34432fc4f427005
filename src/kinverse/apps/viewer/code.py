"""The settings of a training run as Python code and as a command."""

from __future__ import annotations

import shlex
from typing import Any

from kinverse.apps.viewer.view_model import ArmSource
from kinverse.learning.training.config import FitConfig

MAX_LINE = 60
"""Arguments longer than this [characters] are written one per line."""


def changed(config: FitConfig, base: FitConfig) -> dict[str, Any]:
    """The settings in which `config` differs from `base`."""
    return {name: value for name, value in config.settings.items() if value != base.settings[name]}


def as_python(source: ArmSource | None, config: FitConfig, base: FitConfig) -> str:
    """Python code that repeats the training run.

    Args:
        source: how to load the arm; None: the code uses a variable `arm`.
        config: settings of the run.
        base: default settings of `kv.fit` for the arm.
    """
    lines, what = ["import kinverse as kv", ""], "arm"
    if source is None:
        lines.append("# arm: the kinverse.Arm that is shown here")
    elif source.base is None and source.tool is None:
        what = repr(source.name)
    else:
        chain = [
            f"{key}={value!r}" for key, value in (("base", source.base), ("tool", source.tool)) if value is not None
        ]
        lines.append(f"arm = kv.load_arm({', '.join([repr(source.name), *chain])})")
    settings = [f"{name}={value!r}" for name, value in changed(config, base).items()]
    arguments = ", ".join([what, *settings])
    if len(arguments) > MAX_LINE:
        arguments = "".join(f"\n    {argument}," for argument in (what, *settings)) + "\n"
    return "\n".join([*lines, f"model = kv.fit({arguments})"])


def as_command(source: ArmSource | None, config: FitConfig, base: FitConfig) -> str:
    """The command that repeats the training run; a comment if no command can load the arm.

    Args:
        source: how to load the arm; None: only the program that made it has it.
        config: settings of the run.
        base: default settings of the command for the arm.
    """
    if source is None:
        return "# this arm was made in Python; no command loads it"
    lines = [f"kinverse fit {shlex.quote(source.name)}"]
    chain = (("--base", source.base), ("--tool", source.tool))
    lines += [f"{flag} {shlex.quote(link)}" for flag, link in chain if link is not None]
    for name, value in changed(config, base).items():
        flag = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            lines.append(flag if value else flag.replace("--", "--no-", 1))
        elif isinstance(value, tuple):
            lines.append(" ".join([flag, *map(str, value)]))
        else:
            lines.append(f"{flag} {'none' if value is None else value}")
    return " \\\n  ".join(lines)
