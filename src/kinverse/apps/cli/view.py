"""kinverse view."""

from __future__ import annotations

from typing import Annotated

import tyro
from tyro.conf import Positional

from kinverse.apps.cli.app import OK, Chain, ChainFlags, Json, app, print_json, verb


@verb(app, "view")
def view(
    what: Annotated[Positional[tuple[str, ...]], tyro.conf.arg(metavar="ARM|RUN|robot.urdf …")] = ("planar3",),
    chain: ChainFlags = Chain(),  # noqa: B008 (frozen)
    port: int = 8080,
    host: str = "127.0.0.1",
    expose: bool = False,
    json: Json = False,
) -> int:
    """Look at an arm in the browser: move it, drag a target, see what a network says and what the solver makes of it.

    Several arms or runs stand side by side. Ctrl-C ends it.

    Args:
        what: arms of the catalog, run folders, URDF files.
        chain: of a URDF file.
        port: where to listen.
        host: address to listen on; another one than this machine's own needs --expose.
        expose: allow other machines to connect; whoever does can move the arms and start trainings that write files.
    """
    from kinverse.apps.viewer.server import view as open_viewer

    viewer = open_viewer(what, host=host, port=port, expose=expose, **vars(chain))
    if json:
        print_json({"address": viewer.address})
    else:
        print(f"open {viewer.address} in a browser; Ctrl-C ends it", flush=True)
    try:
        viewer.wait()
    except KeyboardInterrupt:
        pass
    finally:
        viewer.close()
    return OK
