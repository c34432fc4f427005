"""The arms that come with kinverse, and `load_arm` for all of them and for any URDF."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

from kinverse.errors import ArmError, ConfigError, UnknownNameError
from kinverse.robot.arm import Arm
from kinverse.robot.chains import chain_names, read_chain
from kinverse.robot.nao import nao_arm
from kinverse.robot.planar import planar_arm
from kinverse.robot.urdf import read_urdf

_BUILT: dict[str, Callable[[], Arm]] = {
    "planar3": lambda: planar_arm((1.0, 1.0, 1.0)),
    "nao-left": lambda: nao_arm("left"),
    "nao-right": lambda: nao_arm("right"),
}
_PLANAR = "planar:"


def arm_names() -> list[str]:
    """Names of the arms in the catalog."""
    return [*_BUILT, *chain_names()]


def load_arm(name_or_path: str | Path, *, base: str | None = None, tool: str | None = None) -> Arm:
    """An arm from the catalog by name, a planar arm by its link lengths, or an arm from a URDF file by path.

    A catalog name always means the catalog's arm, whatever files or folders are called the same.

    Args:
        name_or_path: a name of `arm_names()`; "planar:L1,L2,…" with link lengths [m], such as "planar:1,0.8,0.5";
            or a path ending in .urdf or .xml.
        base: URDF link where the chain starts; default: the root link.
        tool: URDF link where it ends; default: the only leaf link.

    Returns:
        The arm, frozen.

    Raises:
        UnknownNameError: no such arm or link; the message lists what exists.
        ConfigError: the link lengths of a planar arm are no positive numbers.
        ArmError: the URDF is malformed or its chain is not a serial arm.

    Example:
        >>> kv.load_arm("robot.urdf", base="base_link", tool="tool0")
    """
    name = str(name_or_path)
    is_planar = name.startswith(_PLANAR)
    if (is_planar or name in arm_names()) and (base is not None or tool is not None):
        kind = "planar" if is_planar else "catalog"
        raise ArmError(f"base and tool choose a chain in a URDF file; {name!r} is a {kind} arm and has its own")
    if is_planar:
        arm = _planar(name)
    elif name in _BUILT:
        arm = _BUILT[name]()
    elif name in chain_names():
        arm = read_chain(name)
    elif Path(name).suffix.lower() in (".urdf", ".xml") or os.path.isfile(name):  # noqa: PTH113 (Path raises on long names)
        arm = read_urdf(Path(name), base=base, tool=tool)
    else:
        raise UnknownNameError("arm", name, [*arm_names(), "planar:L1,L2,…", "or a path to a .urdf file"])
    return arm


def _planar(name: str) -> Arm:
    """The planar arm that a name such as "planar:1,0.8,0.5" describes."""
    try:
        arm = planar_arm([float(length) for length in name.removeprefix(_PLANAR).split(",")])
    except (ValueError, ConfigError):
        shown = name if len(name) <= 80 else name[:80] + "…"
        raise ConfigError(
            f"{shown!r}: expected link lengths > 0 [m] with commas between them, such as 'planar:1,0.8,0.5'"
        ) from None
    return dataclasses.replace(arm, name=name)
