"""`kinverse fit`, `evaluate`, `report`, `diagnose`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional

from kinverse.apps.cli.options import (
    FAILED,
    OK,
    Chain,
    ChainFlags,
    FitFlags,
    GoalOption,
    Json,
    RunFolder,
    argument,
    default,
    encoding_for,
    print_json,
    print_result,
    short,
)
from kinverse.apps.cli.verbs import verb
from kinverse.errors import ConfigError

if TYPE_CHECKING:
    from kinverse.learning.data.dataset import Dataset
    from kinverse.learning.trained import Model

OtherData = Annotated[Path | None, default("the run's own")]


@verb("fit", example="kinverse fit planar3 --hidden 24 24 --epochs 300")
def fit(
    source: Annotated[Positional[str | None], argument("[DATA|ARM]"), default("none, with --resume")] = None,
    out: Annotated[Path | None, default("a new folder in runs")] = None,
    arm: Annotated[str | None, default("the one that the data set names")] = None,
    chain: ChainFlags = Chain(),  # noqa: B008 (frozen)
    goal: GoalOption = None,
    resume: Annotated[Path | None, default("start a new run")] = None,
    training: FitFlags = {},  # noqa: B006 (never changed)
    json: Json = False,
) -> int:
    """Train a network for an arm or on a data set.

    The run is evaluated and gets a report. Ctrl-C stops after the current epoch and keeps the run; --resume
    continues it.

    Args:
        source: folder of a data set, an arm of the catalog, planar:L1,L2,…, or the path of a URDF file
        out: run folder to write
        arm: the arm of a data set
        goal: what the network is trained to reach
        resume: unfinished run to continue, with its own settings and data
        training: settings of the training; an arm whose targets are poses has defaults of its own
    """
    from kinverse.learning import workflow
    from kinverse.learning.training.config import default_config
    from kinverse.learning.training.source import open_source
    from kinverse.robot.catalog import arm_names

    if resume is not None:
        if (source, out, arm) != (None,) * 3 or chain != Chain() or goal or training:
            raise ConfigError("--resume takes data, arm, folder and settings from the run: give no others")
        return _trained(workflow.resume(resume, progress=not json), json)
    if source is None:
        raise ConfigError("fit needs a data set or an arm, for example: kinverse fit planar3")
    if Path(source).is_dir() and source not in arm_names():
        config = default_config(None).replace(**training)
        rows = open_source(source, config.data.rows, config.seed, chain.load_if_named(arm))
    elif arm is not None:
        raise ConfigError(f"--arm names the arm of a data set, and {source!r} is no folder of one")
    else:
        named = chain.load(source)
        encoding = encoding_for(named, goal)
        config = default_config(named, encoding).replace(**training)
        rows = open_source(named, config.data.rows, config.seed, encoding=encoding)
    run = workflow.fit(rows, config, out=out or workflow.new_run_folder(rows), progress=not json)
    return _trained(run, json)


@verb("evaluate", example="kinverse evaluate runs/planar3")
def evaluate(run: RunFolder, data: OtherData = None, json: Json = False) -> int:
    """Evaluate a run: errors, R², floors and baselines.

    Errors are measured in the joints and at the tool.

    Args:
        data: another data set with the same columns
    """
    from kinverse.learning import workflow

    trained, dataset = _load(run, data)
    report = workflow.evaluate(trained, dataset)
    if json:
        return print_json(report)
    from kinverse.apps.cli.terminal import print_table, print_warnings

    for table in trained.tables(report):
        print_table(table)
    print_warnings(report.warnings)
    return OK


@verb("report", example="kinverse report runs/planar3 --out planar3.html")
def report(
    run: RunFolder,
    data: OtherData = None,
    out: Annotated[Path | None, default("report.html in the run folder")] = None,
    json: Json = False,
) -> int:
    """Write the report of a run again, as one HTML file.

    Args:
        data: another data set with the same columns
        out: the HTML file
    """
    model, dataset = _load(run, data)
    path = model.report(out, dataset)
    return print_result(f"report: {short(path)}", {"report": path}, json)


@verb("diagnose", example="kinverse diagnose runs/planar3")
def diagnose(run: RunFolder, data: OtherData = None, json: Json = False) -> int:
    """Diagnose a training: what went wrong, the evidence, the remedy.

    Args:
        data: the data set that the run was trained on, if the run cannot find it
    """
    from kinverse.learning import workflow

    found = workflow.diagnose(*_load(run, data))
    if json:
        return print_json(found)
    from kinverse.apps.cli.terminal import print_diagnosis

    print_diagnosis(found)
    return OK


def _load(run: Path, data: Path | None) -> tuple[Model, Dataset | None]:
    """A run, and the data set that was given with --data."""
    from kinverse.learning.data.folder import read_dataset
    from kinverse.learning.training.run_folder import load_model

    trained = load_model(run)
    return trained, None if data is None else read_dataset(data, trained.arm)


def _trained(model: Model, as_json: bool) -> int:
    """Print how a training ended; an interrupted one gives exit code 1."""
    from kinverse.learning.trained import REPORT

    code = OK if model.status == "finished" else FAILED
    results, folder = model.results, model.folder
    assert results is not None and folder is not None, "a training in a folder is measured"
    if as_json:
        names = ("status", "stopped", "epochs", "best_epoch", "results")
        print_json({"run": str(folder), **{name: getattr(model, name) for name in names}})
        return code
    from kinverse.apps.cli.terminal import print_diagnosis, print_line, print_table, print_warnings

    for table in model.tables(results.report):
        print_table(table)
    print_diagnosis(results.diagnosis)
    print_warnings(results.report.warnings)
    print_line(f"run: {short(folder)} ({model.how_it_ended}, {model.epochs} epochs, {model.seconds:.1f} s)")
    if code == FAILED:
        print_line(f"resume with: kinverse fit --resume {short(folder)}")
    print_line(f"report: {short(folder / REPORT)}")
    return code
