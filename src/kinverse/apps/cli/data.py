"""kinverse data make, import, check."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import tyro
from tyro.conf import Positional

from kinverse.apps.cli.app import FAILED, OK, ArmName, Chain, ChainFlags, Json, app, data_app, print_json, verb

app.command(data_app, name="data", help="Make, import and check data sets.")


@verb(data_app, "make")
def data_make(
    arm: ArmName,
    out: Path,
    rows: int = 10_000,
    seed: int = 0,
    test_rows: Literal["trajectory", "uniform"] = "trajectory",
    encoding: str | None = None,
    chain: ChainFlags = Chain(),  # noqa: B008 (frozen)
    overwrite: bool = False,
    json: Json = False,
) -> int:
    """Generate a data set: ARKOMA for the NAO arms, a grid for planar arms, joint samples for the others.

    Args:
        arm: an arm of the catalog, planar:L1,L2,… for a planar arm, or the path of a URDF file.
        out: folder to write.
        rows: how many, over all splits.
        seed: the same seed gives the same bytes.
        test_rows: of ARKOMA: along a joint trajectory as published, or drawn like the training rows.
        encoding: how poses become columns (xy, xyz, pose, arkoma); left out: the arm's own.
        chain: of a URDF file.
        overwrite: replace a data set that kinverse wrote there before.
    """
    from kinverse.learning.data.folder import write_dataset
    from kinverse.learning.data.generate import generate

    dataset = generate(chain.load(arm), rows=rows, seed=seed, encoding=encoding, test_rows=test_rows)
    return _written(write_dataset(dataset, out, overwrite), dataset.manifest.rows, json)


@verb(data_app, "import")
def data_import(
    features: Annotated[Positional[Path], tyro.conf.arg(metavar="FEATURES")],
    targets: Annotated[Positional[Path], tyro.conf.arg(metavar="TARGETS")],
    out: Path,
    arm: str | None = None,
    chain: ChainFlags = Chain(),  # noqa: B008 (frozen)
    encoding: str | None = None,
    seed: int = 0,
    overwrite: bool = False,
    json: Json = False,
) -> int:
    """Make a data set of any pair of CSV files, split 60/20/20.

    Args:
        features: CSV file with a header; what the network is given.
        targets: CSV file with a header and as many rows; what it should answer.
        out: folder to write.
        arm: arm that the targets move: a name of the catalog, planar:L1,L2,…, or a URDF path.
        chain: of a URDF file.
        encoding: how the features encode a pose (xy, xyz, pose, arkoma); left out: they are any numbers.
        seed: of the split.
        overwrite: replace a data set that kinverse wrote there before.
    """
    from kinverse.learning.data.csv_pair import read_csv_pair
    from kinverse.learning.data.folder import write_dataset

    dataset = read_csv_pair(features, targets, seed=seed, arm=chain.load_if_named(arm), encoding=encoding)
    return _written(write_dataset(dataset, out, overwrite), dataset.manifest.rows, json)


@verb(data_app, "check")
def data_check(
    folder: Annotated[Positional[Path], tyro.conf.arg(metavar="FOLDER")],
    arm: str | None = None,
    chain: ChainFlags = Chain(),  # noqa: B008 (frozen)
    json: Json = False,
) -> int:
    """Validate a data set and say what is wrong, where. Exit code 1 if there is an error.

    Args:
        folder: the data set.
        arm: arm that the joints belong to; left out: the one in its manifest.
        chain: of a URDF file.
    """
    from kinverse.learning.data.check import check_dataset

    check = check_dataset(folder, chain.load_if_named(arm))
    if json:
        print_json({"ok": check.ok, "summary": check.summary, "problems": [asdict(p) for p in check.problems]})
        return OK if check.ok else FAILED
    from kinverse.apps.cli.terminal import print_line, print_table
    from kinverse.apps.report.tables import check_table

    for name, value in check.summary.items():
        print_line(f"{name}: {value}")
    if check.problems:
        print_table(check_table(check))
    print_line(f"{folder}: {'no errors' if check.ok else 'errors found'}")
    return OK if check.ok else FAILED


def _written(folder: Path, rows: dict[str, int], as_json: bool) -> int:
    if as_json:
        return print_json({"folder": str(folder), "rows": rows})
    print(f"{folder}: {', '.join(f'{count} {split}' for split, count in rows.items())} rows")
    return OK
