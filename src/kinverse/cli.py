"""The command line: one function for each verb; what it does lies in the room it calls, imported when it runs."""

from __future__ import annotations

import contextlib
import errno
import functools
import io
import itertools
import json as json_library
import os
import re
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro
from tyro.conf import FlagCreatePairsOff, OmitArgPrefixes, Positional
from tyro.extras import SubcommandApp

from kinverse.errors import ConfigError, KinverseError, MissingExtraError
from kinverse.fit.config import FitConfig

if TYPE_CHECKING:
    from kinverse.fit.run import Run
    from kinverse.robot.arm import Arm

LEARN_LIBRARIES = ("torch", "sklearn", "scipy", "pandas", "pyarrow", "matplotlib", "jinja2")
OK, FAILED, WRONG_USE = 0, 1, 2
Task = Literal["xy", "xyz", "pose"]
Json = Annotated[bool, tyro.conf.arg(help="Print one JSON object for machines, and nothing else.")]
# Positional arguments by the names that help and errors call them.
ArmName = Annotated[Positional[str], tyro.conf.arg(metavar="ARM")]
RunFolder = Annotated[Positional[Path], tyro.conf.arg(metavar="RUN")]

VERBS = ["data"]

app = SubcommandApp()
data_app = SubcommandApp()


