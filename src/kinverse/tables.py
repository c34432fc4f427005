"""`Table`: rows of values under column headings, for terminals and HTML pages."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kinverse.errors import ShapeError

Cell = str | float | int | None
_NUMBER = re.compile(r"[+\-−±<>≤≥≈]?\s*\d[\d.,  ]*([eE][+\-−]?\d+)?(\s*(±|–|…)\s*\d\S*)?(\s*[^\s\d]{1,8})?")
"""Text that is aligned as a number: digits, with an optional sign, exponent, spread and short unit."""
LONG = 50
"""Longer text [characters] gets a minimum width in pages, so that its column does not shrink to one word per line."""


@dataclass(frozen=True)
class Table:
    """A table with a title.

    Attributes:
        title: heading above the table.
        columns: column headings, with their units.
        rows: one value per column; `format_cell` converts them to text.
        note: text under the table.

    Raises:
        ShapeError: a row has more or fewer values than there are columns.

    Example:
        >>> Table("Losses", ("", "MSE"), [("best", 0.012345), ("last", None)]).text_rows
        [['best', '0.01234'], ['last', '–']]
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

    @property
    def text_rows(self) -> list[list[str]]:
        """The rows with every value as text."""
        return [[format_cell(value) for value in row] for row in self.rows]

    @property
    def is_numeric(self) -> list[bool]:
        """For each column, whether all its values are numbers; such a column is aligned right."""
        return [bool(self.rows) and all(is_number(row[i]) for row in self.rows) for i in range(len(self.columns))]

    def to_html(self, links: Mapping[str, str] | None = None, *, style: str = "") -> str:
        """The rows as an HTML `<table>`, without title and note; all text is escaped.

        Args:
            links: first value of a row → address of its link.
            style: CSS of the table, for pages without a style sheet.
        """
        numeric, links = self.is_numeric, links or {}
        head = "".join(
            f'<th scope="col" {_style(right)}>{html.escape(column)}</th>'
            for column, right in zip(self.columns, numeric, strict=True)
        )
        rows = []
        for row in self.rows:
            cells = []
            for i, value in enumerate(row):
                text = html.escape(format_cell(value))
                if i == 0 and isinstance(value, str):
                    text = f'<a href="{html.escape(links[value])}">{text}</a>' if value in links else text
                    cells.append(f'<th scope="row" {_style(False)}>{text}</th>')
                else:
                    cells.append(f"<td {_style(numeric[i], len(text) > LONG)}>{text}</td>")
            rows.append(f"<tr>{''.join(cells)}</tr>\n")
        table = f'<table style="{html.escape(style)}">' if style else "<table>"
        return f"{table}\n<thead><tr>{head}</tr></thead>\n<tbody>\n{''.join(rows)}</tbody>\n</table>"

    def _repr_html_(self) -> str:
        """Title, rows and note as HTML for notebooks."""
        note = f"\n<p>{html.escape(self.note)}</p>" if self.note else ""
        return f"<p><b>{html.escape(self.title)}</b></p>\n{self.to_html() if self.rows else ''}{note}"


def format_cell(value: Cell) -> str:
    """Convert a table value to text: floats have four significant digits, None and NaN become a dash."""
    if isinstance(value, float):
        return "–" if math.isnan(value) else f"{value:.4g}".replace("-", "−")
    return "–" if value is None else str(value)


def is_number(value: Cell) -> bool:
    """Whether a table value is a number, a dash, or text that looks like a number."""
    return not isinstance(value, str) or value == "–" or _NUMBER.fullmatch(value.strip()) is not None


def _style(right: bool, is_long: bool = False) -> str:
    """HTML attributes of a cell; they include the alignment, since notebooks lack our style sheet."""
    if right:
        return 'class="number" style="text-align:right"'
    return 'class="long" style="text-align:left"' if is_long else 'style="text-align:left"'
