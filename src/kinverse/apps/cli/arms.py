"""kinverse arms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro
from tyro.conf import Positional

from kinverse.apps.cli.app import LEARN_LIBRARIES, OK, Chain, ChainFlags, Json, app, print_json, verb
from kinverse.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from kinverse.robot.arm import Arm


@verb(app, "arms")
def arms(
    name: Annotated[Positional[str | None], tyro.conf.arg(metavar="[ARM]")] = None,
    chain: ChainFlags = Chain(),  # noqa: B008 (frozen)
    picture: Path | None = None,
    json: Json = False,
) -> int:
    """List the arms, or show one: joints, limits, reach and a picture.

    Args:
        name: an arm of the catalog, or the path of a URDF file; left out: list the catalog.
        chain: of a URDF file.
        picture: PNG file for the picture of the arm; left out: NAME.png in this folder, and none with --json.
    """
    from kinverse.ik.workspace import farthest_reach
    from kinverse.robot.catalog import arm_names, load_arm

    if name is None:
        if (chain, picture) != (Chain(), None):
            raise ConfigError("--base, --tip, --task and --picture need an arm, for example: kinverse arms panda")
        listed = [load_arm(arm) for arm in arm_names()]
        if json:
            return print_json({"arms": [{"name": arm.name, "dof": arm.dof, "task": arm.task} for arm in listed]})
        from kinverse.apps.cli.terminal import print_table
        from kinverse.apps.report.tables import arms_table

        print_table(arms_table(listed))
        return OK
    arm = chain.load(name)
    drawn = _picture(arm, picture, json)
    if json:
        shown = {**arm.to_dict(), "fingerprint": arm.fingerprint, "reach": farthest_reach(arm)}
        return print_json(shown | ({} if picture is None else {"picture": drawn}))
    from kinverse.apps.cli.terminal import print_line, print_table
    from kinverse.apps.report.tables import joints_table

    print_table(joints_table(arm))
    print_line(
        f"reach {farthest_reach(arm):.4f} m · task {arm.task} · {arm.frames[0]} → {arm.frames[1]} · {arm.fingerprint}"
    )
    print_line(f"picture: {drawn}")
    return OK


def _picture(arm: Arm, path: Path | None, as_json: bool) -> str:
    """Draw an arm: the file, or why there is none. Who asks for no picture gets the table without matplotlib too."""
    if path is None and as_json:
        return "none"
    try:
        from kinverse.plotting.arms import save_arm_picture
    except ModuleNotFoundError as problem:
        if path is not None or problem.name not in LEARN_LIBRARIES:
            raise
        return f"none; {MissingExtraError('train', problem.name)}"
    return str(save_arm_picture(arm, path))
