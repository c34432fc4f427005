"""Tables, warnings and progress bars on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import rich.table
from rich import box
from rich.console import Console
from rich.text import Text

from kinverse.apps.cli.options import OK
from kinverse.tables import Table, format_cell, is_number

MAX_WORD = 24
"""Longer words, such as paths, may be broken."""


def show(*parts: Table | str) -> int:
    """Print tables and lines one below the other; gives the exit code of success."""
    for part in parts:
        if isinstance(part, Table):
            print_table(part)
        else:
            print_line(part)
    return OK


def print_table(table: Table) -> None:
    """Print a table with numbers aligned right; on a narrow terminal cells wrap and are never truncated.

    Words are not broken where there is room: what is too wide, but narrow enough with its rows as columns, is turned.
    """
    console = _console()
    fitting = ((form, _widths(form, console.width)) for form in (table, _turned(table)))
    shown, widths = next((found for found in fitting if found[1]), (table, [None] * len(table.columns)))
    drawn = rich.table.Table(title=shown.title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column, right, width in zip(shown.columns, shown.is_numeric, widths, strict=True):
        drawn.add_column(Text(column), justify="right" if right else "left", overflow="fold", width=width)
    for row in shown.text_rows:
        drawn.add_row(*map(Text, row))
    console.print(drawn)
    if table.note:
        console.print(Text(table.note, style="dim"))


def _turned(table: Table) -> Table:
    """The table with a row for each of its columns; the words at the beginning of a row become its heading."""
    words = 0
    while words < len(table.columns) - 1 and not any(is_number(row[words]) for row in table.rows):
        words += 1
    headings = [" ".join(map(format_cell, row[:words])) for row in table.rows]
    rows = [[column, *(row[i] for row in table.rows)] for i, column in enumerate(table.columns) if i >= words]
    corner = " ".join(table.columns[:words]).strip()
    return Table(table.title, [corner, *headings], rows, table.note)


def _widths(table: Table, width: int) -> list[int]:
    """Widths of the columns at which no word is broken, or none if there are none that fit.

    Rich shrinks columns without regard to words, so the widest is made narrower here until all fit.
    """
    columns = list(map(list, zip(table.columns, *table.text_rows, strict=True)))
    least = [min(max(map(len, " ".join([*column, "-"]).split())), MAX_WORD) for column in columns]
    widths = [max(1, *map(len, column)) for column in columns]
    room = width - 3 * (len(columns) - 1) - 2  # three characters between two columns, one at each side
    while sum(widths) > room:
        wide = [i for i in range(len(widths)) if widths[i] > least[i]]
        if not wide:
            return []
        widths[max(wide, key=lambda i: widths[i])] -= 1
    return widths


def print_warnings(warnings: Iterable[str]) -> None:
    """Print each warning on a line of its own, marked by a word and not by colour alone."""
    console = _console()
    for warning in warnings:
        console.print(Text.assemble(("warning: ", "bold"), warning))


def print_line(text: str) -> None:
    """Print a line as it is: square brackets are no markup."""
    _console().print(Text(text))


def width() -> int:
    """Columns of the terminal; in a pipe or a file at least 160, so that no table is cut there."""
    console = Console()
    return console.width if console.is_terminal else max(console.width, 160)


def _console() -> Console:
    return Console(width=width())


@contextmanager
def progress_bar(label: str, shown: bool) -> Iterator[Callable[[str, float], None]]:
    """A bar on stderr; gives the function to call with what is being done now and the share that is done [0, 1].

    The bar appears with the first call, and not at all where stderr is no terminal.

    Args:
        label: stands before the bar.
        shown: whether there is a bar at all.
    """
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:.0f} %"),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        TextColumn("{task.fields[doing]}"),
    )
    console = Console(stderr=True)
    progress = Progress(*columns, console=console, disable=not (shown and console.is_terminal), transient=True)
    task = progress.add_task(label, total=1.0, doing="")

    def watch(doing: str, share: float) -> None:
        progress.start()
        progress.update(task, completed=share, doing=doing, refresh=True)

    try:
        yield watch
    finally:
        progress.stop()
