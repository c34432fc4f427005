"""The losses of a training: one row for each measured epoch, as columns and as a CSV file."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from kinverse.errors import RunError


class HistoryRow(NamedTuple):
    """Both losses at the weights after `epoch` passes over the training rows; row 0 is the untrained network."""

    epoch: int
    train_loss: float
    validation_loss: float
    learning_rate: float


@dataclass(frozen=True, eq=False)
class History:
    """Both losses after every epoch, measured at the same weights; row 0 is the untrained network.

    Attributes:
        epoch: (n,) passes over the training rows, 0 … n − 1.
        train_loss: (n,) over all training rows, in evaluation mode; with resample, over as many rows of the
            next epoch as there are validation rows.
        validation_loss: (n,) over all validation rows, in evaluation mode.
        learning_rate: (n,) of the next step.

    Example:
        >>> best = model.history.epoch[model.history.validation_loss.argmin()]
    """

    epoch: Int[np.ndarray, " n"]
    train_loss: Float[np.ndarray, " n"]
    validation_loss: Float[np.ndarray, " n"]
    learning_rate: Float[np.ndarray, " n"]

    @classmethod
    def of(cls, rows: Sequence[HistoryRow]) -> History:
        """Columns from rows."""
        columns = list(zip(*rows, strict=True)) or [()] * len(fields(cls))
        epoch, *losses = (np.array(column) for column in columns)
        return cls(epoch.astype(np.int64), *(loss.astype(np.float64) for loss in losses))

    def __len__(self) -> int:
        return len(self.epoch)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, History):
            return NotImplemented
        return all(np.array_equal(getattr(self, f.name), getattr(other, f.name)) for f in fields(self))

    __hash__ = None  # type: ignore[assignment]

    def rows(self) -> list[HistoryRow]:
        """One row for each epoch."""
        columns = (getattr(self, f.name).tolist() for f in fields(self))
        return [HistoryRow(*values) for values in zip(*columns, strict=True)]


def history_csv(rows: Sequence[HistoryRow]) -> str:
    """The history as CSV text; Python's shortest float text reads back to the same bits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HistoryRow._fields)
    writer.writerows(rows)
    return text.getvalue()


def read_history(path: Path) -> History:
    """Read a history.

    Raises:
        RunError: another header, a malformed row, or epochs that do not count up from 0; the line is named.
    """
    try:
        lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise RunError(f"{path}: cannot be read ({problem})") from None
    if not lines or tuple(lines[0]) != HistoryRow._fields:
        raise RunError(f"{path}: the first line should be {','.join(HistoryRow._fields)}")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        try:
            row = HistoryRow(int(line[0]), *map(float, line[1:]))
        except (ValueError, TypeError, IndexError):
            raise RunError(f"{path}: line {number} is not a row of the history: {','.join(line)[:80]!r}") from None
        if row.epoch != number - 2 or math.isnan(row.learning_rate):
            raise RunError(f"{path}: line {number} has epoch {row.epoch}, expected {number - 2}")
        rows.append(row)
    return History.of(rows)
