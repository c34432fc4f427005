"""The robot given to all libraries, from a catalog name or a URDF file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

from kinverse.apps.benchmark.peer import Robot
from kinverse.errors import ConfigError
from kinverse.robot.catalog import ASSETS, arm_names, load_arm, urdf_arm_names

_KINEMATICS = ("parent", "child", "origin", "axis", "limit")


@contextmanager
def robot_for(name: str, base: str | None = None, tool: str | None = None) -> Iterator[tuple[Robot, Path]]:
    """A robot to solve, and the URDF file used to verify solutions.

    For a user's file, the libraries get a copy with only the chain, since some would load the meshes or choose another
    chain. The verification reads the original file.

    Args:
        name: a catalog arm with a URDF file, or the path of a URDF file.
        base: base link of the chain; None: the root link.
        tool: tool link of the chain; None: the only leaf link.

    Raises:
        ConfigError: the arm has no URDF file.
        ArmError: the file cannot be read as a serial arm.
    """
    if name in urdf_arm_names():
        path = ASSETS / f"{name}.urdf"
        yield Robot(path, load_arm(name, base=base, tool=tool)), path
        return
    arm = load_arm(name, base=base, tool=tool)
    if name in arm_names() or not Path(name).is_file():
        arms = ", ".join(urdf_arm_names())
        raise ConfigError(f"{name!r} has no URDF file to give to other libraries; bench takes {arms} or a URDF path")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "robot.urdf"
        _chain_alone(Path(name), *arm.frames).write(path)
        yield Robot(path, arm), Path(name)


def _chain_alone(urdf: Path, base: str, tool: str) -> ElementTree.ElementTree[ElementTree.Element]:
    """The links and joints from `base` to `tool`, reduced to their kinematics, of a file valid for `load_arm`."""
    whole = ElementTree.parse(urdf).getroot()
    above = {joint.find("child").get("link"): joint for joint in whole.iterfind("joint")}  # type: ignore[union-attr]
    robot = ElementTree.Element("robot", name=whole.get("name", "robot"))
    link = tool
    ElementTree.SubElement(robot, "link", name=link)
    while link != base:
        joint = above[link]
        for part in [part for part in joint if part.tag not in _KINEMATICS]:
            joint.remove(part)
        link = joint.find("parent").get("link", "")  # type: ignore[union-attr]
        robot.insert(0, joint)
        robot.insert(0, ElementTree.Element("link", name=link))
    return ElementTree.ElementTree(robot)
