"""A viser server that answers no page of another site and opens no tunnel to another machine."""

from __future__ import annotations

import contextlib
import functools
import http
import inspect
import io
from collections.abc import Iterator
from typing import Any

import viser
import websockets.asyncio.server
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from kinverse.apps.viewer.address import refusal
from kinverse.errors import ConfigError


class LocalServer(viser.ViserServer):
    """`viser.ViserServer` with checked requests and without `request_share_url`."""

    def __init__(self, host: str, port: int) -> None:
        """Start the server on an address that `check_address` has accepted."""
        with _checked_requests(host), contextlib.redirect_stdout(io.StringIO()):  # viser prints even with verbose=False
            super().__init__(host=host, port=port, label="kinverse", verbose=False)

    def request_share_url(self, verbose: bool = True) -> str | None:
        """Refuse: a tunnel would let anyone on the internet drive the viewer. A browser can ask for one at any time."""
        return None

    def disconnect_share_url(self) -> None:
        """There is no tunnel to close."""


@contextlib.contextmanager
def _checked_requests(host: str) -> Iterator[None]:
    """Servers started inside answer only requests that `refusal` lets through.

    Viser has no setting for this, so the function of websockets with which it starts is wrapped while it starts.

    Raises:
        ConfigError: the server did not start through that function; it would answer anyone.
    """
    serve, checked = websockets.asyncio.server.serve, False

    @functools.wraps(serve)
    def checked_serve(*args: Any, process_request: Any = None, **kwargs: Any) -> Any:
        nonlocal checked
        checked = True

        async def check(connection: ServerConnection, request: Request) -> Response | None:
            reason = refusal(host, request.headers.get_all("Host"), request.headers.get_all("Origin"))
            if reason is not None:
                return connection.respond(http.HTTPStatus.FORBIDDEN, reason + "\n")
            answer = None if process_request is None else process_request(connection, request)
            return await answer if inspect.isawaitable(answer) else answer

        return serve(*args, process_request=check, **kwargs)

    websockets.asyncio.server.serve = checked_serve  # type: ignore[assignment,misc]
    try:
        yield
    finally:
        websockets.asyncio.server.serve = serve  # type: ignore[misc]
    if not checked:
        raise ConfigError("this version of viser cannot be kept from answering other sites; install viser 1.1")
