"""kinverse solve."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro
from tyro.conf import OmitArgPrefixes, Positional

from kinverse.apps.cli.app import OK, Chain, ChainFlags, Json, app, print_json, short, verb
from kinverse.errors import ConfigError
from kinverse.ik.config import SolverConfig

if TYPE_CHECKING:
    import numpy as np

    from kinverse.ik.solver import Solver


@verb(app, "solve")
def solve(
    arm: Annotated[Positional[str], tyro.conf.arg(metavar="ARM|RUN")],
    targets: Annotated[Positional[Path], tyro.conf.arg(metavar="TARGETS")],
    out: Annotated[Path, tyro.conf.arg(aliases=("-o",))],
    chain: ChainFlags = Chain(),  # noqa: B008 (frozen)
    start: str | None = None,
    nearest_to: str | None = None,
    all: int | None = None,
    track: bool = False,
    config: OmitArgPrefixes[SolverConfig] = SolverConfig(),  # noqa: B008 (frozen)
    overwrite: bool = False,
    json: Json = False,
) -> int:
    """Solve a file of targets, of any size: joint angles inside the limits, each verified by forward kinematics.

    TARGETS is a .csv or .parquet table with columns x,y · x,y,z · px,py,pz,rx,ry,rz (m, rotation vector in rad) ·
    px,py,pz,qx,qy,qz,qw · m00…m23 · Px,Py,Pz,Rx,Ry,Rz (mm, degrees), or an .npy array of the task's shape. The answers
    have a row for each target: the joints [rad or m], converged, position_error_m, rotation_error_rad, iterations and a
    status: solved, closest (out of reach), or invalid with the reason.

    Args:
        arm: an arm of the catalog, planar:L1,L2,…, the path of a URDF file, or a trained run.
        targets: the file of targets.
        out: the file of answers: .csv, .npy (numbers only) or .parquet.
        chain: of a URDF file.
        start: joint positions with commas between them where every search begins, or where the arm is before a path.
        nearest_to: joint positions: of the solutions found, take the one closest to these.
        all: write up to so many different solutions of each target.
        track: the rows are a path: follow it with little joint motion, and mark the jumps.
        config: settings of the solver.
        overwrite: replace the file of answers if it is there.
    """
    from kinverse.apps.report.progress import share_bar
    from kinverse.ik.files import solve_file
    from kinverse.ik.solver import MODEL, Solver

    if out.exists() and not overwrite:
        raise ConfigError(f"{out}: exists already; --overwrite replaces it")
    if (Path(arm) / MODEL).is_file():
        if chain != Chain():
            raise ConfigError(f"--base, --tip and --task choose a chain of a URDF file; {arm!r} is a run")
        solver = Solver.load(arm, config=config)
    else:
        solver = Solver(chain.load(arm), config=config)
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
        return print_json(asdict(summary))
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
