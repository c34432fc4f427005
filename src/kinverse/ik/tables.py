"""Targets in files: columns that stand for a target, readers of a block at a time, a writer that adds to a table."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from jaxtyping import Float

from kinverse.errors import DataError, MissingExtraError
from kinverse.geometry import rotation_from_quaternion, rotation_from_vector
from kinverse.ik.goal import Goal
from kinverse.robot.encodings import ARKOMA, POSE, XY, XYZ

BLOCK = 65_536
"""Rows in memory at a time."""
SUFFIXES = (".csv", ".npy", ".parquet")


@dataclass(frozen=True)
class Form:
    """Columns that stand for a target.

    Attributes:
        names: of the columns.
        units: what they are in, for people.
        decode: (n, c) columns to (n, ...) targets [m], (n, 4, 4) for poses.
    """

    names: tuple[str, ...]
    units: str
    decode: Callable[[Float[np.ndarray, "n c"]], Float[np.ndarray, "n ..."]]


def _from_quaternions(columns: Float[np.ndarray, "n 7"]) -> Float[np.ndarray, "n 4 4"]:
    return _poses(columns[:, :3], rotation_from_quaternion(columns[:, 3:]))


def _from_matrices(columns: Float[np.ndarray, "n 12"]) -> Float[np.ndarray, "n 4 4"]:
    rows = columns.reshape(-1, 3, 4)
    return _poses(rows[:, :, 3], rows[:, :, :3])


def _from_vectors(columns: Float[np.ndarray, "n 6"]) -> Float[np.ndarray, "n 4 4"]:
    return _poses(columns[:, :3], rotation_from_vector(columns[:, 3:]))


def _from_arkoma(columns: Float[np.ndarray, "n 6"]) -> Float[np.ndarray, "n 4 4"]:
    return _poses(1e-3 * columns[:, :3], rotation_from_vector(np.deg2rad(columns[:, 3:])))


def _poses(position: Float[np.ndarray, "n 3"], rotation: Float[np.ndarray, "n 3 3"]) -> Float[np.ndarray, "n 4 4"]:
    T = np.tile(np.eye(4), (len(position), 1, 1))
    T[:, :3, 3], T[:, :3, :3] = position, rotation
    return T


_QUATERNION = ("px", "py", "pz", "qx", "qy", "qz", "qw")
_MATRIX = tuple(f"m{row}{column}" for row in range(3) for column in range(4))
FORMS: dict[str, tuple[Form, ...]] = {
    "planar": (Form(XY.names, "m", lambda columns: columns),),
    "position": (
        Form(XYZ.names, "m", lambda columns: columns),
        Form(POSE.names[:3], "m", lambda columns: columns),
    ),
    "pose": (
        Form(POSE.names, "m, rotation vector in rad", _from_vectors),
        Form(_QUATERNION, "m, unit quaternion", _from_quaternions),
        Form(_MATRIX, "rows of the homogeneous matrix, m", _from_matrices),
        Form(ARKOMA.names, "mm, rotation vector in degrees", _from_arkoma),
    ),
}


def form_of(goal: Goal, columns: list[str], place: Path) -> Form:
    """The form whose columns a table has; others beside them do not matter.

    Raises:
        DataError: none; the message lists what would do.
    """
    forms = FORMS["pose" if goal.has_rotation else goal.kind]
    for form in forms:
        if set(form.names) <= set(columns):
            return form
    wanted = " or ".join(f"{','.join(form.names)} [{form.units}]" for form in forms)
    shown = ",".join(columns[:16]) + (",…" if len(columns) > 16 else "")
    raise DataError(f"{place}: no targets of a {goal.kind} goal in columns {shown}; expected {wanted}")


@dataclass(frozen=True)
class Block:
    """Some rows of a file.

    Attributes:
        targets: (n, ...) of the goal's shape; NaN where a cell is no number.
        progress: the share of the file that has been read.
    """

    targets: Float[np.ndarray, "n ..."]
    progress: float


def read_blocks(path: Path, goal: Goal) -> Iterator[Block]:
    """The targets in a file, block by block.

    Args:
        path: .npy with (n, ...) targets; .csv or .parquet with the columns of a `Form`.
        goal: whose targets they are.

    Raises:
        DataError: no such file, not of its kind, or without the columns.
        MissingExtraError: pyarrow is not installed.
    """
    if path.suffix not in SUFFIXES:
        raise DataError(f"{path}: targets come from {', '.join(SUFFIXES)}")
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    reader = {".npy": _npy_blocks, ".csv": _csv_blocks, ".parquet": _parquet_blocks}[path.suffix]
    return reader(path, goal)


def _npy_blocks(path: Path, goal: Goal) -> Iterator[Block]:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as problem:
        raise DataError(f"{path}: not an .npy file of numbers ({_one_line(problem)})") from None
    if not isinstance(array, np.ndarray) or array.shape[1:] != goal.target_shape or array.dtype.kind not in "fiu":
        wanted = ", ".join(map(str, goal.target_shape))
        shape = getattr(array, "shape", type(array).__name__)
        raise DataError(f"{path}: expected numbers of shape (n, {wanted}) for a {goal.kind} goal, got {shape}")
    for first in range(0, len(array), BLOCK):
        block = np.asarray(array[first : first + BLOCK], dtype=np.float64)
        yield Block(block, (first + len(block)) / len(array))


def _csv_blocks(path: Path, goal: Goal) -> Iterator[Block]:
    arrow = _arrow()
    from pyarrow import csv

    size = max(path.stat().st_size, 1)
    with path.open("rb") as file:
        try:
            # Cells are read as text, so that one which is no number costs its own row and not the file.
            names = csv.open_csv(path, read_options=csv.ReadOptions(block_size=1 << 16)).schema.names
            form = form_of(goal, [name.strip() for name in names], path)
            kept = [name for name in names if name.strip() in form.names]
            reader = csv.open_csv(
                file,
                read_options=csv.ReadOptions(block_size=BLOCK * 24 * len(kept)),
                convert_options=csv.ConvertOptions(
                    include_columns=kept, column_types=dict.fromkeys(kept, arrow.string()), strings_can_be_null=False
                ),
            )
            place = {name.strip(): name for name in kept}
            for batch in reader:
                columns = [_numbers(batch.column(place[name])) for name in form.names]
                yield Block(form.decode(np.column_stack(columns)), min(file.tell() / size, 1.0))
        except arrow.ArrowInvalid as problem:
            raise DataError(f"{path}: not a CSV table ({_one_line(problem)})") from None


def _parquet_blocks(path: Path, goal: Goal) -> Iterator[Block]:
    arrow = _arrow()
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
        form = form_of(goal, file.schema_arrow.names, path)
        done = 0
        for batch in file.iter_batches(BLOCK, columns=list(form.names)):
            columns = [_numbers(batch.column(name)) for name in form.names]
            done += len(batch)
            yield Block(form.decode(np.column_stack(columns)), done / max(file.metadata.num_rows, 1))
    except (arrow.ArrowInvalid, arrow.ArrowTypeError, OSError) as problem:
        raise DataError(f"{path}: not a Parquet table of numbers ({_one_line(problem)})") from None


def _numbers(column: Any) -> Float[np.ndarray, " n"]:
    """A column as float64, NaN where it holds no number."""
    arrow = _arrow()
    try:
        return column.cast(arrow.float64()).to_numpy(zero_copy_only=False)
    except (arrow.ArrowInvalid, arrow.ArrowNotImplementedError):
        return np.array([_number(cell) for cell in column.to_pylist()])


def _number(cell: object) -> float:
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return np.nan


class TableWriter(AbstractContextManager["TableWriter"]):
    """Writes rows block by block beside the file, and moves it into place when all are there."""

    def __init__(self, path: Path, names: list[str]) -> None:
        """Begin a table.

        Args:
            path: ends in .csv, .npy (numbers only, the text column left out) or .parquet.
            names: of the columns.

        Raises:
            DataError: another ending.
            MissingExtraError: pyarrow is not installed.
        """
        if path.suffix not in SUFFIXES:
            raise DataError(f"{path}: answers go to {', '.join(SUFFIXES)}")
        self.path, self.names = path, names
        self.rows = 0
        self._temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.tmp")
        self._arrow_writer: Any = None
        self._file: Any = None
        if path.suffix == ".npy":
            self._file = self._temporary.open("wb")
            self._file.write(b"\0" * _HEADER)
        else:
            _arrow()

    def write(self, columns: list[np.ndarray]) -> None:
        """Add rows: a column of each name, of equal length."""
        self.rows += len(columns[0])
        if self._file is not None:
            numbers = [np.asarray(column, dtype="<f8") for column in columns if column.dtype.kind in "fiub"]
            self._file.write(np.ascontiguousarray(np.column_stack(numbers)).tobytes())
            self._width = len(numbers)
            return
        arrow = _arrow()
        table = arrow.table(dict(zip(self.names, map(arrow.array, columns), strict=True)))
        if self._arrow_writer is None:
            self._arrow_writer = self._open(table.schema)
        self._arrow_writer.write_table(table)

    def _open(self, schema: Any) -> Any:
        if self.path.suffix == ".csv":
            from pyarrow import csv

            # No number and no status of ours needs quotes; the name of a joint may.
            header = "needed" if any(set(name) & set(',"\r\n') for name in self.names) else "none"
            options = csv.WriteOptions(quoting_style="none", quoting_header=header)
            return csv.CSVWriter(self._temporary, schema, write_options=options)
        from pyarrow import parquet

        return parquet.ParquetWriter(self._temporary, schema)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file; after an error nothing is left of it."""
        try:
            if self._file is not None:
                if kind is None:
                    self._file.seek(0)
                    self._file.write(_npy_header((self.rows, self._width)))
                self._file.close()
            if self._arrow_writer is not None:
                self._arrow_writer.close()
            if kind is None:
                self._temporary.replace(self.path)
        finally:
            self._temporary.unlink(missing_ok=True)


_HEADER = 128
"""Bytes before the numbers of an .npy file; the number of rows is known, and written, last."""


def _npy_header(shape: tuple[int, int]) -> bytes:
    """The header of an .npy file, format 1.0, padded to `_HEADER` bytes."""
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}"
    start = b"\x93NUMPY\x01\x00" + (_HEADER - 10).to_bytes(2, "little")
    return start + text.ljust(_HEADER - 11).encode("latin1") + b"\n"


def _arrow() -> Any:
    try:
        import pyarrow
    except ModuleNotFoundError:
        raise MissingExtraError("files", "pyarrow") from None
    return pyarrow


def _one_line(problem: object) -> str:
    return " ".join(str(problem).split())[:200]
