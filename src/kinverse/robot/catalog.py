"""The arms that come with kinverse, planar arms of any link lengths, and `load_arm` for these and for any URDF file.

`assets/chains.json` stores the result of `read_urdf` for every URDF in `assets`, so that loading a catalog arm takes a
millisecond and no XML library. Rewrite it after a change of an asset:

    python -m kinverse.robot.catalog
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from kinverse.arguments import as_items, as_number, as_path
from kinverse.errors import ArmError, ConfigError, UnknownNameError, require_positive
from kinverse.files import read_json, to_json, to_plain, write_atomic
from kinverse.geometry import rotation_taking_z_to, transform
from kinverse.robot.arm import Arm, JointKind
from kinverse.robot.arm_file import read_arm
from kinverse.robot.urdf import read_urdf
from kinverse.text import is_number

ASSETS = Path(__file__).parent / "assets"
CHAINS = ASSETS / "chains.json"
_PLANAR = "planar:"

# NAO H25 V3.3, V4 and V5 (V3.2 has other lengths): link lengths [m] and joint limits [rad]. Source: Aldebaran/SoftBank,
# NAO H25 documentation, "Links" and "Joints" (torso frame, arm to the grip point of the hand); the same chain as in the
# ARKOMA data set (Nugroho, Yuniarno, Purnomo, Data in Brief 2023).
_SHOULDER_OFFSET_Y = 0.098
_SHOULDER_OFFSET_Z = 0.100
_UPPER_ARM_LENGTH = 0.105
_ELBOW_OFFSET_Y = 0.015
_LOWER_ARM_LENGTH = 0.05595
_HAND_OFFSET_X = 0.05775
_HAND_OFFSET_Z = 0.01231

_JOINTS = ("ShoulderPitch", "ShoulderRoll", "ElbowYaw", "ElbowRoll", "WristYaw")
_AXES = "yzxzx"
_LEFT_LOWER = (-2.0857, -0.3142, -2.0857, -1.5446, -1.8238)
_LEFT_UPPER = (2.0857, 1.3265, 2.0857, -0.0349, 1.8238)
_MIRROR = np.array([1.0, -1.0, -1.0, -1.0, -1.0])
"""left(q) and right(_MIRROR · q) are mirror images in the plane y = 0."""


def arm_names() -> list[str]:
    """Names of the arms in the catalog."""
    return [*_BUILT, *_chains()]


def urdf_arm_names() -> list[str]:
    """Names of the catalog arms that come as URDF files in `ASSETS`."""
    return list(_chains())


def load_arm(name_or_path: str | Path, *, base: str | None = None, tool: str | None = None) -> Arm:
    """An arm from the catalog by name, a planar arm by its link lengths, or an arm from a URDF file by path.

    A catalog name always means the catalog's arm, even if a file or folder has the same name.

    Args:
        name_or_path: a name of `arm_names()`; "planar:L1,L2,…" with link lengths [m], such as "planar:1,0.8,0.5";
            or a path ending in .urdf or .xml.
        base: first URDF link of the chain; default: the root link.
        tool: last URDF link of the chain; default: the only leaf link.

    Raises:
        UnknownNameError: unknown arm or link; the message lists the known ones.
        ConfigError: a link length of a planar arm is not a positive number.
        ArmError: the URDF is malformed or its chain is not a serial arm.

    Example:
        >>> kv.load_arm("robot.urdf", base="base_link", tool="tool0")
    """
    name = str(name_or_path if isinstance(name_or_path, str) else as_path(name_or_path, "arm"))
    is_planar = name.startswith(_PLANAR)
    if (is_planar or name in arm_names()) and (base is not None or tool is not None):
        kind = "planar" if is_planar else "catalog"
        raise ArmError(f"base and tool choose a chain in a URDF file; {name!r} is a {kind} arm and has its own")
    if is_planar:
        arm = _planar(name)
    elif name in _BUILT:
        arm = _BUILT[name]()
    elif name in _chains():
        arm = read_arm(_chains()[name], CHAINS, ArmError)
    elif Path(name).suffix.lower() in (".urdf", ".xml") or os.path.isfile(name):  # noqa: PTH113 (Path raises on long names)
        arm = read_urdf(Path(name), base=base, tool=tool)
    else:
        raise UnknownNameError("arm", name, [*arm_names(), "planar:L1,L2,…", "or a path to a .urdf file"])
    return arm


def planar_arm(lengths: Sequence[float], max_angle: float | None = None) -> Arm:
    """An arm of revolute joints about z, one per link: x = Σ lᵢ cos(θ₁+…+θᵢ), y = Σ lᵢ sin(θ₁+…+θᵢ).

    Args:
        lengths: link lengths [m], base first; any number of links.
        max_angle: every joint is limited to ± this angle [rad]; None: continuous joints.

    Returns:
        An arm whose tool stays in the x-y plane.

    Raises:
        ConfigError: no link, a length or `max_angle` that is not finite and positive.
    """
    links = [as_number(length, "link length") for length in as_items(lengths, "lengths")]
    if not links:
        raise ConfigError("a planar arm needs at least one link length, got none")
    for length in links:
        require_positive("link length", length)
    if max_angle is not None:
        require_positive("max_angle", max_angle)
    limit = np.inf if max_angle is None else float(max_angle)
    dof = len(links)
    return Arm(
        name=f"planar{dof}",
        joint_names=tuple(f"theta{i + 1}" for i in range(dof)),
        joint_kinds=("continuous" if max_angle is None else "revolute",) * dof,
        T_offsets=np.array([np.eye(4), *(transform(None, (length, 0.0, 0.0)) for length in links)]),
        lower=np.full(dof, -limit),
        upper=np.full(dof, limit),
    )


def nao_arm(side: Literal["left", "right"]) -> Arm:
    """The five-joint arm of the NAO humanoid, from the torso frame to the hand."""
    s = 1.0 if side == "left" else -1.0
    translations = (
        (0.0, s * _SHOULDER_OFFSET_Y, _SHOULDER_OFFSET_Z),
        (0.0, 0.0, 0.0),
        (_UPPER_ARM_LENGTH, s * _ELBOW_OFFSET_Y, 0.0),
        (0.0, 0.0, 0.0),
        (_LOWER_ARM_LENGTH, 0.0, 0.0),
        (_HAND_OFFSET_X, 0.0, -_HAND_OFFSET_Z),
    )
    C_previous = np.eye(3)
    offsets = []
    for axis, translation in zip((*_AXES, "z"), translations, strict=True):
        # The chain T · R_axis(q) in Arm's form: turn z onto the axis, rotate, turn back before the next translation.
        C = rotation_taking_z_to(np.eye(3)["xyz".index(axis)])
        offsets.append(transform(C_previous.T) @ transform(None, translation) @ transform(C))
        C_previous = C
    revolute: JointKind = "revolute"
    limits = np.array([_LEFT_LOWER, _LEFT_UPPER]) * (1.0 if side == "left" else _MIRROR)
    prefix = side[0].upper()
    return Arm(
        name=f"nao-{side}",
        joint_names=tuple(prefix + joint for joint in _JOINTS),
        joint_kinds=(revolute,) * len(_JOINTS),
        T_offsets=np.array(offsets),
        lower=limits.min(axis=0),
        upper=limits.max(axis=0),
        frames=("torso", f"{prefix}Hand"),
    )


_BUILT: dict[str, Callable[[], Arm]] = {
    "planar3": lambda: planar_arm((1.0, 1.0, 1.0)),
    "nao-left": lambda: nao_arm("left"),
    "nao-right": lambda: nao_arm("right"),
}


def _planar(name: str) -> Arm:
    """The planar arm that a name such as "planar:1,0.8,0.5" describes."""
    try:
        words = name.removeprefix(_PLANAR).split(",")
        arm = planar_arm([float(word) if is_number(word) else np.nan for word in words])
    except ConfigError:
        shown = name if len(name) <= 80 else name[:80] + "…"
        raise ConfigError(
            f"{shown!r}: expected link lengths > 0 [m] with commas between them, such as 'planar:1,0.8,0.5'"
        ) from None
    return dataclasses.replace(arm, name=name)


def chains_from_urdf() -> dict[str, dict[str, Any]]:
    """The required content of `chains.json`: every asset read from its URDF."""
    return {path.stem: to_plain(read_urdf(path)) for path in sorted(ASSETS.glob("*.urdf"))}


@lru_cache(maxsize=1)
def _chains() -> dict[str, Any]:
    """The arms in `chains.json` by name, as plain data."""
    return read_json(CHAINS, dict[str, Any], ArmError)


if __name__ == "__main__":
    write_atomic(CHAINS, to_json(chains_from_urdf()))
    print(f"wrote {CHAINS}")
