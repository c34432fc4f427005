"""The registry of libraries that kinverse can be compared with."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass

from kinverse.apps.benchmark.adapters.eaik import Eaik
from kinverse.apps.benchmark.adapters.ikpy import Ikpy
from kinverse.apps.benchmark.adapters.one_robot import GeoFik, UrAnalytic
from kinverse.apps.benchmark.adapters.optik import Optik
from kinverse.apps.benchmark.adapters.pinocchio import Pinocchio
from kinverse.apps.benchmark.adapters.ssik import Ssik, SsikPrebuilt
from kinverse.apps.benchmark.adapters.toolbox import Toolbox
from kinverse.apps.benchmark.adapters.torch_kinematics import TorchKinematics
from kinverse.apps.benchmark.adapters.tracik import Tracik
from kinverse.apps.benchmark.peer import CannotSolveError, Peer, Robot
from kinverse.errors import require_choice

PEERS: dict[str, type[Peer]] = {
    peer.name: peer
    for peer in (
        Eaik,
        UrAnalytic,
        GeoFik,
        SsikPrebuilt,
        Ssik,
        Toolbox,
        Optik,
        Tracik,
        Pinocchio,
        TorchKinematics,
        Ikpy,
    )
}
NOT_INSTALLED = "{} is not installed: pip install 'kinverse[bench]'"


@dataclass(frozen=True)
class LeftOut:
    """A library that was skipped.

    Attributes:
        name: name of the peer.
        reason: the reason why it was skipped.
        installed: whether it is installed; if not, `reason` contains the command to install it.
    """

    name: str
    reason: str
    installed: bool = True


def chosen(names: tuple[str, ...] | None) -> list[type[Peer]]:
    """The peers with these names, or all peers if `names` is None or empty.

    Raises:
        UnknownNameError: there is no such peer; the message lists all peers.
    """
    for name in names or ():
        require_choice("peer", name, PEERS)
    return [peer for name, peer in PEERS.items() if not names or name in names]


def version_of(peer: type[Peer]) -> str | None:
    """The installed version of a peer's library, or None."""
    try:
        return importlib.metadata.version(peer.distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def open_peer(peer: type[Peer], robot: Robot) -> Peer | LeftOut:
    """A peer prepared for this robot, or the reason to skip it: not installed, broken, or unable to solve this arm."""
    if version_of(peer) is None:
        return LeftOut(peer.name, NOT_INSTALLED.format(peer.distribution), installed=False)
    try:
        return peer(robot)
    except CannotSolveError as reason:
        return LeftOut(peer.name, str(reason))
    except ImportError as problem:
        return LeftOut(peer.name, f"does not import here ({one_line(problem)})")
    except Exception as problem:  # libraries raise various errors for unexpected files
        return LeftOut(peer.name, f"cannot read this robot ({one_line(problem)})")


def one_line(problem: BaseException, longest: int = 120) -> str:
    """An exception of another library, shortened to one line."""
    text = " ".join(f"{type(problem).__name__}: {problem}".split())
    return text if len(text) <= longest else text[: longest - 1] + "…"
