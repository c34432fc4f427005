"""`kinverse solve`."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro
from tyro.conf import OmitArgPrefixes, Positional

from kinverse.apps.cli.options import Chain, ChainFlags, Flag, Json, SearchFlags, argument, default, print_result, short
from kinverse.apps.cli.verbs import verb
from kinverse.errors import ConfigError
from kinverse.text import is_number

if TYPE_CHECKING:
    import numpy as np

    from kinverse.ik.files import FileSummary
    from kinverse.ik.goal import Goal
    from kinverse.ik.solver import Solver

GoalName = Literal["position", "planar", "pose", "axis-x", "axis-y", "axis-z"]


@dataclass(frozen=True)
class GoalFlags:
    """What of a target counts, and how exactly."""

    goal: Annotated[GoalName | None, default("planar for a planar arm, what a run was trained for, else pose")] = None
    """what of a target counts; axis-z: the position and the direction of the tool's z axis"""
    free: Annotated[tuple[Literal["x", "y", "z"], ...], default("none")] = ()
    """coordinates of the position that do not count"""
    position_tolerance: Annotated[float | None, default("1e-9")] = None
    """largest distance of a solution from its target [m]"""
    rotation_tolerance: Annotated[float | None, default("1e-9")] = None
    """largest angle between a solution and its target [rad]"""
    rotation_weight: Annotated[float | None, default("a fifth of the summed link lengths")] = None
    """metres that one radian counts as, where a target cannot be reached"""

    def over(self, goal: Goal) -> Goal:
        """`goal`, or the one that was named, with the options that were given."""
        options: dict[str, Any] = {name: value for name, value in vars(self).items() if value not in (None, ())}
        kind, _, axis = options.pop("goal", "").partition("-")
        return replace(goal, **({"kind": kind, "tool_axis": axis or None} if kind else {}), **options)


@verb("solve", example="kinverse solve panda poses.csv --out joints.csv")
def solve(
    arm: Annotated[Positional[str], argument("ARM|RUN")],
    targets: Annotated[Positional[Path], argument("TARGETS")],
    out: Annotated[Path, tyro.conf.arg(aliases=("-o",))],
    chain: ChainFlags = Chain(),  # noqa: B008 (frozen)
    start: Annotated[str | None, default("from the network's seeds")] = None,
    nearest_to: Annotated[str | None, default("any solution")] = None,
    all: Annotated[int | None, default("one solution")] = None,
    track: Flag = False,
    goal: OmitArgPrefixes[GoalFlags] = GoalFlags(),
    search: SearchFlags = {},  # noqa: B006 (never changed)
    overwrite: Flag = False,
    json: Json = False,
) -> int:
    """Solve a file of targets of any size.

    Joint positions stay inside the limits, and forward kinematics verify each result.

    Args:
        arm: an arm of the catalog, planar:L1,L2,…, the path of a URDF file, or a trained run
        targets: .csv or .parquet with columns x,y · x,y,z · px,py,pz,rx,ry,rz (m, rotation vector in rad) ·
            px,py,pz,qx,qy,qz,qw · m00…m23 · Px,Py,Pz,Rx,Ry,Rz (mm, degrees), or an .npy array of the targets' shape
        out: .csv, .npy (numbers only) or .parquet with a row for each target: joints [rad or m], converged,
            position_error_m, rotation_error_rad, iterations and status
        start: start of every search, or of the path: joint positions separated by commas
        nearest_to: take the solution nearest to these joint positions, separated by commas
        all: write at most this many different solutions of each target
        track: take the rows as a path: follow it with little joint motion, and mark the jumps
        goal: what of a target counts, and how exactly
        search: how much work the solver does
        overwrite: replace the output file if it exists
    """
    from kinverse.apps.cli.terminal import progress_bar
    from kinverse.ik.files import solve_file
    from kinverse.ik.goal import Goal
    from kinverse.ik.solver import MODEL, Solver

    if out.exists() and not overwrite:
        raise ConfigError(f"{out}: exists already; --overwrite replaces it")
    if (Path(arm) / MODEL).is_file():
        if chain != Chain():
            raise ConfigError(f"--base and --tool choose a chain of a URDF file; {arm!r} is a run")
        solver = Solver.load(arm, **search)
        if goal != GoalFlags():
            solver = Solver.load(arm, goal=goal.over(solver.goal), **search)
    else:
        chosen = chain.load(arm)
        solver = Solver(chosen, goal.over(Goal.default(chosen)), **search)
    with progress_bar("solving", shown=not json) as watch:
        summary = solve_file(
            solver,
            targets,
            out,
            start=_joints("start", start, solver),
            nearest_to=_joints("nearest-to", nearest_to, solver),
            every=all,
            track=track,
            progress=lambda share: watch("", share),
        )
    rate = f", {summary.targets / summary.seconds:,.0f}/s" if summary.seconds > 0 else ""
    jumps = f", {summary.jumps} jumps" if track else ""
    text = (
        f"{short(out)}: {summary.targets} targets: {summary.solved} solved, {summary.missed} not solved, "
        f"{summary.invalid} invalid{jumps} ({summary.seconds:.1f} s{rate})"
    )
    return print_result("\n".join([text, *_advice(summary)]), summary, json)


def _advice(summary: FileSummary) -> list[str]:
    """How far targets were missed, and what may help."""
    misses = summary.misses
    if misses is None:
        return []
    (position, farthest), (rotation, largest) = misses.position_m, misses.rotation_rad
    turned = f", rotation error {rotation:.2g} rad (largest {largest:.2g} rad)" if largest > 0.0 else ""
    proven = f"; {summary.unreachable} are proven to be out of reach" if summary.unreachable else ""
    lines = [f"not solved: median position error {position:.2g} m (largest {farthest:.2g} m){turned}{proven}"]
    if misses.near:
        turned = f" --rotation-tolerance {_rounded_up(misses.near_rotation_rad)}" if largest > 0.0 else ""
        lines.append(
            f"{misses.near} of them are close, as rounded or measured targets are: "
            f"--position-tolerance {_rounded_up(misses.near_position_m)}{turned} accepts them"
        )
    if 2 * misses.far > summary.missed:
        lines.append("most targets are farther away than ten times the reach of the arm: are the positions in metres?")
    return lines


def _rounded_up(value: float) -> str:
    """A number that is not smaller, with two digits."""
    size = 10.0 ** (math.floor(math.log10(max(value, 1e-9))) - 1)
    return f"{math.ceil(1.0001 * max(value, 1e-9) / size) * size:.2g}"


def _joints(name: str, text: str | None, solver: Solver) -> np.ndarray | None:
    import numpy as np

    if text is None:
        return None
    words = text.split(",")
    if len(words) != solver.arm.dof or not all(map(is_number, words)):
        raise ConfigError(f"--{name} takes {solver.arm.dof} numbers separated by commas, got {text[:80]!r}")
    return np.array(list(map(float, words)))
