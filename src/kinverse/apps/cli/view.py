"""`kinverse view`."""

from __future__ import annotations

import sys
from typing import Annotated

from tyro.conf import Positional

from kinverse.apps.cli.options import OK, Chain, ChainFlags, Flag, GoalOption, Json, argument, print_result
from kinverse.apps.cli.verbs import verb
from kinverse.apps.viewer.address import HOST, PORT


@verb("view", example="kinverse view panda ur5")
def view(
    what: Annotated[Positional[tuple[str, ...]], argument("ARM|RUN|robot.urdf …")] = ("planar3",),
    chain: ChainFlags = Chain(),  # noqa: B008 (frozen)
    goal: GoalOption = None,
    port: int = PORT,
    host: str = HOST,
    expose: Flag = False,
    json: Json = False,
) -> int:
    """Show arms and runs in the browser, side by side.

    Move the joints, drag a target and compare the network's prediction with the solver's solution. Ctrl-C ends it.

    Args:
        what: arms of the catalog, run folders, URDF files
        goal: what of a target counts: x and y, the position, or the pose
        port: port to listen on
        host: address to listen on; any but this machine's own needs --expose
        expose: let other machines connect; they can move the arms and start training runs, which write files
    """
    from kinverse.apps.viewer.server import view as open_viewer
    from kinverse.ik.goal import Goal

    chosen = None if goal is None else Goal(goal)
    viewer = open_viewer(what, host=host, port=port, expose=expose, goal=chosen, **vars(chain))
    print_result(f"open {viewer.address} in a browser; Ctrl-C ends it", {"address": viewer.address}, json)
    sys.stdout.flush()
    try:
        viewer.wait()
    except KeyboardInterrupt:
        pass
    finally:
        viewer.close()
    return OK
