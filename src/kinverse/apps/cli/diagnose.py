"""kinverse diagnose."""

from __future__ import annotations

from pathlib import Path

from kinverse.apps.cli.app import OK, Json, RunFolder, app, print_json, verb


@verb(app, "diagnose")
def diagnose(run: RunFolder, data: Path | None = None, json: Json = False) -> int:
    """Name what went wrong in a training: cause, evidence and remedy, from the run alone.

    Args:
        run: the run folder, however its training ended.
        data: the data set that the run was trained on, where the run does not know it; left out: the run's own.
    """
    from kinverse.learning import workflow
    from kinverse.learning.data.folder import read_dataset
    from kinverse.learning.training.run import Run

    trained = Run.load(run)
    found = workflow.diagnose(trained, None if data is None else read_dataset(data, trained.arm))
    if json:
        return print_json(found.to_dict())
    from kinverse.apps.cli.terminal import print_diagnosis

    print_diagnosis(found)
    return OK
