"""`kv.view`: the server of the viewer, with address checks and arms side by side."""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import io
import ipaddress
import itertools
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from kinverse.apps.viewer import HOST, PORT
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
        import viser

        from kinverse.apps.viewer.arm_panel import ArmPanel
        from kinverse.apps.viewer.training_panel import TrainingPanel

        with contextlib.redirect_stdout(io.StringIO()):  # viser prints a box even with verbose=False
            self._server = viser.ViserServer(host=host, port=port, label="kinverse", verbose=False)
        self._server.gui.configure_theme(control_width="large", show_logo=False, show_share_button=False)
        self._server.gui.main_panel.dock_right()
        self.address = f"http://{host}:{self._server.get_port()}"
        self.panels: list[ArmPanel] = []
        offsets = _offsets(models)
        tabs = self._server.gui.add_tab_group()
        for number, (model, offset) in enumerate(zip(models, offsets, strict=True)):
            with tabs.add_tab(model.title):
                self.panels.append(ArmPanel(self._server, model, number, offset))
        for panel in self.panels:
            panel.on_target(lambda target, panel=panel: self._share(panel, target))  # type: ignore[misc]
        with tabs.add_tab("Train"):
            self.training = TrainingPanel(self._server, self.panels[0])
        self._aim_camera(models, offsets)

    def _share(self, source: ArmPanel, target: Float[np.ndarray, ...]) -> None:
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
        """Stop the server and any running training."""
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
        expose: allow an address that other machines can reach. Their users can move the arms and start trainings.
        base: base link of URDF files, as for `load_arm`; default: the root link.
        tool: tool link of URDF files, as for `load_arm`; default: the only leaf link.
        goal: goal of arms and URDF files; default: `Goal.default(arm)`.

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


def check_address(host: str, port: int, expose: bool) -> None:
    """Reject a port in use, and an address that other machines can reach unless `expose` allows it.

    Raises:
        ConfigError: the address or the port is rejected; the message explains how to change it.
    """
    if not 0 < port < 65536:
        raise ConfigError(f"port must be from 1 to 65535, got {port}")
    if not _is_loopback(host) and not expose:
        raise ConfigError(
            f"host {host!r} lets other machines reach the viewer, where anyone can move the arms and start trainings "
            f"that write files here; add --expose to allow it, or keep host {HOST}"
        )
    try:
        free = _is_free(host, port)
    except OSError as problem:
        raise ConfigError(f"host {host!r} is not an address of this machine ({problem.strerror or problem})") from None
    if not free:
        following = next((p for p in range(port + 1, min(port + 100, 65536)) if _is_free(host, p)), None)
        offer = f"; {following} is free: --port {following}" if following else ""
        raise ConfigError(f"port {port} is in use{offer}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_free(host: str, port: int) -> bool:
    """Whether the port is available.

    Raises:
        OSError: the host is not an address of this machine.
    """
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            if problem.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def _offsets(models: Sequence[ViewModel]) -> Float[np.ndarray, "n 3"]:
    """Positions of the bases [m], far enough apart that the arms do not overlap."""
    widths = [2.2 * float(np.abs(model.reachable[:, 0]).max()) for model in models]
    x = np.cumsum([0.0, *(0.5 * (a + b) for a, b in itertools.pairwise(widths))])
    return np.column_stack([x, np.zeros(len(models)), np.zeros(len(models))])
