"""Columns of numbers in files: the one writer of .csv, .npy and .parquet, whole or block by block."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from jaxtyping import Float

from kinverse.errors import DataError, listed
from kinverse.read_columns import SUFFIXES, require_arrow


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
            self._file.write(b"\0" * _NPY_HEADER)
        else:
            require_arrow()

    def write(self, columns: list[np.ndarray]) -> None:
        """Add rows: a column of each name, of equal length."""
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


_NPY_HEADER = 128
"""Bytes before the numbers of an .npy file; the number of rows is known, and written, last."""


def _npy_header(shape: tuple[int, int]) -> bytes:
    """The header of an .npy file, format 1.0, padded to `_NPY_HEADER` bytes."""
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}"
    start = b"\x93NUMPY\x01\x00" + (_NPY_HEADER - 10).to_bytes(2, "little")
    return start + text.ljust(_NPY_HEADER - 11).encode("latin1") + b"\n"