def verb(group: SubcommandApp, name: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Register a function as a verb.

    The parser gets a twin that only remembers its arguments, so that parsing and acting are two steps, and what is
    caught from the parser is the parser's alone.
    """

    def register(function: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(function)
        def remember(*args: Any, **kwargs: Any) -> Callable[[], int]:
            return functools.partial(function, *args, **kwargs)

        group.command(name=name)(remember)
        VERBS.append(name)
        return function

    return register


@verb(app, "demo")
def demo(out: Path = Path("kinverse-demo"), json: Json = False) -> int:
    """See both running examples learned, measured and drawn, in under a minute.

    Args:
        out: folder for data, runs and report; a number is added if it is there already.
    """
    from kinverse.demo import run_demo
    from kinverse.files import free_path

    result = run_demo(free_path(out), progress=not json)
    if json:
        return _print_json({"report": str(result.report), "rows": result.table.rows, "seconds": result.seconds})
    from kinverse.show.terminal import print_line, print_table

    print_table(result.table)
    print_line(f"report: {result.report} ({result.seconds:.0f} s)")
    return OK


@verb(app, "arms")
def arms(
    name: Annotated[Positional[str | None], tyro.conf.arg(metavar="[ARM]")] = None,
    base: str | None = None,
    tip: str | None = None,
    task: Task | None = None,
    picture: Path | None = None,
    json: Json = False,
) -> int:
    """List the arms, or show one: joints, limits, reach and a picture.

    Args:
        name: an arm of the catalog, or the path of a URDF file; left out: list the catalog.
        base: URDF link where the chain starts; left out: the root.
        tip: URDF link where it ends; left out: the only leaf.
        task: what a target is.
        picture: PNG file for the picture of the arm; left out: NAME.png in this folder, and none with --json.
    """
    from kinverse.robot.catalog import arm_names, load_arm
    from kinverse.robot.workspace import farthest_reach

    if name is None:
        if (base, tip, task, picture) != (None,) * 4:
            raise ConfigError("--base, --tip, --task and --picture need an arm, for example: kinverse arms panda")
        listed = [load_arm(arm) for arm in arm_names()]
        if json:
            return _print_json({"arms": [{"name": arm.name, "dof": arm.dof, "task": arm.task} for arm in listed]})
        from kinverse.show.tables import arms_table
        from kinverse.show.terminal import print_table

        print_table(arms_table(listed))
        return OK
    arm = load_arm(name, base=base, tip=tip, task=task)
    drawn = _picture(arm, picture, json)
    if json:
        shown = {**arm.to_dict(), "fingerprint": arm.fingerprint, "reach": farthest_reach(arm)}
        return _print_json(shown | ({} if picture is None else {"picture": drawn}))
    from kinverse.show.tables import joints_table
    from kinverse.show.terminal import print_line, print_table

    print_table(joints_table(arm))
    print_line(
        f"reach {farthest_reach(arm):.4f} m · task {arm.task} · {arm.frames[0]} → {arm.frames[1]} · {arm.fingerprint}"
    )
    print_line(f"picture: {drawn}")
    return OK


def _picture(arm: Arm, path: Path | None, as_json: bool) -> str:
    """Draw an arm: the file, or why there is none. Who asks for no picture gets the table without matplotlib too."""
    if path is None and as_json:
        return "none"
    try:
        from kinverse.show.pose import save_arm_picture
    except ModuleNotFoundError as problem:
        if path is not None or problem.name not in LEARN_LIBRARIES:
            raise
        return f"none; {MissingExtraError('learn', problem.name)}"
    return str(save_arm_picture(arm, path))


app.command(data_app, name="data", help="Make, import and check data sets.")


@verb(data_app, "make")
def data_make(
    arm: ArmName,
    out: Path,
    rows: int = 10_000,
    seed: int = 0,
    test_rows: Literal["trajectory", "uniform"] = "trajectory",
    encoding: str | None = None,
    base: str | None = None,
    tip: str | None = None,
    overwrite: bool = False,
    json: Json = False,
) -> int:
    """Generate a data set: ARKOMA for the NAO arms, a grid for planar arms, joint samples for the others.

    Args:
        arm: an arm of the catalog, or the path of a URDF file.
        out: folder to write.
        rows: how many, over all splits.
        seed: the same seed gives the same bytes.
        test_rows: of ARKOMA: along a joint trajectory as published, or drawn like the training rows.
        encoding: how poses become columns (xy, xyz, pose, arkoma); left out: the arm's own.
        base: URDF link where the chain starts.
        tip: URDF link where it ends.
        overwrite: replace a data set that kinverse wrote there before.
    """
    from kinverse.data.folder import write_dataset
    from kinverse.data.generate import generate
    from kinverse.robot.catalog import load_arm

    chain = load_arm(arm, base=base, tip=tip)
    dataset = generate(chain, rows=rows, seed=seed, encoding=encoding, test_rows=test_rows)
    return _written(write_dataset(dataset, out, overwrite), dataset.manifest.rows, json)


@verb(data_app, "import")
def data_import(
    features: Annotated[Positional[Path], tyro.conf.arg(metavar="FEATURES")],
    targets: Annotated[Positional[Path], tyro.conf.arg(metavar="TARGETS")],
    out: Path,
    arm: str | None = None,
    seed: int = 0,
    overwrite: bool = False,
    json: Json = False,
) -> int:
    """Make a data set of any pair of CSV files, split 60/20/20.

    Args:
        features: CSV file with a header; what the network is given.
        targets: CSV file with a header and as many rows; what it should answer.
        out: folder to write.
        arm: arm that the targets move.
        seed: of the split.
        overwrite: replace a data set that kinverse wrote there before.
    """
    from kinverse.data.folder import write_dataset
    from kinverse.data.tables import read_csv_pair

    dataset = read_csv_pair(features, targets, seed=seed, arm=arm)
    return _written(write_dataset(dataset, out, overwrite), dataset.manifest.rows, json)


@verb(data_app, "check")
def data_check(
    folder: Annotated[Positional[Path], tyro.conf.arg(metavar="FOLDER")], arm: str | None = None, json: Json = False
) -> int:
    """Validate a data set and say what is wrong, where. Exit code 1 if there is an error.

    Args:
        folder: the data set.
        arm: arm that the joints belong to; left out: the one its manifest names.
    """
    from kinverse.data.check import check_dataset

    check = check_dataset(folder, arm)
    if json:
        _print_json({"ok": check.ok, "summary": check.summary, "problems": [asdict(p) for p in check.problems]})
        return OK if check.ok else FAILED
    from kinverse.show.tables import check_table
    from kinverse.show.terminal import print_line, print_table

    for name, value in check.summary.items():
        print_line(f"{name}: {value}")
    if check.problems:
        print_table(check_table(check))
    print_line(f"{folder}: {'no errors' if check.ok else 'errors found'}")
    return OK if check.ok else FAILED


@verb(app, "fit")
def fit(
    source: Annotated[Positional[str | None], tyro.conf.arg(metavar="[DATA|ARM]")] = None,
    out: Path | None = None,
    arm: str | None = None,
    base: str | None = None,
    tip: str | None = None,
    resume: Path | None = None,
    config: OmitArgPrefixes[FitConfig] = FitConfig(),  # noqa: B008 (frozen)
    json: Json = False,
) -> int:
    """Train a network on a data set or on rows drawn from an arm, measure it, and write its report.

    Args:
        source: folder of a data set, an arm of the catalog, or the path of a URDF file.
        out: run folder to make; left out: a new one under runs/.
        arm: arm of a data set that names none.
        base: URDF link where the chain starts.
        tip: URDF link where it ends.
        resume: an unfinished run to go on with; it has its own settings and data.
        config: settings of the training.
    """
    from kinverse import workflow
    from kinverse.robot.catalog import load_arm

    if resume is not None:
        if (source, out, arm, base, tip) != (None,) * 5 or config != FitConfig():
            raise ConfigError("--resume takes data, arm, folder and settings from the run: give no others")
        return _trained(workflow.resume(resume, progress=not json), json)
    if source is None:
        raise ConfigError("fit needs a data set or an arm, for example: kinverse fit planar3")
    what = source if Path(source).is_dir() else load_arm(source, base=base, tip=tip)
    chain = None if arm is None else load_arm(arm, base=base, tip=tip)
    return _trained(workflow.fit(what, config, out=out, arm=chain, progress=not json), json)


@verb(app, "evaluate")
def evaluate(run: RunFolder, data: Path | None = None, json: Json = False) -> int:
    """Measure a run: errors in joints and at the tip, R², floors and baselines.

    Args:
        run: the run folder.
        data: another data set with the same columns; left out: the run's own.
    """
    from kinverse import workflow
    from kinverse.data.folder import read_dataset
    from kinverse.fit.run import Run

    trained = Run.load(run)
    report = workflow.evaluate(trained, None if data is None else read_dataset(data, trained.arm))
    if json:
        return _print_json(report.to_dict())
    from kinverse.show.tables import report_tables
    from kinverse.show.terminal import print_table, print_warnings

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
    from kinverse import workflow
    from kinverse.data.folder import read_dataset
    from kinverse.fit.run import Run

    trained = Run.load(run)
    path = workflow.write_report(trained, None if data is None else read_dataset(data, trained.arm), out)
    if json:
        return _print_json({"report": str(path)})
    print(f"report: {path}")
    return OK


def main(argv: list[str] | None = None) -> int:
    """Run a verb and give its exit code: 0 ok, 1 failed, 2 wrong use. Errors are one line on stderr."""
    arguments = sys.argv[1:] if argv is None else argv
    as_json = "--json" in arguments
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without ° and → shows ? in their place
    try:
        return _parse(arguments)()
    except KinverseError as error:
        return _fail(error, str(error), error.exit_code, as_json)
    except ModuleNotFoundError as error:
        if error.name not in LEARN_LIBRARIES:
            raise
        missing = MissingExtraError("learn", error.name)
        return _fail(missing, str(missing), missing.exit_code, as_json)
    except KeyboardInterrupt:
        print("kinverse: stopped", file=sys.stderr)
        return FAILED
    except BrokenPipeError:  # the reader of a pipe went away, as in `kinverse arms | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        # A place that cannot be written is wrong use; a disk that is full or breaks is not the user's mistake.
        place = f"{error.filename2 or error.filename}: " if error.filename else ""
        text = f"{place}cannot be read or written ({error.strerror or error})"
        return _fail(error, text, FAILED if error.errno in (errno.ENOSPC, errno.EIO) else WRONG_USE, as_json)


def _parse(arguments: list[str]) -> Callable[[], int]:
    """The verb and its arguments, ready to be called; the parser's boxed errors become one line."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            verb: Callable[[], int] = app.cli(prog="kinverse", args=arguments, config=(FlagCreatePairsOff,))
        return verb
    except SystemExit as stop:
        if stop.code in (0, None):
            raise  # --help
        raise ConfigError(f"{_one_line(said.getvalue())}; see {_help_of(arguments)}") from None


def _one_line(box: str) -> str:
    """What stands in the parser's error box, without colours, frame, help text and hints."""
    lines = [line.strip(" │") for line in re.sub(r"\x1b\[[\d;]*m", "", box).splitlines()]
    # The first line is the title; a frame is drawn with lines where the terminal has them, otherwise with hyphens.
    inside = ("; " if line and not line.strip("─-╭╮╰╯ ") else line for line in lines[1:])
    said = itertools.takewhile(lambda line: not line.startswith(("Argument helptext", "For full helptext")), inside)
    return " ".join(" ".join(said).replace(" ; ", "; ").split()).strip(".; ") or " ".join(lines)


def _help_of(arguments: list[str]) -> str:
    """The command that explains the verb that was meant."""
    words = arguments[:2] if arguments[:1] == ["data"] else arguments[:1]
    return " ".join(["kinverse", *(word for word in words if word in VERBS), "--help"])


def _fail(error: Exception, text: str, code: int, as_json: bool) -> int:
    if as_json:
        print(json_library.dumps({"error": text, "kind": type(error).__name__}))
    else:
        print(f"kinverse: {text}", file=sys.stderr)
    return code


def _print_json(content: dict[str, Any]) -> int:
    print(json_library.dumps(content, ensure_ascii=False, default=str))
    return OK


def _written(folder: Path, rows: dict[str, int], as_json: bool) -> int:
    if as_json:
        return _print_json({"folder": str(folder), "rows": rows})
    print(f"{folder}: {', '.join(f'{count} {split}' for split, count in rows.items())} rows")
    return OK


def _trained(run: Run, as_json: bool) -> int:
    """Say how a training ended. An interrupted one has failed, for whoever waits for it."""
    from kinverse.fit.run import REPORT

    code = OK if run.card.status == "finished" else FAILED
    if as_json:
        card = asdict(run.card)
        _print_json(
            {"run": str(run.folder), **{k: card[k] for k in ("status", "stopped", "epochs", "best_epoch", "metrics")}}
        )
        return code
    from kinverse.evaluate.report import Report
    from kinverse.show.tables import report_tables
    from kinverse.show.terminal import print_line, print_table, print_warnings
    from kinverse.workflow import evaluate

    measured: Report = evaluate(run)
    for table in report_tables(measured, run):
        print_table(table)
    print_warnings(measured.warnings)
    print_line(
        f"run: {run.folder} ({run.card.status}: {run.card.stopped}, {run.card.epochs} epochs, {run.card.seconds:.1f} s)"
    )
    if code == FAILED:
        print_line(f"go on with: kinverse fit --resume {run.folder}")
    print_line(f"report: {run.folder / REPORT}")
    return code


if __name__ == "__main__":
    sys.exit(main())
