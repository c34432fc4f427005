"""Strict CSV reading and exact CSV writing: a table of numbers under one line of column names."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float

from kinverse.errors import DataError

_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_LONGEST_HEADER = 1 << 20


def read_matrix(path: Path | str, columns: Sequence[str] | None = None) -> tuple[tuple[str, ...], np.ndarray]:
    """Read a CSV file of finite numbers under one line of column names, or say where it is none.

    Spaces around names and numbers do not count, blank lines neither; CRLF and a byte order mark are fine.
    Rows are counted as a person counts them: row 1 is the first below the names (line 2 of the file).

    Args:
        path: the file.
        columns: the names that the file must have, in this order; None: any.

    Returns:
        The column names, and the values (n, c), float64, correctly rounded.

    Raises:
        DataError: one line naming file, row, line and column: no such file, not text, other columns, text,
            NaN, inf or nothing in a cell, a row that is too short or too long, no rows.
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
    """The fast road: all cells at once by Arrow's parser, correctly rounded; None where it finds a fault."""
    import pyarrow
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
        if re.search("Empty CSV|Could not skip", str(problem)):  # nothing below the line of names
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
        DataError: no such file, not text, empty, numbers instead of names, a name twice, or other columns.
    """
    try:
        with path.open("rb") as file:
            start = file.readline(_LONGEST_HEADER)
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
    if names and all(_NUMBER.fullmatch(name) for name in names):
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
    """Every cell and row of a CSV file that is not what `read_matrix` wants, one line each: the slow road.

    Args:
        path: a file whose first line holds the names.
        names: its column names.
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
    if _NUMBER.fullmatch(cell) and np.isfinite(float(cell)):
        return None
    shown = cell if len(cell) <= 40 else cell[:40] + "…"
    return f"got {shown!r}"


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name[:40]) for name in names[:8])
    return shown if len(names) <= 8 else f"{shown} and {len(names) - 8} more"


def csv_bytes(names: Sequence[str], values: Float[np.ndarray, "n c"], decimals: int | None = None) -> bytes:
    """A table as CSV text, with the line ends of Unix.

    Args:
        names: (c) column names.
        values: (n, c).
        decimals: digits after the point; None: the fewest digits that read back as the same double.

    Raises:
        DataError: a column name holds a line break.
    """
    if any(re.search(r"[\r\n]", name) for name in names):
        raise DataError(f"column names must fit on one line, got {_list(list(names))}")
    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(names)
    if decimals is not None:
        line = ",".join([f"%.{decimals}f"] * len(names)) + "\n"
        body = ((line * len(values)) % tuple(values.ravel().tolist())).encode()
    else:
        import pyarrow
        from pyarrow import csv as arrow_csv

        sink = pyarrow.BufferOutputStream()
        table = pyarrow.table([pyarrow.array(column) for column in values.T], names=[str(i) for i in range(len(names))])
        arrow_csv.write_csv(table, sink, arrow_csv.WriteOptions(include_header=False))
        body = sink.getvalue().to_pybytes()
    return header.getvalue().encode() + body


def bytes_sha256(content: bytes) -> str:
    """Hex digest of a file's content before it is written."""
    return hashlib.sha256(content).hexdigest()
