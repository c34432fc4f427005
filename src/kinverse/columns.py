"""Columns of numbers in files: the one reader and writer of .csv, .npy and .parquet.

Data sets are read whole and strictly: `read_matrix` raises an error for a cell that is not a finite number, and
`find_faults` lists every such cell. Files that may be larger than memory are read in blocks and leniently:
`read_blocks` and `read_array_blocks` return NaN for such a cell, so that one bad row does not cost the whole file.
pyarrow reads CSV and Parquet; decimal numbers are correctly rounded.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from jaxtyping import Float

from kinverse.errors import DataError, MissingExtraError, listed
from kinverse.files import remove, temporary_beside
from kinverse.text import is_number, one_line, quoted

BLOCK = 65_536
"""Rows in memory at a time."""
SUFFIXES = (".csv", ".npy", ".parquet")
_MAX_HEADER = 1 << 20


def read_matrix(path: Path | str, columns: Sequence[str] | None = None) -> tuple[tuple[str, ...], np.ndarray]:
    """Read a CSV file with one line of column names and rows of finite numbers.

    Spaces around names and numbers, blank lines, CRLF and a byte order mark are accepted. Row 1 is the first row below
    the names (line 2 of the file).

    Args:
        path: the file.
        columns: the names that the file must have, in this order; None: any.

    Returns:
        The column names, and the values (n, c), float64, correctly rounded.

    Raises:
        DataError: the file is missing, not text, or has other columns; a cell is empty or not a finite number; a row is
            too short or too long; there are no rows. The message names file, row, line and column.
    """
    path = Path(path)
    names = read_header(path, columns)
    values = _parse(path, names)
    if values is None:
        fault = next(find_faults(path, names), f"{path}: not a CSV file of numbers")
        raise DataError(fault)
    if len(values) == 0:
        raise DataError(f"{path}: column names but no rows")
    return names, values


def _parse(path: Path, names: tuple[str, ...]) -> Float[np.ndarray, "n c"] | None:
    """All cells, by Arrow's parser; None if it finds a fault."""
    pyarrow = require_arrow()
    from pyarrow import csv as arrow_csv

    keys = [str(i) for i in range(len(names))]
    try:
        table = arrow_csv.read_csv(
            path,
            read_options=arrow_csv.ReadOptions(column_names=keys, skip_rows=1),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(keys, pyarrow.float64()), null_values=[], strings_can_be_null=False
            ),
        )
    except pyarrow.ArrowInvalid as problem:
        if re.search("Empty CSV|Could not skip", str(problem)):  # no rows below the column names
            return np.empty((0, len(names)))
        return None
    except OSError as problem:
        raise DataError(f"{path}: cannot be read ({problem})") from None
    values = np.column_stack([table.column(key).to_numpy() for key in keys])
    return values if np.isfinite(values).all() else None


def read_header(path: Path, columns: Sequence[str] | None = None) -> tuple[str, ...]:
    """The column names of a CSV file, without the spaces around them.

    Args:
        path: the file.
        columns: the names that the file must have, in this order; None: any.

    Raises:
        DataError: the file is missing, not text or empty, or its names are numbers, repeated, missing or not `columns`.
    """
    try:
        with path.open("rb") as file:
            start = file.readline(_MAX_HEADER)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except OSError as problem:
        raise DataError(f"{path}: cannot be read ({problem.strerror})") from None
    if not start:
        raise DataError(f"{path}: empty file; expected a line of column names and rows of numbers")
    try:
        text = start.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise DataError(f"{path}: not a CSV file in UTF-8 (binary content in line 1)")
    line = re.split(r"[\r\n]", text, maxsplit=1)[0]
    try:
        names = tuple(name.strip() for name in next(csv.reader([line], strict=True), []))
    except csv.Error as problem:
        raise DataError(f"{path}: line 1 is not a line of column names ({problem})") from None
    _check_names(path, names, columns)
    return names


