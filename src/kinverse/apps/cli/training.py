"""kinverse fit, evaluate, report."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro
from tyro.conf import OmitArgPrefixes, Positional

from kinverse.apps.cli.app import FAILED, OK, Chain, ChainFlags, Json, RunFolder, app, print_json, short, verb
from kinverse.apps.cli.settings import Settings
from kinverse.errors import ConfigError
from kinverse.learning.training.config import default_config

if TYPE_CHECKING:
    from kinverse.learning.training.run import Run


@verb(app, "fit")
def fit(
    source: Annotated[Positional[str | None], tyro.conf.arg(metavar="[DATA|ARM]")] = None,
    out: Path | None = None,
    arm: str | None = None,
    chain: ChainFlags = Chain(),  # noqa: B008 (frozen)
    resume: Path | None = None,
    settings: OmitArgPrefixes[Settings] = Settings(),  # noqa: B008 (frozen)
    json: Json = False,
) -> int:
    """Train a network on a data set or on rows drawn from an arm, measure it, and write its report.

    Args:
        source: folder of a data set, an arm of the catalog, planar:L1,L2,…, or the path of a URDF file.
        out: run folder to make; left out: a new one under runs/.
        arm: arm of a data set that names none.
        chain: of a URDF file.
        resume: an unfinished run to go on with; it has its own settings and data.
        settings: of the training; what is left out suits an arm or data.
    """
    from kinverse.learning import workflow
    from kinverse.robot.catalog import arm_names

    if resume is not None:
        if (source, out, arm) != (None,) * 3 or (chain, settings) != (Chain(), Settings()):
            raise ConfigError("--resume takes data, arm, folder and settings from the run: give no others")
        return _trained(workflow.resume(resume, progress=not json), json)
    if source is None:
        raise ConfigError("fit needs a data set or an arm, for example: kinverse fit planar3")
    if Path(source).is_dir() and source not in arm_names():
        config = settings.over(default_config(None))
        run = workflow.fit(source, config, out=out, arm=chain.load_if_named(arm), progress=not json)
    elif arm is not None:
        raise ConfigError(f"--arm names the arm of a data set, and {source!r} is no folder of one")
    else:
        named = chain.load(source)
        run = workflow.fit(named, settings.over(default_config(named)), out=out, progress=not json)
    return _trained(run, json)


@verb(app, "evaluate")
def evaluate(run: RunFolder, data: Path | None = None, json: Json = False) -> int:
    """Measure a run: errors in joints and at the tip, R², floors and baselines.

    Args:
        run: the run folder.
        data: another data set with the same columns; left out: the run's own.
    """
    from kinverse.learning import workflow
    from kinverse.learning.data.folder import read_dataset
    from kinverse.learning.training.run import Run

    trained = Run.load(run)
    report = workflow.evaluate(trained, None if data is None else read_dataset(data, trained.arm))
    if json:
        return print_json(report.to_dict())
    from kinverse.apps.cli.terminal import print_table, print_warnings
    from kinverse.apps.report.tables import report_tables

    for table in report_tables(report, trained):
        print_table(table)
    print_warnings(report.warnings)
    return OK


@verb(app, "report")
def report(run: RunFolder, data: Path | None = None, out: Path | None = None, json: Json = False) -> int:
    """Write the report page of a run again, as one HTML file that needs no network.

    Args:
        run: the run folder.
        data: another data set with the same columns; left out: the run's own.
        out: the HTML file; left out: report.html in the run folder.
    """
    from kinverse.learning import workflow
    from kinverse.learning.data.folder import read_dataset
    from kinverse.learning.training.run import Run

    trained = Run.load(run)
    path = workflow.write_report(trained, None if data is None else read_dataset(data, trained.arm), out)
    if json:
        return print_json({"report": str(path)})
    print(f"report: {short(path)}")
    return OK


def _trained(run: Run, as_json: bool) -> int:
    """Say how a training ended. An interrupted one has failed, for whoever waits for it."""
    from kinverse.learning.training.run import REPORT

    code = OK if run.card.status == "finished" else FAILED
    if as_json:
        card = asdict(run.card)
        print_json(
            {"run": str(run.folder), **{k: card[k] for k in ("status", "stopped", "epochs", "best_epoch", "metrics")}}
        )
        return code
    from kinverse.apps.cli.terminal import print_diagnosis, print_line, print_table, print_warnings
    from kinverse.apps.report.tables import report_tables
    from kinverse.learning.diagnosis.finding import Diagnosis
    from kinverse.learning.evaluation.report import how_it_ended
    from kinverse.learning.evaluation.scores import Report

    measured = Report.from_dict(run.card.metrics or {})  # the training has just measured it
    for table in report_tables(measured, run):
        print_table(table)
    print_diagnosis(Diagnosis.from_dict((run.card.metrics or {})["diagnosis"]))
    print_warnings(measured.warnings)
    print_line(
        f"run: {short(run.folder)} ({how_it_ended(run.card)}, {run.card.epochs} epochs, {run.card.seconds:.1f} s)"
    )
    if code == FAILED:
        print_line(f"go on with: kinverse fit --resume {short(run.folder)}")
    print_line(f"report: {short(run.folder / REPORT)}")
    return code
