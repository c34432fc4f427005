"""The history of a training: one row of losses for each measured epoch, and its CSV file."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path

from kinverse.errors import RunError


@dataclass(frozen=True)
class HistoryRow:
    """Both losses after `epoch` passes over the training rows, measured at the same weights; row 0 is untrained.

    Attributes:
        epoch: passes finished.
        train_loss: over all training rows, in evaluation mode; where every epoch draws its own, over as many of
            the next ones as there are validation rows.
        validation_loss: over all validation rows, in evaluation mode.
        learning_rate: of the next step.
    """

    epoch: int
    train_loss: float
    validation_loss: float
    learning_rate: float


def history_csv(history: list[HistoryRow]) -> str:
    """The history as CSV text; Python's shortest float text reads back to the same bits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HistoryRow.__dataclass_fields__)
    writer.writerows((row.epoch, row.train_loss, row.validation_loss, row.learning_rate) for row in history)
    return text.getvalue()


def read_history(path: Path) -> tuple[HistoryRow, ...]:
    """Read a history.

    Raises:
        RunError: another header, a row that is no row, or epochs that do not count up from 0; the line is named.
    """
    try:
        lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise RunError(f"{path}: cannot be read ({problem})") from None
    expected = list(HistoryRow.__dataclass_fields__)
    if not lines or lines[0] != expected:
        raise RunError(f"{path}: the first line should be {','.join(expected)}")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        try:
            row = HistoryRow(int(line[0]), *map(float, line[1:]))
        except (ValueError, TypeError, IndexError):
            raise RunError(f"{path}: line {number} is not a row of the history: {','.join(line)[:80]!r}") from None
        if row.epoch != number - 2 or math.isnan(row.learning_rate):
            raise RunError(f"{path}: line {number} has epoch {row.epoch}, expected {number - 2}")
        rows.append(row)
    return tuple(rows)
