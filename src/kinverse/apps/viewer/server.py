"""Opening the viewer: where it listens, and what is on the table."""

from __future__ import annotations

import contextlib
import errno
import io
import ipaddress
import itertools
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from kinverse.apps.viewer.subject import Subject, open_subject
from kinverse.errors import ConfigError, MissingExtraError
from kinverse.robot.arm import Arm

if TYPE_CHECKING:
    from kinverse.learning.training.run import Run

HOST, PORT = "127.0.0.1", 8080
MOST_SIDE_BY_SIDE = 6


class Viewer:
    """A running viewer.

    Attributes:
        address: to open in a browser.
        desks: one for each arm that is shown.
    """

    def __init__(self, subjects: Sequence[Subject], host: str, port: int) -> None:
        """Start the server and lay the table; `open_viewer` checks what it is given first."""
        import viser

        from kinverse.apps.viewer.desk import Desk
        from kinverse.apps.viewer.training import TrainingTab

        with contextlib.redirect_stdout(io.StringIO()):  # it prints a box even when asked not to
            self._server = viser.ViserServer(host=host, port=port, label="kinverse", verbose=False)
        self._server.gui.configure_theme(control_width="large", show_logo=False, show_share_button=False)
        self._server.gui.main_panel.dock_right()
        self.address = f"http://{host}:{self._server.get_port()}"
        self.desks: list[Desk] = []
        tabs = self._server.gui.add_tab_group()
        for number, (subject, offset) in enumerate(zip(subjects, _offsets(subjects), strict=True)):
            with tabs.add_tab(subject.title):
                self.desks.append(Desk(self._server, subject, number, offset))
        for desk in self.desks:
            desk.follow(lambda target, desk=desk: self._share(desk, target))  # type: ignore[misc]
        with tabs.add_tab("Train"):
            self.training = TrainingTab(self._server, self.desks[0])
        self._aim_camera(subjects)

    def _share(self, source: Any, target: Float[np.ndarray, ...]) -> None:
        """Arms of the same kinematics follow the same target."""
        for desk in self.desks:
            if desk is not source and desk.subject.arm.fingerprint == source.subject.arm.fingerprint:
                desk.set_target(target)

    def _aim_camera(self, subjects: Sequence[Subject]) -> None:
        offsets = _offsets(subjects)
        reach = max(float(np.abs(subject.reached).max()) for subject in subjects)
        middle, width = offsets.mean(axis=0), float(np.ptp(offsets[:, 0])) + 2.0 * reach
        camera = self._server.initial_camera
        if all(subject.is_planar for subject in subjects):
            # From above, x to the right: the plane as it is drawn on paper.
            camera.position = tuple(middle + np.array([0.0, 0.0, width]))
            camera.look_at, camera.up = tuple(middle), (0.0, 1.0, 0.0)
        else:
            camera.position = tuple(middle + np.array([0.7, -0.7, 0.5]) * 0.75 * width)
            camera.look_at, camera.up = tuple(middle + np.array([0.0, 0.0, 0.3 * reach])), (0.0, 0.0, 1.0)

    def wait(self) -> None:
        """Keep serving until Ctrl-C."""
        self._server.sleep_forever()

    def close(self) -> None:
        """Stop serving."""
        self.training.stop()
        with contextlib.redirect_stdout(io.StringIO()):
            self._server.stop()


def open_viewer(
    *what: Arm | Run | str | Path,
    host: str = HOST,
    port: int = PORT,
    expose: bool = False,
    **chain: Any,
) -> Viewer:
    """Open a viewer on this machine; several arms or runs stand side by side.

    Args:
        what: arms of the catalog, URDF files, runs or their folders.
        host: address to listen on; another one than this machine's own needs `expose`.
        port: where to listen.
        expose: allow an address that other machines reach. Whoever reaches it can move the arms and start trainings.
        chain: base, tip and task of URDF files, as for `load_arm`.

    Returns:
        The viewer, which serves until it is closed or the process ends.

    Raises:
        ConfigError: nothing to show or too much, an address that is not this machine's own, or a port in use; the
            message names the next free one.
        MissingExtraError: viser is not installed.
        KinverseError: of the kind that reading an arm or a run raises.
    """
    if not 1 <= len(what) <= MOST_SIDE_BY_SIDE:
        raise ConfigError(f"a viewer shows 1 to {MOST_SIDE_BY_SIDE} arms or runs side by side, got {len(what)}")
    check_address(host, port, expose)
    try:
        import viser  # noqa: F401
    except ModuleNotFoundError:
        raise MissingExtraError("viewer", "viser") from None
    return Viewer([open_subject(one, **chain) for one in what], host, port)


def check_address(host: str, port: int, expose: bool) -> None:
    """Refuse an address that other machines reach, unless it is asked for, and a port that is in use.

    Raises:
        ConfigError: with what would do.
    """
    if not 0 < port < 65536:
        raise ConfigError(f"port must be from 1 to 65535, got {port}")
    if not _is_loopback(host) and not expose:
        raise ConfigError(
            f"host {host!r} lets other machines reach the viewer, where anyone can move the arms and start trainings "
            f"that write files here: add --expose if that is meant, or leave host at {HOST}"
        )
    try:
        free = _is_free(host, port)
    except OSError as problem:
        raise ConfigError(f"host {host!r} is no address of this machine ({problem.strerror or problem})") from None
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
    """Whether the port can be listened on.

    Raises:
        OSError: the host is no address of this machine.
    """
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as problem:
            if problem.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def _offsets(subjects: Sequence[Subject]) -> Float[np.ndarray, "n 3"]:
    """Where the bases stand: side by side, as far apart as the arms reach."""
    widths = [2.2 * float(np.abs(subject.reached[:, 0]).max()) for subject in subjects]
    places = np.cumsum([0.0, *(0.5 * (a + b) for a, b in itertools.pairwise(widths))])
    return np.column_stack([places, np.zeros(len(subjects)), np.zeros(len(subjects))])