def _check_names(path: Path, names: tuple[str, ...], columns: Sequence[str] | None) -> None:
    if names and all(map(is_number, names)):
        expected = ",".join(columns) if columns else "column names"
        raise DataError(f"{path}: line 1 holds numbers, not column names; expected {expected}")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(f"{path}: column {_list(repeated)} appears more than once")
    if not names or "" in names:
        raise DataError(f"{path}: column {names.index('') + 1 if names else 1} has no name in line 1")
    if columns is None or names == tuple(columns):
        return
    missing = [name for name in columns if name not in names]
    extra = [name for name in names if name not in columns]
    if not missing and not extra:
        raise DataError(f"{path}: columns in the order {_list(names)}; expected {','.join(columns)}")
    parts = [f"{word} {_list(found)}" for word, found in (("missing", missing), ("unexpected", extra)) if found]
    hint = "; cells must be separated by commas" if len(names) == 1 and re.search(r"[;\t|]", names[0]) else ""
    raise DataError(f"{path}: columns: {', '.join(parts)}; expected {','.join(columns)}{hint}")


def find_faults(path: Path, names: Sequence[str]) -> Iterator[str]:
    """Describe every fault for which `read_matrix` would raise an error, one line each; slower than reading.

    Args:
        path: the file; its first line holds the column names.
        names: the column names.
    """
    row = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            next(reader, None)
            for cells in reader:
                if not cells:
                    continue  # a blank line
                row += 1
                place = f"{path}: row {row} (line {reader.line_num})"
                if len(cells) != len(names):
                    yield f"{place}: {len(cells)} cells, expected {len(names)}: {','.join(names)}"
                    continue
                for name, cell in zip(names, cells, strict=True):
                    problem = _cell_problem(cell)
                    if problem:
                        yield f"{place}, column {name!r}: {problem}; expected a finite number"
    except UnicodeDecodeError:
        yield f"{path}: not a CSV file in UTF-8 (binary content after row {row})"
    except csv.Error as problem:
        yield f"{path}: not a CSV file after row {row} ({problem})"


def _cell_problem(cell: str) -> str | None:
    if not cell.strip():
        return "an empty cell"
    if is_number(cell) and np.isfinite(float(cell)):
        return None
    shown = cell if len(cell) <= 40 else cell[:40] + "…"
    return f"got {shown!r}"


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name[:40]) for name in names[:8])
    return shown if len(names) <= 8 else f"{shown} and {len(names) - 8} more"


@dataclass(frozen=True, eq=False)
class Block:
    """A block of rows of a file.

    Attributes:
        values: (n, columns), or (n, ...) of an .npy file; NaN for a cell without a number.
        progress: share of the file that has been read.
    """

    values: Float[np.ndarray, "n ..."]
    progress: float


def column_names(path: Path) -> list[str]:
    """The column names of a .csv or .parquet file, without the spaces around them and without a unit of m or rad.

    Raises:
        DataError: the file is missing or has another format.
        MissingExtraError: pyarrow is not installed.
    """
    return [_plain_name(name) for name in _stored_names(path)]


def _plain_name(name: str) -> str:
    """A column name without the unit in which kinverse reads numbers: `x [m]` is x."""
    return re.sub(r"\s*[\[(](m|rad)[\])]$", "", name.strip())


def read_blocks(path: Path, columns: Sequence[str]) -> Iterator[Block]:
    """Read some columns of a .csv or .parquet file in blocks; the file may have them in any order, and others too.

    Args:
        path: the file.
        columns: names of existing columns.

    Raises:
        DataError: the file has another format, or a row has too few cells.
        MissingExtraError: pyarrow is not installed.
    """
    stored = _stored_names(path)
    names = list(map(_plain_name, stored))
    repeated = [name for name in columns if names.count(name) > 1]
    if repeated:
        raise DataError(f"{path}: column {quoted(repeated[0])} appears more than once")
    place = dict(zip(names, stored, strict=True))
    reader = _csv_blocks if path.suffix == ".csv" else _parquet_blocks
    return reader(path, [place[name] for name in columns])


def read_array_blocks(path: Path, shape: tuple[int, ...]) -> Iterator[Block]:
    """Read an .npy file in blocks.

    Args:
        path: the file.
        shape: shape of one row.

    Raises:
        DataError: the file is missing, or has another format or shape.
    """
    try:
        with np.errstate(all="ignore"):  # NumPy multiplies the sizes in a damaged header without looking
            array = np.load(_existing(path), mmap_mode="r", allow_pickle=False)
    except Exception as problem:  # NumPy's reader of damaged headers raises errors of many types
        raise DataError(f"{path}: not an .npy file of numbers ({one_line(problem, 200)})") from None
    if not isinstance(array, np.ndarray) or array.shape[1:] != shape or array.dtype.kind not in "fiu":
        got = getattr(array, "shape", type(array).__name__)
        raise DataError(f"{path}: expected numbers of shape (n, {', '.join(map(str, shape))}), got {got}")
    for first in range(0, len(array), BLOCK):
        block = np.asarray(array[first : first + BLOCK], dtype=np.float64)
        yield Block(block, (first + len(block)) / len(array))


