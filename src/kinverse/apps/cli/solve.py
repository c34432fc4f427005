"""`kinverse solve`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro
from tyro.conf import OmitArgPrefixes, Positional

from kinverse.apps.cli.options import OK, Chain, ChainFlags, Flag, Json, argument, default, print_json, short
from kinverse.apps.cli.verbs import verb
from kinverse.errors import ConfigError
from kinverse.ik.config import SolverConfig

if TYPE_CHECKING:
    import numpy as np

    from kinverse.ik.solver import Solver


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
    search: OmitArgPrefixes[SolverConfig] = SolverConfig(),  # noqa: B008 (frozen)
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
        chain: which part of a URDF file
        start: joint positions with commas between them: where every search starts, or where a path starts
        nearest_to: joint positions: take the solution nearest to them
        all: write at most this many different solutions of each target
        track: the rows are a path: follow it with little joint motion, and mark the jumps
        search: settings of the search
        overwrite: replace the output file if it exists
    """
    from kinverse.apps.cli.progress import share_bar
    from kinverse.ik.files import solve_file
    from kinverse.ik.solver import MODEL, Solver

    if out.exists() and not overwrite:
        raise ConfigError(f"{out}: exists already; --overwrite replaces it")
    if (Path(arm) / MODEL).is_file():
        if chain != Chain():
            raise ConfigError(f"--base, --tip and --task choose a chain of a URDF file; {arm!r} is a run")
        solver = Solver.load(arm, config=search)
    else:
        solver = Solver(chain.load(arm), config=search)
    with share_bar(not json, "solving") as progress:
        summary = solve_file(
            solver,
            targets,
            out,
            start=_joints("start", start, solver),
            nearest_to=_joints("nearest-to", nearest_to, solver),
            every=all,
            track=track,
            progress=progress,
        )
    if json:
        return print_json(summary)
    rate = f", {summary.targets / summary.seconds:,.0f}/s" if summary.seconds > 0 else ""
    jumps = f", {summary.jumps} jumps" if track else ""
    print(
        f"{short(out)}: {summary.targets} targets: {summary.solved} solved, {summary.missed} out of reach, "
        f"{summary.invalid} invalid{jumps} ({summary.seconds:.1f} s{rate})"
    )
    return OK


def _joints(name: str, text: str | None, solver: Solver) -> np.ndarray | None:
    import numpy as np

    if text is None:
        return None
    try:
        q = [float(number) for number in text.split(",")]
    except ValueError:
        q = []
    if len(q) != solver.arm.dof:
        raise ConfigError(f"--{name} takes {solver.arm.dof} numbers with commas between them, got {text[:80]!r}")
    return np.array(q)
