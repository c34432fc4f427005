"""`kinverse data make`, `import`, `check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from tyro.conf import Positional

from kinverse.apps.cli.options import (
    FAILED,
    OK,
    Chain,
    ChainFlags,
    Flag,
    GoalOption,
    Json,
    argument,
    default,
    encoding_for,
    print_json,
    print_result,
)
from kinverse.apps.cli.verbs import verb

if TYPE_CHECKING:
    from kinverse.learning.data.dataset import Dataset


@verb("data make", example="kinverse data make nao-right --out my-data")
def data_make(
    arm: Annotated[Positional[str], argument("ARM")],
    out: Path,
    rows: int = 10_000,
    seed: int = 0,
    test_rows: Literal["trajectory", "uniform"] = "trajectory",
    goal: GoalOption = None,
    encoding: Annotated[str | None, default("the exact one of the goal")] = None,
    chain: ChainFlags = Chain(),  # noqa: B008 (frozen)
    overwrite: Flag = False,
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
        goal: what the features hold: x and y, the position, or the pose
        encoding: how poses become columns: xy, xyz, pose, quaternion, matrix or arkoma
        overwrite: replace a data set that kinverse wrote there before
    """
    from kinverse.learning.data.sampling import generate

    loaded = chain.load(arm)
    encoding = encoding or encoding_for(loaded, goal)
    dataset = generate(loaded, rows=rows, seed=seed, encoding=encoding, test_rows=test_rows)
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
    overwrite: Flag = False,
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
        overwrite: replace a data set that kinverse wrote there before
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
    from kinverse.apps.cli.terminal import print_line, print_table
    from kinverse.tables import Table

    for name, value in check.summary.items():
        print_line(f"{name}: {value}")
    if check.problems:
        rows = [(problem.severity, problem.place, problem.message) for problem in check.problems]
        print_table(Table("Problems", ("severity", "place", "what"), rows))
    print_line(f"{folder}: {'no errors' if check.ok else 'errors found'}")
    return OK if check.ok else FAILED


def _write(dataset: Dataset, out: Path, overwrite: bool, as_json: bool) -> int:
    from kinverse.learning.data.folder import write_dataset

    folder, rows = write_dataset(dataset, out, overwrite), dataset.manifest.rows
    text = f"{folder}: {', '.join(f'{count} {split}' for split, count in rows.items())} rows"
    return print_result(text, {"folder": folder, "rows": rows}, as_json)
