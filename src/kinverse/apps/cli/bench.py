"""`kinverse bench`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from tyro.conf import Positional

from kinverse.apps.cli.options import Chain, ChainFlags, Flag, Json, argument, default, print_json, short
from kinverse.apps.cli.verbs import verb
from kinverse.errors import ConfigError


@verb("bench", example="kinverse bench ur5 --quick")
def bench(
    name: Annotated[Positional[str | None], argument("[ARM]"), default("panda, ur5 and iiwa14")] = None,
    chain: ChainFlags = Chain(),  # noqa: B008 (frozen)
    targets: Annotated[int | None, default("1000; with --quick 100")] = None,
    peers: Annotated[tuple[str, ...], default("all that are installed")] = (),
    quick: Flag = False,
    seed: int = 0,
    out: Annotated[Path | None, default("kinverse-bench, none with --json")] = None,
    json: Json = False,
) -> int:
    """Compare the solver with other libraries, target by target.

    All run on one core. Pinocchio verifies every solution: position, rotation and joint limits.

    Args:
        name: panda, ur5, iiwa14, or the path of a URDF file
        targets: poses for each arm; a slow library gets fewer
        peers: libraries to compare with
        quick: take seconds instead of minutes; the numbers are rougher
        seed: random seed of the targets
        out: folder for bench.json and bench.png
    """
    from kinverse.apps.benchmark.bench import ARMS, Effort, require_benchable, run_bench
    from kinverse.apps.cli.terminal import progress_bar, show
    from kinverse.files import free_path, to_json, to_plain, write_atomic

    if name is None and chain != Chain():
        raise ConfigError("--base and --tool choose a chain of a URDF file: name the file")
    effort, arms = Effort.of(targets, seed, quick), ARMS if name is None else (name,)
    require_benchable(arms, peers or None, chain.base, chain.tool)
    folder = out if out is not None or json else free_path(Path("kinverse-bench"))
    if folder is not None:
        from kinverse.apps.benchmark.plot import save_bench_plot  # a missing library shows before minutes of work

        folder.mkdir(parents=True, exist_ok=True)
    with progress_bar("bench", shown=not json) as watch:
        result = run_bench(arms, peers or None, effort, **vars(chain), watch=watch)
    if folder is not None:
        save_bench_plot(result, folder / "bench.png")
        write_atomic(folder / "bench.json", to_json(result))
    if json:
        return print_json(to_plain(result) | ({} if folder is None else {"folder": str(folder)}))
    from kinverse.apps.benchmark.table import bench_tables

    assert folder is not None
    return show(*bench_tables(result), f"picture: {short(folder / 'bench.png')} ({result.duration:.0f} s)")
