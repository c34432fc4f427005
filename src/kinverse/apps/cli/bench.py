"""kinverse bench."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro
from tyro.conf import Positional

from kinverse.apps.cli.app import OK, Json, app, print_json, short, verb
from kinverse.errors import ConfigError


@verb(app, "bench")
def bench(
    name: Annotated[Positional[str | None], tyro.conf.arg(metavar="[ARM]")] = None,
    base: str | None = None,
    tip: str | None = None,
    targets: int | None = None,
    peers: tuple[str, ...] = (),
    quick: bool = False,
    seed: int = 0,
    out: Path | None = None,
    json: Json = False,
) -> int:
    """Give the same targets to kinverse and to the other libraries that are installed, on one core; Pinocchio judges.

    Args:
        name: panda, ur5, iiwa14, or the path of a URDF file; left out: all three.
        base: URDF link where the chain of a file starts; left out: the root.
        tip: URDF link where it ends; left out: the only leaf.
        targets: poses for each arm, 1000 if left out, 100 with --quick; a slow library gets fewer.
        peers: libraries to be measured; left out: all.
        quick: seconds instead of minutes, and rougher numbers.
        seed: of the targets.
        out: folder for bench.json and the picture bench.png; left out: kinverse-bench, and none with --json.
    """
    from kinverse.apps.benchmark.bench import ARMS, Effort, require_benchable, run_bench
    from kinverse.apps.report.progress import steps_bar
    from kinverse.files import free_path, to_json, write_atomic

    if name is None and (base, tip) != (None, None):
        raise ConfigError("--base and --tip choose a chain of a URDF file: name the file")
    effort, arms = Effort.of(targets, seed, quick), ARMS if name is None else (name,)
    require_benchable(arms, peers or None, base, tip)
    folder = out if out is not None or json else free_path(Path("kinverse-bench"))
    if folder is not None:
        from kinverse.apps.benchmark.plot import save_bench_plot  # before minutes of work, not after them

        folder.mkdir(parents=True, exist_ok=True)
    with steps_bar("bench", shown=not json) as watch:
        result = run_bench(arms, peers or None, effort, base=base, tip=tip, watch=watch)
    if folder is not None:
        save_bench_plot(result, folder / "bench.png")
        write_atomic(folder / "bench.json", to_json(result.to_dict()))
    if json:
        return print_json(result.to_dict() | ({} if folder is None else {"folder": str(folder)}))
    from kinverse.apps.benchmark.table import bench_tables
    from kinverse.apps.cli.terminal import print_line, print_table

    for table in bench_tables(result):
        print_table(table)
    assert folder is not None
    print_line(f"picture: {short(folder / 'bench.png')} ({result.duration:.0f} s)")
    return OK
