"""Reading one serial chain out of a URDF file, which may come from anywhere and is not trusted.

yourdfpy reads the XML elements. This module checks that they form a robot arm (one root, no cycle, limits where they
are needed), since yourdfpy reads for display and accepts more than a solver should.
"""

from __future__ import annotations

import stat
import warnings
from collections import Counter
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from kinverse.errors import ArmError, RobotWarning, listed, require_choice
from kinverse.geometry import rotation_taking_z_to, transform
from kinverse.robot.arm import Arm, JointKind
from kinverse.text import is_number, one_line, quoted

MAX_FILE_SIZE = 16 * 2**20
"""Bytes. A humanoid with hands is below 1 MB; meshes live in files of their own."""
_NOT_KINEMATICS = ("visual", "collision", "inertial", "material", "transmission", "gazebo", "sensor", "ros2_control")
MAX_LENGTH = 1e6
"""Length of a link [m]; beyond it, squares of lengths lose the digits that positions need."""
XACRO = "{http://www.ros.org/wiki/xacro}"
EXPAND_XACRO = "expand it to a URDF first: xacro robot.urdf.xacro > robot.urdf"
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")


@dataclass(frozen=True)
class _Tree:
    """The joints of a URDF as a checked tree: every link has at most one parent joint, and one link is the root."""

    root: str
    links: tuple[str, ...]
    parent_joint: dict[str, Any]

    def leaves(self) -> list[str]:
        inner = {joint.parent for joint in self.parent_joint.values()}
        return [link for link in self.links if link not in inner]

    def path_to(self, link: str) -> list[str]:
        path = [link]
        while path[-1] in self.parent_joint:
            path.append(self.parent_joint[path[-1]].parent)
        return path


def read_urdf(path: Path, base: str | None = None, tool: str | None = None) -> Arm:
    """The chain from link `base` to link `tool` of a URDF file.

    Fixed joints are folded into the constants. Meshes, inertias and everything else are ignored.

    Args:
        path: the file; at most 16 MB, without document type or entity declarations.
        base: first link of the chain; None: the root.
        tool: last link of the chain; None: the only leaf.

    Returns:
        An arm named after the file.

    Raises:
        ArmError: the file is missing, too large, not XML or not a URDF, its links are not a tree, or a joint on the
            chain is floating or planar, mimics another one, or has no valid limit or axis.
        UnknownNameError: the file has no such link; the message lists its links.
    """
    with np.errstate(all="ignore"):  # NaN and overflow are rejected below, with the joint's name
        joints, base, tool = _joints_between(path, base, tool)
        return _chain(path, joints, base, tool)


def link_frames(path: Path, base: str, tool: str) -> dict[str, tuple[int, Float[np.ndarray, "4 4"]]]:
    """The frame of the arm that each link of a chain is attached to, for drawing.

    Args:
        path: the file.
        base: first link of the chain.
        tool: last link of the chain.

    Returns:
        Link → (frame, T_frame_link [m]): frame 0 is the base, frame i moves with the i-th moving joint.

    Raises:
        KinverseError: as for `read_urdf`.
    """
    with np.errstate(all="ignore"):
        joints, base, _ = _joints_between(path, base, tool)
    frame, T = 0, np.eye(4)
    found = {base: (frame, T)}
    for joint in joints:
        T = T @ (np.eye(4) if joint.origin is None else np.asarray(joint.origin, dtype=np.float64))
        if joint.type != "fixed":
            frame, T = frame + 1, transform(rotation_taking_z_to(_unit_axis(path, joint))).T
        found[joint.child] = (frame, T)
    return found


def _joints_between(path: Path, base: str | None, tool: str | None) -> tuple[list[Any], str, str]:
    """The joints from one link to another, and the two links."""
    tree = _checked_tree(path, _parse(path))
    base = tree.root if base is None else base
    require_choice("link", base, tree.links)
    if tool is None:
        leaves = tree.leaves()
        if len(leaves) != 1:
            raise ArmError(f"{path.name}: {len(leaves)} links could be the tool, choose one: tool={listed(leaves, 12)}")
        tool = leaves[0]
    require_choice("link", tool, tree.links)
    upward = tree.path_to(tool)
    if base not in upward:
        raise ArmError(f"{path.name}: tool {tool!r} is not below base {base!r}; above it are {listed(upward[1:], 12)}")
    links = list(reversed(upward[: upward.index(base)]))
    return [tree.parent_joint[link] for link in links], base, tool