def _existing(path: Path) -> Path:
    if path.suffix not in SUFFIXES:
        raise DataError(f"{path}: expected a file ending in {', '.join(SUFFIXES)}")
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    return path


def _stored_names(path: Path) -> list[str]:
    _existing(path)
    arrow = require_arrow()
    from pyarrow import csv as arrow_csv
    from pyarrow import parquet

    try:
        if path.suffix == ".parquet":
            names = parquet.read_schema(path).names
        else:
            options = arrow_csv.ReadOptions(block_size=1 << 16)
            names = arrow_csv.open_csv(path, options, _parse_options(path)).schema.names
    except UnicodeDecodeError:
        raise DataError(f"{path}: its column names are not UTF-8; save the file in UTF-8") from None
    except (arrow.ArrowException, OSError, ValueError) as problem:
        kind = "Parquet table of numbers" if path.suffix == ".parquet" else "CSV table"
        raise DataError(f"{path}: not a {kind} ({one_line(problem, 200)})") from None
    return list(names)


def _parse_options(path: Path) -> Any:
    """How Arrow splits a CSV file: at commas, or at the semicolons or tabs of a first line without commas."""
    from pyarrow import csv as arrow_csv

    with path.open("rb") as file:
        line = file.readline(_MAX_HEADER)
    mark = next((mark for mark in (";", "\t") if mark.encode() in line and b"," not in line), ",")
    return arrow_csv.ParseOptions(delimiter=mark)


def _csv_blocks(path: Path, names: list[str]) -> Iterator[Block]:
    arrow = require_arrow()
    from pyarrow import csv as arrow_csv

    size = max(path.stat().st_size, 1)
    with path.open("rb") as file:
        try:
            # Cells are read as text, so that a cell without a number spoils its own row only.
            reader = arrow_csv.open_csv(
                file,
                read_options=arrow_csv.ReadOptions(block_size=BLOCK * 24 * len(names)),
                parse_options=_parse_options(path),
                convert_options=arrow_csv.ConvertOptions(
                    include_columns=names, column_types=dict.fromkeys(names, arrow.string()), strings_can_be_null=False
                ),
            )
            for batch in reader:
                values = np.column_stack([_numbers(batch.column(name)) for name in names])
                yield Block(values, min(file.tell() / size, 1.0))
        except (arrow.ArrowException, ValueError) as problem:
            raise DataError(f"{path}: not a CSV table ({one_line(problem, 200)})") from None


def _parquet_blocks(path: Path, names: list[str]) -> Iterator[Block]:
    arrow = require_arrow()
    from pyarrow import parquet

    try:
        file, done = parquet.ParquetFile(path), 0
        for batch in file.iter_batches(BLOCK, columns=names):
            done += len(batch)
            values = np.column_stack([_numbers(batch.column(name)) for name in names])
            yield Block(values, done / max(file.metadata.num_rows, 1))
    except (arrow.ArrowException, OSError, ValueError) as problem:
        raise DataError(f"{path}: not a Parquet table of numbers ({one_line(problem, 200)})") from None


def _numbers(column: Any) -> Float[np.ndarray, " n"]:
    """A column as float64, with NaN for cells without a number."""
    arrow = require_arrow()
    try:
        return column.cast(arrow.float64()).to_numpy(zero_copy_only=False)
    except (arrow.ArrowInvalid, arrow.ArrowNotImplementedError):
        return np.array([_number(cell) for cell in column.to_pylist()])


def _number(cell: object) -> float:
    """A cell as a number, with a point or a comma as the decimal mark; NaN if it is none."""
    text = str(cell).replace(",", ".")
    return float(text) if is_number(text) else np.nan


