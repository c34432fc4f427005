"""Where the viewer listens, and whose requests it answers."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Sequence

from kinverse.arguments import as_whole, require_instance
from kinverse.errors import ConfigError

HOST, PORT = "127.0.0.1", 8080
"""Defaults of `kv.view` and `kinverse view`."""


def check_address(host: str, port: int, expose: bool) -> None:
    """Reject a port in use, and an address that other machines can reach unless `expose` allows it.

    Raises:
        ConfigError: the address or the port is rejected; the message explains how to change it.
    """
    as_whole(port, "port", 1, 65535)
    require_instance(host, str, "host")
    require_instance(expose, bool, "expose")
    if not _is_loopback(host) and not expose:
        raise ConfigError(
            f"host {host!r} lets other machines reach the viewer, where anyone can move the arms and start training "
            f"runs that write files here; add --expose to allow it, or keep host {HOST}"
        )
    try:
        free = _is_free(host, port)
    except OSError as problem:
        raise ConfigError(f"host {host!r} is not an address of this machine ({problem.strerror or problem})") from None
    if not free:
        following = next((p for p in range(port + 1, min(port + 100, 65536)) if _is_free(host, p)), None)
        offer = f"; {following} is free: --port {following}" if following else ""
        raise ConfigError(f"port {port} is in use{offer}")


def refusal(host: str, hosts: Sequence[str], origins: Sequence[str]) -> str | None:
    """Why a request is refused, or None if it is answered.

    A browser sends the name by which it reached the server (`Host`) and the page that makes the request (`Origin`).
    A page of another site must not move the arm: its origin is not ours. Nor may a site whose name was pointed at this
    machine (DNS rebinding): that name is not ours either. Programs other than browsers send no origin.

    Args:
        host: the address on which the server listens.
        hosts: every `Host` header of the request.
        origins: every `Origin` header of the request.
    """
    if len(hosts) != 1 or len(origins) > 1:
        return "a request needs one Host header and at most one Origin header"
    name = _host_name(hosts[0])
    if name is None or not (_is_ip_address(name) or name in {"localhost", host.lower(), socket.gethostname().lower()}):
        return f"the viewer does not answer to the name {hosts[0][:100]!r}; open it by its address"
    if origins and origins[0].lower() != f"http://{hosts[0].lower()}":
        return f"a page of {origins[0][:100]!r} may not use the viewer"
    return None


def _host_name(header: str) -> str | None:
    """The name or address in a `Host` header, without port and brackets; None if it has another form."""
    name, colon, port = header.lower().rpartition(":")
    if not colon or "]" in port:
        name, port = header.lower(), ""
    if port and not (port.isascii() and port.isdigit()):
        return None
    return name[1:-1] if name.startswith("[") and name.endswith("]") else name


def _is_ip_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_ip_address(host) and ipaddress.ip_address(host).is_loopback)


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
