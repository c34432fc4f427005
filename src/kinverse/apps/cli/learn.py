"""`kinverse data make`, `import`, `check`; `fit`, `evaluate`, `report`, `diagnose`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro
from tyro.conf import Positional

from kinverse.apps.cli.options import (
    FAILED,
    OK,
    Chain,
    ChainFlags,
    FitFlags,
    Flag,
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
    from kinverse.learning.diagnosis.finding import Diagnosis
    from kinverse.learning.trained import Model
    from kinverse.tables import Table

OtherData = Annotated[Path | None, default("the run's own", "another data set with the same columns")]
OverwriteData = Annotated[Flag, tyro.conf.arg(help="replace a data set that kinverse wrote there before")]


@verb("data make", example="kinverse data make nao-right --out my-data")
def data_make(
    arm: Annotated[Positional[str], argument("ARM")],
    out: Path,
    rows: int = 10_000,
    seed: int = 0,
    test_rows: Literal["trajectory", "uniform"] = "trajectory",
    draw: Literal["uniform", "normal"] = "uniform",
    goal: GoalOption = None,
    encoding: Annotated[str | None, default("the exact one of the goal")] = None,
    chain: ChainFlags = Chain(),  # noqa: B008 (frozen)
    overwrite: OverwriteData = False,
    json: Json = False,
) -> int:
    """Generate a data set for an arm.

    The NAO arms get ARKOMA, planar arms a grid of positions, the others samples of their joints.

    Args:
        arm: an arm of the catalog, planar:L1,L2,… for a planar arm, or the path of a URDF file
        out: folder to write
        rows: number of rows, over all splits
        seed: random seed; the same seed gives the same bytes
        test_rows: test rows of ARKOMA: along a joint trajectory as published, or drawn like the training rows
        draw: joint positions of ARKOMA: uniform, or the closest match to the published rows
        goal: what the features hold: x and y, the position, or the pose
        encoding: how poses become columns: xy, xyz, pose, quaternion, matrix or arkoma
    """
    from kinverse.learning.data.sampling import generate

    loaded = chain.load(arm)
    encoding = encoding or encoding_for(loaded, goal)
    dataset = generate(loaded, rows=rows, seed=seed, encoding=encoding, test_rows=test_rows, draw=draw)
    return _write(dataset, out, overwrite, json)


@verb("data import", example="kinverse data import poses.csv joints.csv --out my-data")
def data_import(
    features: Annotated[Positional[Path], argument("FEATURES")],
    targets: Annotated[Positional[Path], argument("TARGETS")],
    out: Path,
    arm: Annotated[str | None, default("none")] = None,
    chain: ChainFlags = Chain(),  # noqa: B008 (frozen)
    encoding: Annotated[str | None, default("none, any numbers")] = None,
    seed: int = 0,
    overwrite: OverwriteData = False,
    json: Json = False,
) -> int:
    """Make a data set from two CSV files, split 60/20/20.

    Args:
        features: CSV file with a header: the inputs of the network
        targets: CSV file with a header and as many rows: what the network must predict
        out: folder to write
        arm: the arm whose joints the targets are: a name of the catalog, planar:L1,L2,…, or a URDF path
        encoding: how the features encode a pose: xy, xyz, pose, quaternion, matrix or arkoma
        seed: random seed of the split
    """
    from kinverse.learning.data.csv_pair import read_csv_pair

    dataset = read_csv_pair(features, targets, seed=seed, arm=chain.load_if_named(arm), encoding=encoding)
    return _write(dataset, out, overwrite, json)


@verb("data check", example="kinverse data check my-data")
def data_check(
    folder: Annotated[Positional[Path], argument("FOLDER")],
    arm: Annotated[str | None, default("the one in its manifest")] = None,
    chain: ChainFlags = Chain(),  # noqa: B008 (frozen)
    json: Json = False,
) -> int:
    """Check a data set and list every error with its file, row and column.

    The exit code is 1 if there is an error.

    Args:
        folder: the data set
        arm: the arm whose joints the targets are
    """
    from kinverse.learning.data.check import check_dataset

    check = check_dataset(folder, chain.load_if_named(arm))
    if json:
        print_json({"ok": check.ok, "summary": check.summary, "problems": check.problems})
        return OK if check.ok else FAILED
    from kinverse.apps.cli.terminal import show
    from kinverse.tables import Table

    rows = [(problem.severity, problem.place, problem.message) for problem in check.problems]
    problems = [Table("Problems", ("severity", "place", "problem"), rows)] if rows else []
    summary = (f"{name}: {value}" for name, value in check.summary.items())
    show(*summary, *problems, f"{folder}: {'no errors' if check.ok else 'errors found'}")
    return OK if check.ok else FAILED


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
        return _print_trained(workflow.resume(resume, progress=not json), json)
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
    model = workflow.fit(rows, config, out=out or workflow.new_run_folder(rows), progress=not json)
    return _print_trained(model, json)


@verb("evaluate", example="kinverse evaluate runs/planar3")
def evaluate(run: RunFolder, data: OtherData = None, json: Json = False) -> int:
    """Evaluate a run: errors, R², floors and baselines.

    Errors are measured in the joints and at the tool.
    """
    from kinverse.learning import workflow

    model, dataset = _load(run, data)
    report = workflow.evaluate(model, dataset)
    if json:
        return print_json(report)
    from kinverse.apps.cli.terminal import print_warnings, show

    show(*model.tables(report))
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
        out: the HTML file
    """
    model, dataset = _load(run, data)
    path = model.report(out, dataset)
    return print_result(f"report: {short(path)}", {"report": path}, json)


