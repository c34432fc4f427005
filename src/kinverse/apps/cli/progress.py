"""Progress bars for work in named steps, and for work of unknown length."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def steps_bar(label: str, shown: bool = True) -> Iterator[Callable[[str, float], None]]:
    """A bar on stderr; gives the function to call with what is being done now and the share that is done [0, 1].

    Nothing is shown where stderr is no terminal.

    Args:
        label: what stands before it.
        shown: False: no bar at all.
    """
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), TextColumn("{task.fields[doing]}"))
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


@contextmanager
def share_bar(shown: bool, label: str) -> Iterator[Callable[[float], None]]:
    """A bar on stderr for work of unknown length; gives the function to call with the share that is done.

    Args:
        shown: False, or where stderr is no terminal: nothing is shown.
        label: what stands before it.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:.0f} %"),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not (shown and console.is_terminal), transient=True) as progress:
        task = progress.add_task(label, total=1.0)
        yield lambda share: progress.update(task, completed=share)