def _parse(path: Path) -> Any:
    """Read the file with yourdfpy; reject anything but well-formed XML of moderate size."""
    content = _read_bytes(path).lstrip()  # an XML declaration must be first
    if any(word in content for word in _FORBIDDEN):
        raise ArmError(f"{path}: declares a document type or entities, which a URDF never needs; remove them")
    from lxml import etree

    try:
        # yourdfpy recovers what it can from broken XML, which would turn half a file into another robot.
        document = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as problem:
        raise ArmError(f"{path}: not well-formed XML ({one_line(problem.msg or 'empty file')})") from None
    if document.getroottree().docinfo.internalDTD is not None:
        raise ArmError(f"{path}: declares a document type, which a URDF never needs; remove it")
    for element in document.iter(etree.Element):  # a default namespace belongs to the file, not to the names
        element.tag = etree.QName(element).localname if element.prefix is None else element.tag
    etree.cleanup_namespaces(document)
    if document.tag == "mujoco":
        raise ArmError(f"{path}: is a MuJoCo model; kinverse reads URDF files, with <robot> as the outermost element")
    if document.tag != "robot":
        raise ArmError(f"{path}: the outermost element is <{one_line(document.tag)}>, a URDF has <robot>")
    if any(str(element.tag).startswith(XACRO) for element in document.iter(etree.Element)):
        raise ArmError(f"{path}: holds xacro macros; {EXPAND_XACRO}")
    _checked_joints(path, document)
    # Elements without kinematics cannot cause errors then, and a file with meshes is read three times as fast.
    etree.strip_elements(document, *_NOT_KINEMATICS, with_tail=False)
    import yourdfpy

    try:
        content = etree.tostring(document, encoding="utf-8")  # in ASCII a name cannot be written with its accents
        model = yourdfpy.URDF.load(BytesIO(content), build_scene_graph=False, load_meshes=False)
    except Exception as problem:  # yourdfpy raises errors of many types
        raise ArmError(f"{path}: not a URDF that can be read ({type(problem).__name__}: {one_line(problem)})") from None
    return model.robot


def _read_bytes(path: Path) -> bytes:
    """The content of a file of moderate size."""
    try:
        status = path.stat()
        is_file = stat.S_ISREG(status.st_mode)
        if is_file and status.st_size <= MAX_FILE_SIZE:
            return path.read_bytes()
    except OSError as problem:
        raise ArmError(f"{path}: cannot be read ({problem.strerror})") from None
    except ValueError:  # a zero byte in the name
        raise ArmError(f"{str(path)!r}: not the name of a file") from None
    if not is_file:  # a pipe or a device may never end
        raise ArmError(f"{path}: is not a file")
    raise ArmError(f"{path}: {status.st_size / 1e6:.0f} MB; a URDF here has at most {MAX_FILE_SIZE / 1e6:.0f} MB")


def _checked_joints(path: Path, document: Any) -> None:
    """Reject joints that yourdfpy repairs silently or cannot read, by name, or by number where the name is missing.

    A revolute or sliding joint with one limit gets the specification's default of 0 for the other one, with a warning.
    """
    for number, joint in enumerate(document.iterfind("joint"), start=1):
        name = joint.get("name")
        place = f"{path}: joint number {number}" if name is None else f"{path}: joint {quoted(name)}"
        for attribute in ("name", "type"):
            if joint.get(attribute) is None:
                raise ArmError(f"{place} has no {attribute}")
        for kind in ("parent", "child"):
            if joint.find(kind) is None or joint.find(kind).get("link") is None:
                raise ArmError(f"{place} has no <{kind} link=…>")
        for kind, attribute in (("origin", "xyz"), ("origin", "rpy"), ("axis", "xyz")):
            element = joint.find(kind)
            text = None if element is None else element.get(attribute)
            if text is not None and len(_numbers(text)) != 3:
                raise ArmError(f"{place} has {kind} {attribute}={quoted(text)}; expected three numbers{_hint(text)}")
        for kind in ("limit", "mimic", "dynamics", "safety_controller", "calibration"):
            element = joint.find(kind)
            for attribute, text in () if element is None else element.items():
                if attribute != "joint" and len(_numbers(text)) != 1:
                    raise ArmError(f"{place} has {kind} {attribute}={quoted(text)}; expected a number{_hint(text)}")
        limit = joint.find("limit")
        if joint.get("type") in ("revolute", "prismatic") and limit is not None:
            missing = [side for side in ("lower", "upper") if limit.get(side) is None]
            if len(missing) == 1:
                limit.set(missing[0], "0")
                warnings.warn(
                    f"{place} has no {missing[0]} limit; by the URDF specification it is 0", RobotWarning, stacklevel=2
                )


def _numbers(text: str) -> list[float]:
    """The numbers in a text, separated by white space; empty if anything else is in it."""
    words = text.split()
    return [float(word) for word in words] if all(map(is_number, words)) else []


def _hint(text: str) -> str:
    """A likely cause of a text that is not numbers."""
    if "${" in text or "$(" in text:
        return f"; this is xacro: {EXPAND_XACRO}"
    return ", with a point as the decimal mark" if "," in text else ""


