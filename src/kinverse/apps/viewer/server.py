"""`kv.view`: the viewer, with arms side by side."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from kinverse.apps.viewer.address import HOST, PORT, check_address
from kinverse.apps.viewer.view_model import Viewable, ViewModel, view_model_of
from kinverse.errors import ConfigError, MissingExtraError
from kinverse.ik.goal import Goal

if TYPE_CHECKING:
    from kinverse.apps.viewer.arm_panel import ArmPanel

MAX_SIDE_BY_SIDE = 6


class Viewer:
    """A running viewer.

    Attributes:
        address: URL to open in a browser.
        panels: one panel per arm.
        training: the panel that trains a network for the first arm.
    """

    def __init__(self, models: Sequence[ViewModel], host: str, port: int) -> None:
        """Start the server and add a panel for each arm; `view` checks the arguments first."""
        from kinverse.apps.viewer.arm_panel import ArmPanel
        from kinverse.apps.viewer.local_server import LocalServer
        from kinverse.apps.viewer.training_panel import TrainingPanel

        self._server = LocalServer(host, port)
        self._server.gui.configure_theme(control_width="large", show_logo=False, show_share_button=False)
        self._server.gui.main_panel.dock_right()
        name = f"[{host}]" if ":" in host else host
        self.address = f"http://{name}:{self._server.get_port()}"
        self.panels: list[ArmPanel] = []
        offsets = _offsets(models)
        tabs = self._server.gui.add_tab_group()
        for number, (model, offset) in enumerate(zip(models, offsets, strict=True)):
            with tabs.add_tab(model.title):
                self.panels.append(ArmPanel(self._server, model, number, offset))
        for panel in self.panels:
            panel.on_target(lambda target, panel=panel: self._follow(panel, target))  # type: ignore[misc]
        with tabs.add_tab("Train"):
            self.training = TrainingPanel(self._server, self.panels[0])
        self._aim_camera(models, offsets)

    def _follow(self, source: ArmPanel, target: Float[np.ndarray, ...]) -> None:
        """Set the target of all other arms with the same kinematics."""
        for panel in self.panels:
            if panel is not source and panel.model.arm.fingerprint == source.model.arm.fingerprint:
                panel.set_target(target)

    def _aim_camera(self, models: Sequence[ViewModel], offsets: Float[np.ndarray, "n 3"]) -> None:
        reach = max(model.reach for model in models)
        middle, width = offsets.mean(axis=0), float(np.ptp(offsets[:, 0])) + 2.0 * reach
        camera = self._server.initial_camera
        if all(model.arm.is_planar for model in models):
            # Look from above, with x to the right.
            camera.position = tuple(middle + np.array([0.0, 0.0, width]))
            camera.look_at, camera.up = tuple(middle), (0.0, 1.0, 0.0)
        else:
            camera.position = tuple(middle + np.array([0.7, -0.7, 0.5]) * 0.75 * width)
            camera.look_at, camera.up = tuple(middle + np.array([0.0, 0.0, 0.3 * reach])), (0.0, 0.0, 1.0)

    def wait(self) -> None:
        """Serve until Ctrl-C."""
        self._server.sleep_forever()

    def close(self) -> None:
        """Stop the server and the training run, if there is one."""
        self.training.stop()
        with contextlib.redirect_stdout(io.StringIO()):
            self._server.stop()


def view(
    what: Viewable | Sequence[Viewable] = "planar3",
    *,
    host: str = HOST,
    port: int = PORT,
    expose: bool = False,
    base: str | None = None,
    tool: str | None = None,
    goal: Goal | None = None,
) -> Viewer:
    """Start a viewer on this machine, to move arms, drag targets and train a network.

    Args:
        what: an arm, its name, a URDF file, a model or its folder; or up to six of them, shown side by side.
        host: address to listen on; default: this machine only.
        port: port to listen on; default: 8080.
        expose: allow an address that other machines can reach. Their users can move the arms and start training runs.
        base: base link of URDF files, as for `load_arm`; default: the root link.
        tool: tool link of URDF files, as for `load_arm`; default: the only leaf link.
        goal: goal of arms and URDF files; default: `Goal.default(arm)`.

    The server answers only pages of its own: other sites that are open in the browser cannot use it.

    Returns:
        The viewer. It runs in the background until it is closed or the process ends; `viewer.wait()` blocks until
        Ctrl-C.

    Raises:
        ConfigError: there are no items or too many, the host is not an address of this machine, or the port is in use;
            the message names the next free port.
        MissingExtraError: viser is not installed.
        KinverseError: an arm or a model cannot be read.

    Example:
        >>> viewer = kv.view("panda")
        >>> viewer.address
        'http://127.0.0.1:8080'
    """
    shown = [what] if isinstance(what, str) or not isinstance(what, Sequence) else list(what)
    if not 1 <= len(shown) <= MAX_SIDE_BY_SIDE:
        raise ConfigError(f"a viewer shows 1 to {MAX_SIDE_BY_SIDE} arms or models side by side, got {len(shown)}")
    check_address(host, port, expose)
    if importlib.util.find_spec("viser") is None:
        raise MissingExtraError("viewer", "viser")
    return Viewer([view_model_of(one, base=base, tool=tool, goal=goal) for one in shown], host, port)


def _offsets(models: Sequence[ViewModel]) -> Float[np.ndarray, "n 3"]:
    """Positions of the bases [m], far enough apart that the arms do not overlap."""
    widths = [2.2 * float(np.abs(model.reachable[:, 0]).max()) for model in models]
    x = np.cumsum([0.0, *(0.5 * (a + b) for a, b in itertools.pairwise(widths))])
    return np.column_stack([x, np.zeros(len(models)), np.zeros(len(models))])
