"""kinverse demo."""

from __future__ import annotations

from pathlib import Path

from kinverse.apps.cli.app import OK, Json, app, print_json, verb


@verb(app, "demo")
def demo(out: Path = Path("kinverse-demo"), json: Json = False) -> int:
    """See both running examples learned, measured and drawn, in under a minute.

    Args:
        out: folder for data, runs and report; a number is added if it is there already.
    """
    from kinverse.apps.cli.demo_run import run_demo
    from kinverse.files import free_path

    result = run_demo(free_path(out), progress=not json)
    if json:
        return print_json({"report": str(result.report), "rows": result.table.rows, "seconds": result.seconds})
    from kinverse.apps.cli.terminal import print_line, print_table

    print_table(result.table)
    print_line(f"report: {result.report} ({result.seconds:.0f} s)")
    return OK
