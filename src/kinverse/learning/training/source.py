"""`open_source`: the rows of a training and their arm, from an arm, a data set or a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kinverse.arguments import as_path
from kinverse.errors import ConfigError, DataError, RunError
from kinverse.learning.data.check import check_limits
from kinverse.learning.data.dataset import Dataset, resolve_arm
from kinverse.learning.data.folder import read_dataset
from kinverse.learning.data.sampling import generate
from kinverse.robot.arm import Arm
from kinverse.robot.catalog import arm_names, load_arm
from kinverse.robot.encodings import default_encoding


@dataclass(frozen=True)
class Origin:
    """How to recreate the rows of a training.

    Attributes:
        kind: "arm": drawn from the arm; "folder": read from a folder; "memory": given as a `Dataset`.
        rows: number of rows drawn, for "arm".
        seed: seed of the draw, for "arm".
        path: path of the folder, for "folder".
    """

    kind: Literal["arm", "folder", "memory"]
    rows: int | None = None
    seed: int | None = None
    path: str | None = None


@dataclass(frozen=True, eq=False)
class Source:
    """The rows of a training.

    Attributes:
        dataset: the rows.
        arm: the arm, or None if the data belongs to no arm.
        origin: how to recreate the rows.
    """

    dataset: Dataset
    arm: Arm | None
    origin: Origin


def open_source(
    what: Arm | Dataset | Source | str | Path,
    rows: int,
    seed: int,
    arm: Arm | str | None = None,
    encoding: str | None = None,
) -> Source:
    """Draw or read the rows of a training.

    Args:
        what: an arm or its name (rows are drawn: a grid of positions for a planar arm, joint samples otherwise), a
            data set, the folder of one, or a source that is open already.
        rows: number of rows to draw from an arm.
        seed: seed of the draw.
        arm: the arm of a data set whose manifest names none.
        encoding: encoding of poses as columns, for rows drawn from an arm; default: that of `generate`.

    Raises:
        KinverseError: the arm or the data cannot be read.
        DataError: joint targets lie outside the arm's limits (counted and named).
    """
    if arm is not None:
        arm = resolve_arm(arm)
    if isinstance(what, Source):
        return what
    what = arm_if_named(what)
    if isinstance(what, Arm):
        return Source(generate(what, rows, seed, encoding), what, Origin("arm", rows, seed))
    if isinstance(what, Dataset):
        dataset, origin = what, Origin("memory")
    elif isinstance(what, str | Path):
        dataset, origin = read_dataset(what, arm), Origin("folder", path=str(Path(what).resolve()))
    else:
        raise ConfigError(f"expected an arm, a data set or the path of one, got {type(what).__name__}")
    manifest = dataset.manifest
    arm = manifest.known_arm() if arm is None else manifest.require_arm(arm, manifest.name)
    if arm is not None:
        outside = [problem for problem in check_limits(dataset, arm) if problem.severity == "error"]
        if outside:
            raise DataError("; ".join(f"{problem.place} {problem.message}" for problem in outside))
    return Source(dataset, arm, origin)


def arm_if_named(what: Arm | Dataset | str | Path) -> Arm | Dataset | str | Path:
    """Load the arm if `what` is a name or the path of a file; return anything else unchanged.

    Raises:
        KinverseError: the arm cannot be read.
    """
    if isinstance(what, str | Path) and (str(what) in arm_names() or not as_path(what, "data").is_dir()):
        return load_arm(what)
    return what


def reopen_source(origin: Origin, arm: Arm | None, encoding: str | None, digest: str) -> Source:
    """Recreate the rows of an earlier training.

    Args:
        origin: how to recreate them.
        arm: the arm, or None.
        encoding: encoding of the features, or None if they encode no pose.
        digest: `Dataset.digest` of the rows.

    Raises:
        RunError: the rows were given in memory, or have changed.
    """
    if origin.kind == "arm" and arm is not None and origin.rows is not None and origin.seed is not None:
        usual = encoding == default_encoding(arm).name  # then a planar arm has a grid
        source = open_source(arm, origin.rows, origin.seed, encoding=None if usual else encoding)
    elif origin.kind == "folder" and origin.path is not None and Path(origin.path).is_dir():
        source = open_source(origin.path, 1, 0, arm)
    elif origin.kind == "folder":
        raise RunError(f"the run's data folder is gone: {origin.path}; give the data set again")
    else:
        raise RunError("the run was trained on rows in memory: give the data set again")
    if source.dataset.digest != digest:
        raise RunError(f"the data of the run has changed since: {origin.path or 'rows drawn from the arm'}")
    return source
