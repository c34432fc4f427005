"""Meshes of a robot, read from the files that its URDF names; used only to draw the robot."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from kinverse.errors import KinverseError
from kinverse.geometry import rotation_from_rpy, transform
from kinverse.robot.arm import Arm
from kinverse.robot.urdf import MAX_FILE_SIZE, link_frames

MAX_MESH_SIZE = 64 * 2**20
"""Bytes of one mesh file; those of the tested robots are below 10 MB."""
MAX_TRIANGLES = 1_000_000
GREY = (200, 200, 205)


@dataclass(frozen=True, eq=False)
class Visual:
    """One mesh of one link.

    Attributes:
        number: index of the mesh in the robot.
        frame: the frame it is attached to: 0 is the base, i moves with the i-th joint.
        T_frame_mesh: (4, 4) pose of the mesh in the frame [m].
        vertices: (v, 3) [m].
        faces: (f, 3) vertex indices.
        colour: red, green, blue, 0 to 255.
    """

    number: int
    frame: int
    T_frame_mesh: Float[np.ndarray, "4 4"] = field(repr=False)
    vertices: Float[np.ndarray, "v 3"] = field(repr=False)
    faces: Int[np.ndarray, "f 3"] = field(repr=False)
    colour: tuple[int, int, int] = GREY


def read_visuals(path: Path, arm: Arm) -> list[Visual]:
    """The visual meshes of an arm's links; empty if any of them is missing or cannot be read.

    An incomplete robot would mislead; the links are then drawn as lines. No error is raised for a mesh.

    Args:
        path: the URDF file that the arm was read from.
        arm: the arm; its frames name the first and the last link.
    """
    try:
        frames = link_frames(path, *arm.frames)
        if path.stat().st_size > MAX_FILE_SIZE:
            return []
        return _read(path, frames)
    except (KinverseError, OSError, ValueError, KeyError, TypeError, IndexError, ImportError, AttributeError):
        return []


def _read(path: Path, frames: dict[str, tuple[int, Float[np.ndarray, "4 4"]]]) -> list[Visual]:
    from lxml import etree

    document = etree.fromstring(path.read_bytes(), etree.XMLParser(resolve_entities=False, no_network=True))
    colours = {m.get("name"): _colour(m, {}) for m in document.iterfind("material")}
    found: list[Visual] = []
    for link in document.iterfind("link"):
        if link.get("name") not in frames:
            continue
        frame, T_frame_link = frames[link.get("name")]
        for visual in link.iterfind("visual"):
            mesh = _mesh(path, visual.find("geometry"))
            T = T_frame_link @ _origin(visual.find("origin"))
            colour = _colour(visual.find("material"), colours)
            vertices, faces = np.asarray(mesh.vertices, dtype=np.float64), np.asarray(mesh.faces)
            found.append(Visual(len(found), frame, T, vertices, faces, colour))
    return found if sum(len(visual.faces) for visual in found) <= MAX_TRIANGLES else []


def _mesh(path: Path, geometry: Any) -> Any:
    """The shape in a <geometry> element, as a trimesh.

    Raises:
        OSError, ValueError: the file is missing or too large, or the shape is unknown.
    """
    import trimesh

    (shape,) = (element for element in geometry if isinstance(element.tag, str))
    numbers = {key: [float(x) for x in value.split()] for key, value in shape.attrib.items() if key != "filename"}
    if shape.tag == "box":
        return trimesh.creation.box(numbers["size"])
    if shape.tag == "cylinder":
        return trimesh.creation.cylinder(numbers["radius"][0], numbers["length"][0])
    if shape.tag == "sphere":
        return trimesh.creation.icosphere(radius=numbers["radius"][0])
    file = _on_disk(path, shape.get("filename"))
    if file.stat().st_size > MAX_MESH_SIZE:
        raise ValueError(f"{file}: too large for a picture")
    mesh = trimesh.load(file, force="mesh")
    mesh.apply_scale(numbers.get("scale", [1.0, 1.0, 1.0]))
    return mesh


def _on_disk(path: Path, name: str) -> Path:
    """Path of a mesh: relative to the URDF, or in its ROS package in a folder above."""
    text = name.removeprefix("file://")
    if not text.startswith("package://"):
        return (path.parent / text).resolve(strict=True)
    inside = Path(text.removeprefix("package://"))
    if inside.is_absolute() or ".." in inside.parts:
        raise ValueError(f"{name}: is outside its package")
    for folder in path.resolve().parents:
        # The folder of the package may have another name here.
        for candidate in (folder / inside, folder.joinpath(*inside.parts[1:])):
            if candidate.is_file():
                return candidate
    raise OSError(f"{name}: not on disk")


def _origin(element: Any) -> Float[np.ndarray, "4 4"]:
    """The pose in an <origin> element: fixed-axis roll, pitch, yaw, as in URDF."""
    if element is None:
        return np.eye(4)
    position, rpy = (
        np.array([float(value) for value in element.get(name, "0 0 0").split()]) for name in ("xyz", "rpy")
    )
    if position.shape != (3,) or rpy.shape != (3,):
        raise ValueError("an origin has three numbers for xyz and three for rpy")
    return transform(rotation_from_rpy(rpy), position)


def _colour(element: Any, known: dict[str | None, tuple[int, int, int]]) -> tuple[int, int, int]:
    if element is None:
        return GREY
    colour = element.find("color")
    if colour is None:
        return known.get(element.get("name"), GREY)
    red, green, blue, *_ = (round(255 * min(max(float(x), 0.0), 1.0)) for x in colour.get("rgba", "").split())
    return red, green, blue
