"""The robot that all libraries are given, from a catalog name or a URDF file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

from kinverse.errors import ConfigError
from kinverse.peers.peer import Robot
from kinverse.robot.catalog import arm_names, load_arm
from kinverse.robot.chains import ASSETS, chain_names

_NOT_KINEMATICS = ("visual", "collision", "inertial")


@contextmanager
def robot_for(name: str, base: str | None = None, tip: str | None = None) -> Iterator[tuple[Robot, Path]]:
    """A robot to solve, and the URDF file that answers are judged by.

    Of a file from outside, the libraries get a copy without meshes and inertias, since some would look for the meshes.
    Pinocchio judges by the file itself.

    Args:
        name: a catalog arm that comes as a URDF, or the path of a URDF file.
        base: link where the chain starts; None: the root.
        tip: link where it ends; None: the only leaf.

    Raises:
        ConfigError: an arm without a URDF file.
        ArmError: the file cannot be read as a serial arm.
    """
    if name in chain_names():
        path = ASSETS / f"{name}.urdf"
        yield Robot(path, load_arm(name, base=base, tip=tip)), path
        return
    arm = load_arm(name, base=base, tip=tip)
    if name in arm_names() or not Path(name).is_file():
        arms = ", ".join(chain_names())
        raise ConfigError(f"{name!r} has no URDF file to give to other libraries; bench takes {arms} or a URDF path")
    tree = ElementTree.parse(name)  # read before by load_arm, which refuses what is malformed
    for link in tree.iterfind("link"):
        for part in [part for part in link if part.tag in _NOT_KINEMATICS]:
            link.remove(part)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "robot.urdf"
        tree.write(path)
        yield Robot(path, arm), Path(name)