@verb("diagnose", example="kinverse diagnose runs/planar3")
def diagnose(
    run: RunFolder,
    data: Annotated[Path | None, default("the run's own")] = None,
    counterfactuals: Flag = False,
    json: Json = False,
) -> int:
    """Diagnose a training: causes of faults, evidence and remedies.

    Args:
        data: the data set that the run was trained on, if the run cannot find it
        counterfactuals: also train short copies with one setting changed each, for a minute at most in all
    """
    from kinverse.learning import workflow

    found = workflow.diagnose(*_load(run, data), counterfactuals=counterfactuals)
    if json:
        return print_json(found)
    from kinverse.apps.cli.terminal import show

    return show(_findings(found), *found.tables[1:])


def _write(dataset: Dataset, out: Path, overwrite: bool, as_json: bool) -> int:
    from kinverse.learning.data.folder import write_dataset

    folder, rows = write_dataset(dataset, out, overwrite), dataset.manifest.rows
    text = f"{folder}: {', '.join(f'{count} {split}' for split, count in rows.items())} rows"
    return print_result(text, {"folder": folder, "rows": rows}, as_json)


def _load(run: Path, data: Path | None) -> tuple[Model, Dataset | None]:
    """A run, and the data set that was given with --data."""
    from kinverse.learning.data.folder import read_dataset
    from kinverse.learning.training.run_folder import load_model

    model = load_model(run)
    return model, None if data is None else read_dataset(data, model.arm)


def _print_trained(model: Model, as_json: bool) -> int:
    """Print the results of a training; an interrupted one gives exit code 1."""
    from kinverse.learning.trained import REPORT

    code = OK if model.status == "finished" else FAILED
    results, folder = model.results, model.folder
    assert results is not None and folder is not None, "a training in a folder is measured"
    if as_json:
        names = ("status", "stopped", "epochs", "best_epoch", "results")
        print_json({"run": str(folder), **{name: getattr(model, name) for name in names}})
        return code
    from kinverse.apps.cli.terminal import print_warnings, show

    show(*model.tables(results.report), _findings(results.diagnosis))
    print_warnings(results.report.warnings)
    show(f"run: {short(folder)} ({model.how_it_ended}, {model.epochs} epochs, {model.seconds:.1f} s)")
    if code == FAILED:
        show(f"resume with: kinverse fit --resume {short(folder)}")
    show(f"report: {short(folder / REPORT)}")
    return code


def _findings(diagnosis: Diagnosis) -> Table | str:
    """The findings as a table, or one line that there are none."""
    table = diagnosis.table
    return table if table.rows else f"diagnosis: {table.note[0].lower()}{table.note[1:]}"
