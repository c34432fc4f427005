"""`Table`: rows to be printed or written into a page, and how one value of them is written."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from kinverse.errors import ShapeError

Cell = str | float | int | None
_NUMBER = re.compile(r"[+\-−±<>≤≥≈]?\s*\d[\d.,  ]*([eE][+\-−]?\d+)?(\s*(±|–|…)\s*\d\S*)?(\s*[^\s\d]{1,8})?")
"""What stands in a table as a number: digits, maybe with a sign, an exponent, a spread and a short unit."""


@dataclass(frozen=True)
class Table:
    """A table with a heading.

    Attributes:
        title: its heading.
        columns: headings of the columns, with their units.
        rows: one value per column; a float is written with four significant digits, None as a dash.
        note: a sentence under the table.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""

    def __post_init__(self) -> None:
        for i, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                wanted = f"{len(self.columns)} values, one per column"
                raise ShapeError(f"table {self.title!r}: row {i} must have {wanted}, got {len(row)}")


def cell(value: Cell) -> str:
    """A table value as text: four significant digits for a float, a dash for None and NaN."""
    if isinstance(value, float):
        return "–" if math.isnan(value) else f"{value:.4g}".replace("-", "−")
    return "–" if value is None else str(value)


def is_number(value: Cell) -> bool:
    """Whether a table value stands to the right, as numbers do."""
    return not isinstance(value, str) or value == "–" or _NUMBER.fullmatch(value.strip()) is not None
