"""One arm in the viewer: its drawing in the scene, a target to drag, sliders and a status table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float

from kinverse.apps.viewer.arm_nodes import BLUE, GREEN, GREY, ORANGE, ArmNodes, as_wxyz
from kinverse.apps.viewer.scene_parts import draw_scene_parts, draw_training_region
from kinverse.apps.viewer.solved_target import SolvedTarget, other_solutions, solve_target, status_html
from kinverse.apps.viewer.view_model import SliderSpec, ViewModel
from kinverse.geometry import rotation_from_quaternion, transform
from kinverse.robot.visuals import read_visuals

MAX_GHOSTS = 8


class ArmPanel:
    """An arm with its controls.

    Attributes:
        model: the arm with its solver and network.
        q: (dof,) current joint positions [rad or m].
        root: name of the arm's node in the scene.
        solved: the current target with its prediction and solution.
    """

    def __init__(self, server: Any, model: ViewModel, number: int, offset: Float[np.ndarray, " 3"]) -> None:
        """Draw the arm and add its controls to the current tab.

        Args:
            server: the viser server.
            model: the arm with its solver and network.
            number: number of the panel, used in node names.
            offset: position of the arm's base in the scene [m].
        """
        self.model, self.q, self.root = model, model.home, f"/arm{number}"
        self._server = server
        self._on_target: Callable[[np.ndarray], None] | None = None
        self._thickness = 0.012 * model.reach
        scene = server.scene
        scene.add_frame(self.root, show_axes=False, position=offset)
        self._reachable = draw_scene_parts(scene, self.root, model)
        visuals = [] if model.urdf is None else read_visuals(model.urdf, model.arm)
        self._solution = ArmNodes(
            scene, f"{self.root}/solved", model.arm, colour=BLUE, thickness=self._thickness, visuals=visuals
        )
        self._prediction: ArmNodes | None = None
        self._ghosts: list[ArmNodes] = []
        self._handle = self._add_handle()
        self._add_controls()
        self._add_network()
        target = model.target_of(self.q)
        solve_target(model, target, self.q)  # the first call compiles; show the time of the second
        self.solved = solve_target(model, target, self.q)
        self._update(moved_by="joints")

    def on_target(self, act: Callable[[np.ndarray], None]) -> None:
        """Call `act` with every target that the user sets in this panel."""
        self._on_target = act

    def show_model(self, model: ViewModel) -> None:
        """Show another network for the same arm, such as a newly trained one."""
        self.model = model
        self._add_network()
        self.set_target(self.solved.target)

    def set_target(self, target: Float[np.ndarray, ...], moved_by: str = "code") -> SolvedTarget:
        """Set a target; the arm moves to its solution."""
        self.solved = solve_target(self.model, target, self.q)
        self.q = self.solved.q
        self._update(moved_by)
        return self.solved

    def set_joints(self, q: Float[np.ndarray, " dof"]) -> SolvedTarget:
        """Set joint positions; the target moves to the tool."""
        arm = self.model.arm
        self.q = np.clip(np.asarray(q, dtype=np.float64), arm.lower, arm.upper)
        self.solved = solve_target(self.model, self.model.target_of(self.q), self.q)
        self._update(moved_by="joints")
        return self.solved

    def choose_target(self, target: Float[np.ndarray, ...], moved_by: str = "code") -> None:
        """Set a target on behalf of the user: hide the ghosts and move the arms that share the target."""
        self.hide_ghosts()
        self._report_target(self.set_target(target, moved_by))

    def choose_joints(self, q: Float[np.ndarray, " dof"]) -> None:
        """Set joint positions on behalf of the user: hide the ghosts and move the arms that share the target."""
        self.hide_ghosts()
        self._report_target(self.set_joints(q))

    def show_ghosts(self) -> int:
        """Draw other solutions as ghosts and return their number; a click on a ghost moves the arm there."""
        self.hide_ghosts()
        solutions = other_solutions(self.model, self.solved.target, self.q, MAX_GHOSTS)
        with self._server.atomic():
            for i, q in enumerate(solutions):
                name, thickness = f"{self._solution.root}-other{i}", 0.7 * self._thickness
                ghost = ArmNodes(
                    self._server.scene, name, self.model.arm, colour=GREY, opacity=0.5, thickness=thickness
                )
                ghost.move(q)
                ghost.on_click(lambda q=q: self.choose_joints(q))  # type: ignore[misc]
                self._ghosts.append(ghost)
        self._ghost_count.content = f"{len(solutions)} others, click one" if len(solutions) else "no other solution"
        return len(solutions)

    def hide_ghosts(self) -> None:
        """Remove the other solutions from the scene."""
        for ghost in self._ghosts:
            ghost.remove()
        self._ghosts = []
        self._ghost_count.content = ""

    def _report_target(self, solved: SolvedTarget) -> None:
        if self._on_target is not None:
            self._on_target(solved.target)

    def _add_network(self) -> None:
        """If there is a network, add its training region, and once a drawing of its prediction with a checkbox."""
        draw_training_region(self._server.scene, self.root, self.model)
        if self.model.network is None or self._prediction is not None:
            return
        prediction = self._prediction = ArmNodes(
            self._server.scene, f"{self.root}/network", self.model.arm,
            colour=ORANGE, opacity=0.75, thickness=0.7 * self._thickness,
        )  # fmt: skip
        with self._show_folder:
            checkbox = self._server.gui.add_checkbox("network's prediction (orange)", True)
        checkbox.on_update(lambda event: prediction.show(checkbox.value))

    def _add_handle(self) -> Any:
        """Add the target to drag, with rings to rotate it if the goal has a rotation."""
        goal, scene = self.model.goal, self._server.scene
        handle = scene.add_transform_controls(
            f"{self.root}/target", scale=0.25 * self.model.reach, active_axes=(True, True, goal.coordinates == 3),
            disable_rotations=not goal.has_rotation, depth_test=False,
        )  # fmt: skip
        scene.add_icosphere(f"{self.root}/target/ball", radius=1.6 * self._thickness, color=GREEN)

        @handle.on_update
        async def _(event: Any) -> None:  # runs on the event loop: keeps the order and needs no thread
            if event.client_id is not None:
                self.choose_target(self._target_at(handle.position, handle.wxyz), "handle")

        return handle

    def _target_at(self, position: Any, wxyz: Any) -> Float[np.ndarray, ...]:
        """The target for a position and a quaternion (w, x, y, z) of the handle."""
        xyzw = np.roll(np.asarray(wxyz, dtype=np.float64), -1)
        R = rotation_from_quaternion(xyzw / np.linalg.norm(xyzw))
        return self.model.goal.targets(transform(R, np.asarray(position, dtype=np.float64)))

    def _add_controls(self) -> None:
        gui, model = self._server.gui, self.model
        self._status = gui.add_html("")
        with gui.add_folder("target"):
            self._target_sliders = [
                self._add_slider(spec, lambda value, i=i: self._move_target(i, value))  # type: ignore[misc]
                for i, spec in enumerate(model.target_sliders)
            ]
        with gui.add_folder("joints"):
            self._joint_sliders = [
                self._add_slider(spec, lambda value, i=i: self._move_joint(i, value))  # type: ignore[misc]
                for i, spec in enumerate(model.joint_sliders)
            ]
        self._show_folder = gui.add_folder("show")
        with self._show_folder:
            reachable = gui.add_checkbox("reachable region", True)
            reachable.on_update(lambda event: setattr(self._reachable, "visible", reachable.value))
            ghosts = gui.add_button("other solutions", hint="shown as ghosts; click a ghost to move the arm there")
            ghosts.on_click(lambda event: self.show_ghosts())
            self._ghost_count = gui.add_markdown("")

    def _add_slider(self, spec: SliderSpec, act: Callable[[float], None]) -> Any:
        """Add a slider that calls `act` when the user moves it."""
        slider = self._server.gui.add_slider(
            spec.label, min=spec.low, max=spec.high, step=spec.step, initial_value=spec.value
        )

        async def moved(event: Any) -> None:  # runs on the event loop, like the handle
            if event.client_id is not None:
                act(slider.value)

        slider.on_update(moved)
        return slider

    def _move_target(self, i: int, value: float) -> None:
        position = np.array(self._handle.position)
        position[i] = value
        self.choose_target(self._target_at(position, self._handle.wxyz), "target slider")

    def _move_joint(self, i: int, value: float) -> None:
        q = self.q.copy()
        q[i] = value
        self.choose_joints(q)

    def _update(self, moved_by: str) -> None:
        """Update scene and controls to `solved`, except for the control that the user is moving."""
        model, solved = self.model, self.solved
        with self._server.atomic():
            self._solution.move(solved.q)
            if self._prediction is not None and solved.predicted is not None:
                self._prediction.move(solved.predicted)
            position = np.zeros(3)
            coordinates = solved.target[:3, 3] if solved.target.ndim == 2 else solved.target
            position[: len(coordinates)] = coordinates
            if moved_by != "handle":
                self._handle.position = position
                if solved.target.ndim == 2:
                    self._handle.wxyz = as_wxyz(solved.target[:3, :3])
            if moved_by != "target slider":
                _set_sliders(self._target_sliders, position)
            if moved_by != "joints" or solved.q is not self.q:
                _set_sliders(self._joint_sliders, solved.q)
            self._status.content = status_html(model.title, solved)
        self._server.flush()  # send now, not with the server's next frame


def _set_sliders(sliders: list[Any], values: Float[np.ndarray, " n"]) -> None:
    """Show the values; a slider grows where its range does not hold one."""
    for slider, number in zip(sliders, values, strict=False):
        value = round(float(number), 4)
        slider.min = min(slider.min, value)
        slider.max = max(slider.max, value)
        slider.value = value
