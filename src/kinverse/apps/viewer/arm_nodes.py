"""An arm as nodes of a viser scene.

Each joint frame is a child of the previous one, so that one message moves a joint and all links after it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import trimesh
from jaxtyping import Float

from kinverse.geometry import quaternion_from_rotation, rotation_taking_z_to
from kinverse.plotting import colours
from kinverse.plotting.colours import rgb
from kinverse.robot.arm import Arm
from kinverse.robot.visuals import Visual

Colour = tuple[int, int, int]
BLUE, ORANGE, GREEN = map(rgb, (colours.BLUE, colours.ORANGE, colours.GREEN))
GREY, DARK = (150, 150, 150), (40, 40, 40)


class ArmNodes:
    """One drawing of an arm; `root` is the name of its top node in the scene."""

    def __init__(
        self,
        scene: Any,
        root: str,
        arm: Arm,
        *,
        colour: Colour = BLUE,
        opacity: float | None = None,
        thickness: float = 0.02,
        visuals: list[Visual] | None = None,
    ) -> None:
        """Add the nodes.

        Args:
            scene: viser's scene.
            root: name of the top node.
            arm: the arm.
            colour: colour of the links.
            opacity: opacity of the links; None: opaque.
            thickness: radius of the links [m].
            visuals: meshes of the links; None or empty: straight links are drawn.
        """
        self.arm, self.root, self._scene = arm, root, scene
        self._clickable: list[Any] = []
        self._top = scene.add_frame(root, show_axes=False)
        self._joints: list[Any] = []
        self._q = np.full(arm.dof, np.nan)
        # Plain numbers are faster here: each drag message uses them.
        self._at_rest = [tuple(as_wxyz(T[:3, :3]).tolist()) for T in arm.T_offsets]
        name = root
        for joint in range(arm.dof):
            self._draw_link(name, arm.T_offsets[joint], colour, opacity, thickness, visuals)
            name = f"{name}/{joint}"
            self._joints.append(scene.add_frame(name, show_axes=False))
            self._draw_joint(name, joint, colour, opacity, thickness)
        self._draw_link(name, arm.T_offsets[-1], colour, opacity, thickness, visuals)
        T_tool = arm.T_offsets[-1]
        tool = scene.add_icosphere(
            f"{name}/tool", radius=1.3 * thickness, color=colour, opacity=opacity, position=T_tool[:3, 3]
        )
        self._clickable.append(tool)
        for visual in visuals or ():
            self._draw_mesh(visual, colour if opacity is not None else None, opacity)

    def move(self, q: Float[np.ndarray, " dof"]) -> None:
        """Move the arm to joint positions [rad or m]; only joints that have moved send a message."""
        for joint in np.flatnonzero(self._q != q).tolist():
            node, value, is_new = self._joints[joint], float(q[joint]), np.isnan(self._q[joint])
            T = self.arm.T_offsets[joint]
            if self.arm.is_prismatic[joint]:
                node.position = T[:3, 3] + value * T[:3, 2]
                if is_new:
                    node.wxyz = self._at_rest[joint]
                continue
            node.wxyz = _rotated(self._at_rest[joint], value)
            if is_new:
                node.position = T[:3, 3]
        self._q = np.array(q, dtype=np.float64)

    def show(self, visible: bool) -> None:
        """Show or hide the whole arm."""
        if self._top.visible != visible:
            self._top.visible = visible

    def on_click(self, act: Callable[[], None]) -> None:
        """Call `act` when a link of the arm is clicked."""
        for node in self._clickable:
            node.on_click(lambda event: act())

    def remove(self) -> None:
        """Remove the arm from the scene."""
        self._top.remove()

    def _draw_link(
        self, name: str, T_next: Float[np.ndarray, "4 4"], colour: Colour, opacity: float | None,
        thickness: float, visuals: list[Visual] | None,
    ) -> None:  # fmt: skip
        """Add a straight bar between the origins of two successive frames, unless meshes are drawn."""
        reach = T_next[:3, 3]
        length = float(np.linalg.norm(reach))
        if visuals or length < 1e-6:
            return
        bar = self._scene.add_cylinder(
            f"{name}/link", radius=thickness, height=length, color=colour, opacity=opacity,
            wxyz=as_wxyz(rotation_taking_z_to(reach / length)), position=0.5 * reach,
        )  # fmt: skip
        self._clickable.append(bar)

    def _draw_joint(self, name: str, joint: int, colour: Colour, opacity: float | None, thickness: float) -> None:
        """Add a short cylinder along the axis of a revolute joint, or a box for a prismatic joint."""
        if self.arm.is_prismatic[joint]:
            side = 2.4 * thickness
            node = self._scene.add_box(f"{name}/joint", dimensions=(side, side, side), color=DARK, opacity=opacity)
        else:
            node = self._scene.add_cylinder(
                f"{name}/joint", radius=1.5 * thickness, height=2.6 * thickness, color=DARK, opacity=opacity
            )
        self._clickable.append(node)

    def _draw_mesh(self, visual: Visual, colour: Colour | None, opacity: float | None) -> None:
        """Add a mesh of the robot description to the frame of its link."""
        mesh = trimesh.Trimesh(visual.vertices, visual.faces, process=False)
        parent = "/".join([self.root, *map(str, range(visual.frame))])
        T = visual.T_frame_mesh
        self._scene.add_mesh_simple(
            f"{parent}/mesh{visual.number}", mesh.vertices, mesh.faces, color=colour or visual.colour, opacity=opacity,
            wxyz=as_wxyz(T[:3, :3]), position=T[:3, 3], flat_shading=False,
        )  # fmt: skip


def as_wxyz(R: Float[np.ndarray, "3 3"]) -> Float[np.ndarray, " 4"]:
    """Convert a rotation matrix to a unit quaternion (w, x, y, z), the order of the scene."""
    return np.roll(quaternion_from_rotation(R), 1)


def _rotated(at_rest: tuple[float, float, float, float], angle: float) -> tuple[float, float, float, float]:
    """Multiply a joint's quaternion at rest (w, x, y, z) by a rotation of `angle` [rad] about its z axis."""
    w, x, y, z = at_rest
    cosine, sine = math.cos(0.5 * angle), math.sin(0.5 * angle)
    return w * cosine - z * sine, x * cosine + y * sine, y * cosine - x * sine, z * cosine + w * sine
