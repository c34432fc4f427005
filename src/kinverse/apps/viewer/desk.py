"""One arm in the viewer: sliders, a target to drag, and what network and solver make of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float

from kinverse.apps.viewer.answer import Answer, answer, other_solutions
from kinverse.apps.viewer.readout import readout_of
from kinverse.apps.viewer.scene import BLUE, GREEN, GREY, ORANGE, ArmNodes, as_wxyz
from kinverse.apps.viewer.subject import SLIDER_STEP, TARGET_RANGE, TARGET_STEP, Subject
from kinverse.apps.viewer.surroundings import draw_surroundings
from kinverse.geometry import rotation_from_quaternion, transform
from kinverse.robot.visuals import read_visuals

MOST_GHOSTS = 8
OnTarget = Callable[[np.ndarray], None]


class Desk:
    """An arm with its controls.

    Attributes:
        subject: what is shown.
        q: (dof,) where the arm is [rad or m].
        root: name of its node in the scene.
        answer: to the target as it is.
    """

    def __init__(self, server: Any, subject: Subject, number: int, offset: Float[np.ndarray, " 3"]) -> None:
        """Draw the arm and add its controls to the panel that is open.

        Args:
            server: viser's.
            subject: what to show.
            number: of the desk, for the names of its nodes.
            offset: of the arm's base in the scene [m], so that several stand side by side.
        """
        self.subject, self._server = subject, server
        self._on_target: OnTarget | None = None
        self.q = subject.home
        arm, scene, root = subject.arm, server.scene, f"/arm{number}"
        reach = float(np.abs(subject.reached).max())
        self._thickness = 0.012 * reach
        scene.add_frame(root, show_axes=False, position=offset)
        self.root = root
        self._reachable = draw_surroundings(scene, root, subject)
        visuals = [] if subject.urdf is None else read_visuals(subject.urdf, arm)
        self._nodes = ArmNodes(scene, f"{root}/solved", arm, colour=BLUE, thickness=self._thickness, visuals=visuals)
        self._ghost: ArmNodes | None = None
        self._draw_ghost()
        self._others: list[ArmNodes] = []
        self._handle = self._add_handle(root, reach)
        self._add_controls(reach)
        answer(subject, arm.forward(self.q), self.q)  # the first one compiles, and its time would be shown
        self.answer = answer(subject, arm.forward(self.q), self.q)
        self._show(self.answer, moved_by="joints")

    def follow(self, act: OnTarget) -> None:
        """Call `act` with every new target that a person chooses here."""
        self._on_target = act

    def learn(self, subject: Subject) -> None:
        """Show another network for the same arm, such as one that has just been trained."""
        self.subject = subject
        self._draw_ghost()
        self.set_target(self.answer.target)

    def _draw_ghost(self) -> None:
        """What the network says, beside the arm; nothing without a network."""
        if self.subject.network is None or self._ghost is not None:
            return
        self._ghost = ArmNodes(
            self._server.scene, f"{self.root}/network", self.subject.arm,
            colour=ORANGE, opacity=0.75, thickness=0.7 * self._thickness,
        )  # fmt: skip

    def _show_ghost(self, visible: bool) -> None:
        if self._ghost is not None:
            self._ghost.show(visible)

    def set_target(self, target: Float[np.ndarray, ...], moved_by: str = "code") -> Answer:
        """A new target: the arm follows."""
        self.answer = answer(self.subject, target, self.q)
        self.q = self.answer.q
        self._show(self.answer, moved_by)
        return self.answer

    def set_joints(self, q: Float[np.ndarray, " dof"]) -> Answer:
        """New joint positions: the target goes to where the tool is."""
        arm = self.subject.arm
        self.q = np.clip(np.asarray(q, dtype=np.float64), arm.lower, arm.upper)
        self.answer = answer(self.subject, arm.forward(self.q), self.q)
        self._show(self.answer, moved_by="joints")
        return self.answer

    def show_others(self) -> int:
        """Draw the other solutions as ghosts to click; gives how many there are."""
        self.hide_others()
        found = other_solutions(self.subject, self.answer.target, MOST_GHOSTS)
        others = [q for q in found if np.abs(q - self.q).max() > 0.05]
        with self._server.atomic():
            for i, q in enumerate(others):
                name, thin = f"{self._nodes.root}-other{i}", 0.7 * self._thickness
                ghost = ArmNodes(self._server.scene, name, self.subject.arm, colour=GREY, opacity=0.5, thickness=thin)
                ghost.move(q)
                ghost.on_click(lambda q=q: self._take(q))  # type: ignore[misc]
                self._others.append(ghost)
        return len(others)

    def hide_others(self) -> None:
        """Take the other solutions away."""
        for ghost in self._others:
            ghost.remove()
        self._others = []

    def _take(self, q: Float[np.ndarray, " dof"]) -> None:
        """A ghost was clicked: the arm becomes it."""
        self.hide_others()
        self._found_others.content = ""
        self.set_joints(q)

    def _add_handle(self, root: str, reach: float) -> Any:
        """The target to drag: in the plane for planar arms, with rings to turn for arms that reach poses."""
        is_planar = self.subject.arm.task == "xy"
        handle = self._server.scene.add_transform_controls(
            f"{root}/target", scale=0.25 * reach, active_axes=(True, True, not is_planar),
            disable_rotations=self.subject.arm.task != "pose", depth_test=False,
        )  # fmt: skip
        self._server.scene.add_icosphere(f"{root}/target/ball", radius=1.6 * self._thickness, color=GREEN)

        @handle.on_update
        async def _(event: Any) -> None:  # on the event loop: in order, and without waiting for a thread
            if event.client_id is not None:
                self._chosen(self._target_of(handle.position, handle.wxyz), "handle")

        return handle

    def _target_of(self, position: Any, wxyz: Any) -> Float[np.ndarray, ...]:
        """The target where the handle is."""
        arm, place = self.subject.arm, np.asarray(position, dtype=np.float64)
        if arm.task != "pose":
            return place[: arm.task_shape[0]]
        x_y_z_w = np.roll(np.asarray(wxyz, dtype=np.float64), -1)
        return transform(rotation_from_quaternion(x_y_z_w / np.linalg.norm(x_y_z_w)), place)

    def _chosen(self, target: Float[np.ndarray, ...], moved_by: str) -> None:
        self.hide_others()
        self._found_others.content = ""
        self.set_target(target, moved_by)
        if self._on_target is not None:
            self._on_target(target)

    def _add_controls(self, reach: float) -> None:
        gui, subject = self._server.gui, self.subject
        self._readout = gui.add_html("")
        with gui.add_folder("target [m]"):
            self._target_sliders = self._add_target_sliders(reach)
        with gui.add_folder("joints"):
            self._sliders = [self._add_slider(i) for i in range(subject.arm.dof)]
        with gui.add_folder("show"):
            shaded = gui.add_checkbox("where it reaches", True)
            shaded.on_update(lambda event: setattr(self._reachable, "visible", shaded.value))
            ghost = gui.add_checkbox("what the network says (orange)", True)
            ghost.on_update(lambda event: self._show_ghost(ghost.value))
            button = gui.add_button("other solutions", hint="ghosts to click: the arm becomes the one clicked")
            self._found_others = gui.add_markdown("")

            @button.on_click
            def _(event: Any) -> None:
                count = self.show_others()
                self._found_others.content = f"{count} others, click one" if count else "no other solution found"

    def _add_target_sliders(self, reach: float) -> list[Any]:
        planar = self.subject.is_planar
        low, high = TARGET_RANGE if planar else (-round(1.2 * reach, 2), round(1.2 * reach, 2))
        sliders = []
        for i, name in enumerate("xyz"[: 2 if self.subject.arm.task == "xy" else 3]):
            slider = self._server.gui.add_slider(name, min=low, max=high, step=TARGET_STEP, initial_value=0.0)
            sliders.append(slider)

            async def moved(event: Any, i: int = i, slider: Any = slider) -> None:
                if event.client_id is not None:
                    position = np.array(self._handle.position)
                    position[i] = slider.value
                    self._chosen(self._target_of(position, self._handle.wxyz), "target slider")

            slider.on_update(moved)
        return sliders

    def _add_slider(self, i: int) -> Any:
        arm = self.subject.arm
        low, high = (float(limit) for limit in self.subject.slider_ranges[:, i])
        slides = arm.is_prismatic[i]
        step = SLIDER_STEP if self.subject.is_planar else (high - low) / 500.0
        unit = "m" if slides else "rad"
        name = f"θ{i + 1}" if self.subject.is_planar else arm.joint_names[i]
        start = float(np.clip(self.q[i], low, high))
        slider = self._server.gui.add_slider(f"{name} [{unit}]", min=low, max=high, step=step, initial_value=start)

        async def moved(event: Any) -> None:
            if event.client_id is not None:
                q = self.q.copy()
                q[i] = slider.value
                self._moved_joints(q)

        slider.on_update(moved)
        return slider

    def _moved_joints(self, q: Float[np.ndarray, " dof"]) -> None:
        self.hide_others()
        self._found_others.content = ""
        self.set_joints(q)
        if self._on_target is not None:
            self._on_target(self.answer.target)

    def _show(self, found: Answer, moved_by: str) -> None:
        """Bring scene and panel to an answer, except for what the person holds in the hand."""
        arm = self.subject.arm
        with self._server.atomic():
            self._nodes.move(found.q)
            if self._ghost is not None and found.raw is not None:
                self._ghost.move(found.raw)
            position = np.zeros(3)
            place = found.target[:3, 3] if arm.task == "pose" else found.target
            position[: len(place)] = place
            if moved_by != "handle":
                self._handle.position = position
                if arm.task == "pose":
                    self._handle.wxyz = as_wxyz(found.target[:3, :3])
            if moved_by != "target slider":
                for slider, value in zip(self._target_sliders, position, strict=False):
                    slider.value = float(np.clip(round(float(value), 4), slider.min, slider.max))
            if moved_by != "joints" or found.q is not self.q:
                for slider, value in zip(self._sliders, found.q, strict=True):
                    slider.value = float(np.clip(round(float(value), 4), slider.min, slider.max))
            self._readout.content = readout_of(self.subject.title, found)
        self._server.flush()  # now, and not with the next frame of the server's clock