def csv_bytes(names: Sequence[str], values: Float[np.ndarray, "n c"], decimals: int | None = None) -> bytes:
    """A table as CSV text with Unix line ends.

    Args:
        names: c column names.
        values: (n, c).
        decimals: digits after the point; None: the fewest digits that give the same double when read.

    Raises:
        DataError: a column name holds a line break.
    """
    if any(re.search(r"[\r\n]", name) for name in names):
        raise DataError(f"column names must fit on one line, got {listed(map(repr, names), 8)}")
    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(names)
    if decimals is not None:
        line = ",".join([f"%.{decimals}f"] * len(names)) + "\n"
        body = ((line * len(values)) % tuple(values.ravel().tolist())).encode()
    else:
        pyarrow = require_arrow()
        from pyarrow import csv as arrow_csv

        sink = pyarrow.BufferOutputStream()
        table = pyarrow.table([pyarrow.array(column) for column in values.T], names=[str(i) for i in range(len(names))])
        arrow_csv.write_csv(table, sink, arrow_csv.WriteOptions(include_header=False))
        body = sink.getvalue().to_pybytes()
    return header.getvalue().encode() + body


class TableWriter(AbstractContextManager["TableWriter"]):
    """Writes rows in blocks to a temporary file and renames it when complete."""

    def __init__(self, path: Path, names: list[str]) -> None:
        """Open a table for writing.

        Args:
            path: ends in .csv, .npy (numbers only, text columns are omitted) or .parquet.
            names: column names.

        Raises:
            DataError: the path has another ending.
            MissingExtraError: pyarrow is not installed.
        """
        if path.suffix not in SUFFIXES:
            raise DataError(f"{path}: results are written to {', '.join(SUFFIXES)}")
        self.path, self.names = path, names
        self.rows = 0
        self._temporary = temporary_beside(path)
        self._arrow_writer: Any = None
        self._file: Any = None
        if path.suffix == ".npy":
            self._file = self._temporary.open("wb")
            self._write_npy_header(0, 1)
        else:
            require_arrow()

    def write(self, columns: list[np.ndarray]) -> None:
        """Append rows.

        Args:
            columns: an array for each name, all of equal length.
        """
        self.rows += len(columns[0])
        if self._file is not None:
            numbers = [np.asarray(column, dtype="<f8") for column in columns if column.dtype.kind in "fiub"]
            self._file.write(np.ascontiguousarray(np.column_stack(numbers)).tobytes())
            self._width = len(numbers)
            return
        arrow = require_arrow()
        table = arrow.table(dict(zip(self.names, map(arrow.array, columns), strict=True)))
        if self._arrow_writer is None:
            self._arrow_writer = self._open(table.schema)
        self._arrow_writer.write_table(table)

    def _open(self, schema: Any) -> Any:
        if self.path.suffix == ".csv":
            from pyarrow import csv

            # Numbers and status words need no quotes; the name of a joint may.
            header = "needed" if any(set(name) & set(',"\r\n') for name in self.names) else "none"
            options = csv.WriteOptions(quoting_style="none", quoting_header=header)
            return csv.CSVWriter(self._temporary, schema, write_options=options)
        from pyarrow import parquet

        return parquet.ParquetWriter(self._temporary, schema)

    def _write_npy_header(self, rows: int, columns: int) -> None:
        """Write the header of an .npy file; NumPy pads it to 128 bytes, so that the final row count fits later."""
        self._file.seek(0)
        header = {"descr": "<f8", "fortran_order": False, "shape": (rows, columns)}
        np.lib.format.write_array_header_1_0(self._file, header)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file; after an error it is deleted."""
        try:
            if self._file is not None:
                if kind is None:
                    self._write_npy_header(self.rows, self._width)
                self._file.close()
            if self._arrow_writer is not None:
                self._arrow_writer.close()
            if kind is None:
                self._temporary.replace(self.path)
        except OSError as problem:
            _name(problem, self.path)
            raise
        finally:
            remove(self._temporary)
            if isinstance(error, OSError):
                _name(error, self.path)


def _name(problem: OSError, path: Path) -> None:
    """Name the file in an error that names none, as that of a full disk."""
    if problem.errno is not None and problem.filename is None:
        problem.filename = str(path)


def require_arrow() -> Any:
    """The module pyarrow, or MissingExtraError."""
    try:
        import pyarrow
    except ModuleNotFoundError:
        raise MissingExtraError("files", "pyarrow") from None
    return pyarrow
