"""Tables and warnings on a terminal."""

from __future__ import annotations

from collections.abc import Iterable

import rich.table
from rich import box
from rich.console import Console
from rich.text import Text

from kinverse.show.table import Table, cell, is_number


def print_table(table: Table) -> None:
    """Print a table; numbers stand to the right, and nothing is cut off on a narrow terminal."""
    console = _console()
    drawn = rich.table.Table(title=table.title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for i, column in enumerate(table.columns):
        numbers = all(is_number(row[i]) for row in table.rows)
        drawn.add_column(Text(column), justify="right" if numbers else "left", overflow="fold")
    for row in table.rows:
        drawn.add_row(*(Text(cell(value)) for value in row))
    console.print(drawn)
    if table.note:
        console.print(Text(table.note, style="dim"))


def print_warnings(warnings: Iterable[str]) -> None:
    """Print each warning on a line of its own, marked by a word and not by colour alone."""
    console = _console()
    for warning in warnings:
        console.print(Text.assemble(("warning: ", "bold"), warning))


def print_line(text: str) -> None:
    """Print a line as it is: square brackets are no markup."""
    _console().print(Text(text))


def _console() -> Console:
    console = Console()
    # In a pipe or a log file there is no width to keep to: never cut a table there.
    return console if console.is_terminal else Console(width=max(console.width, 160))
