"""`kinverse arms`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional

from kinverse.apps.cli.options import Chain, ChainFlags, Json, argument, default, print_json
from kinverse.apps.cli.verbs import verb
from kinverse.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from kinverse.robot.arm import Arm


@verb("arms", example="kinverse arms panda")
def arms(
    name: Annotated[Positional[str | None], argument("[ARM]"), default("list the catalog")] = None,
    chain: ChainFlags = Chain(),  # noqa: B008 (frozen)
    picture: Annotated[Path | None, default("NAME.png here, none with --json")] = None,
    json: Json = False,
) -> int:
    """List the arms of the catalog, or show the joints, limits and reach of one and draw it.

    Args:
        name: an arm of the catalog, planar:L1,L2,…, or the path of a URDF file
        picture: PNG file for a drawing of the arm
    """
    from kinverse.files import to_plain
    from kinverse.ik.goal import Goal
    from kinverse.ik.reach import farthest_reach
    from kinverse.robot.catalog import arm_names, load_arm

    if name is None:
        if (chain, picture) != (Chain(), None):
            raise ConfigError("--base, --tool and --picture need an arm, for example: kinverse arms panda")
        listed = [load_arm(arm) for arm in arm_names()]
        if json:
            return print_json(
                {"arms": [{"name": arm.name, "dof": arm.dof, "goal": Goal.default(arm).kind} for arm in listed]}
            )
        from kinverse.apps.cli.terminal import show
        from kinverse.tables import Table

        rows = [
            (arm.name, arm.dof, Goal.default(arm).kind, farthest_reach(arm), " → ".join(arm.frames)) for arm in listed
        ]
        return show(Table("Arms", ("arm", "joints", "goal", "reach [m]", "frames"), rows))
    arm = chain.load(name)
    drawn = _picture(arm, picture, json)
    if json:
        shown = {**to_plain(arm), "fingerprint": arm.fingerprint, "reach": farthest_reach(arm)}
        return print_json(shown | ({} if picture is None else {"picture": drawn}))
    from kinverse.apps.cli.terminal import show

    facts = (f"reach {farthest_reach(arm):.4f} m", f"{Goal.default(arm).kind} goal", " → ".join(arm.frames))
    return show(arm.joints_table, " · ".join((*facts, arm.fingerprint)), f"picture: {drawn}")


def _picture(arm: Arm, path: Path | None, as_json: bool) -> str:
    """Draw an arm and give the file. Without matplotlib the rest is still shown, unless a picture was asked for."""
    if path is None and as_json:
        return "none"
    try:
        from kinverse.plotting.arms import save_arm_picture
    except ModuleNotFoundError as problem:
        if path is not None or problem.name != "matplotlib":
            raise
        return f"none; {MissingExtraError('train', problem.name)}"
    return str(save_arm_picture(arm, path))