def _checked_tree(path: Path, robot: Any) -> _Tree:
    links = [link.name for link in robot.links]
    defined = set(links)
    for kind, names in (("link", links), ("joint", [joint.name for joint in robot.joints])):
        unprintable = [name for name in names if not name.isprintable()]
        if unprintable:
            raise ArmError(f"{path}: {kind} {unprintable[0]!r} has a name that cannot be printed")
        repeated = [name for name, count in Counter(names).items() if count > 1]
        if repeated:
            raise ArmError(f"{path}: {kind} {repeated[0]!r} is defined more than once")
    parent_joint: dict[str, Any] = {}
    for joint in robot.joints:
        for link in (joint.parent, joint.child):
            if link not in defined:
                raise ArmError(f"{path}: joint {joint.name!r} names link {link!r}, which is not defined")
        if joint.child in parent_joint:
            first = parent_joint[joint.child].name
            raise ArmError(f"{path}: link {joint.child!r} has two parent joints, {first!r} and {joint.name!r}")
        parent_joint[joint.child] = joint
    roots = [link for link in links if link not in parent_joint]
    if len(roots) > 1:
        raise ArmError(f"{path}: {len(roots)} root links, expected one: {listed(roots, 12)}")
    reaches_root = set(roots)
    for start in links:
        walk: dict[str, None] = {}
        link = start
        while link not in reaches_root:
            if link in walk:
                raise ArmError(f"{path}: the joints form a cycle through link {link!r}")
            walk[link] = None
            link = parent_joint[link].parent
        reaches_root.update(walk)
    if not roots:
        raise ArmError(f"{path}: no link is defined")
    return _Tree(roots[0], tuple(links), parent_joint)


def _chain(path: Path, joints: list[Any], base: str, tool: str) -> Arm:
    """Bring the joints into Arm's form: every moving joint turns about or slides along its local z axis."""
    names: list[str] = []
    kinds: list[JointKind] = []
    limits: list[tuple[float, float]] = []
    offsets: list[np.ndarray] = []
    T = np.eye(4)  # from the frame of the last moving joint to the current one
    for joint in joints:
        origin = np.eye(4) if joint.origin is None else np.asarray(joint.origin, dtype=np.float64)
        if not np.abs(origin[:3, 3]).max() <= MAX_LENGTH:
            raise ArmError(f"{path}: joint {joint.name!r} has an origin farther away than {MAX_LENGTH:g} m")
        T = T @ origin
        if joint.type == "fixed":
            continue
        kinds.append(_moving_kind(path, joint))
        limits.append(_limits(path, joint))
        names.append(joint.name)
        C = transform(rotation_taking_z_to(_unit_axis(path, joint)))
        offsets.append(T @ C)
        T = C.T
    offsets.append(T)
    return Arm(
        name=path.stem,
        joint_names=tuple(names),
        joint_kinds=tuple(kinds),
        T_offsets=np.array(offsets),
        lower=np.array([low for low, _ in limits]),
        upper=np.array([high for _, high in limits]),
        frames=(base, tool),
    )


def _moving_kind(path: Path, joint: Any) -> JointKind:
    if joint.type not in ("revolute", "continuous", "prismatic"):
        raise ArmError(
            f"{path}: joint {joint.name!r} on the chain is {joint.type!r}; revolute, continuous, prismatic and fixed "
            "joints can be solved"
        )
    if joint.mimic is not None:
        raise ArmError(
            f"{path}: joint {joint.name!r} on the chain mimics {joint.mimic.joint!r}; choose a base and tool around it"
        )
    kind: JointKind = joint.type
    return kind


def _limits(path: Path, joint: Any) -> tuple[float, float]:
    if joint.type == "continuous":
        return -np.inf, np.inf
    if joint.limit is None or joint.limit.lower is None or joint.limit.upper is None:
        raise ArmError(f"{path}: {joint.type} joint {joint.name!r} has no lower and upper limit")
    low, high = float(joint.limit.lower), float(joint.limit.upper)
    if not (np.isfinite(low) and np.isfinite(high) and low <= high):
        raise ArmError(f"{path}: joint {joint.name!r} has limits [{low}, {high}]; expected finite, lower ≤ upper")
    return low, high


def _unit_axis(path: Path, joint: Any) -> Float[np.ndarray, " 3"]:
    axis = np.asarray(joint.axis, dtype=np.float64)
    length = float(np.linalg.norm(axis)) if axis.shape == (3,) else 0.0
    if not (np.isfinite(length) and length > 1e-9):
        raise ArmError(
            f"{path}: joint {joint.name!r} has the axis {axis.tolist()}; expected three numbers, not all zero"
        )
    return axis / length
