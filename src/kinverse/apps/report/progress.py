"""Progress bars: for trainings, with the losses and the time left, and for work in named steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from kinverse.learning.training.loop import TrainingState

SECONDS_BETWEEN_UPDATES = 0.1


@contextmanager
def training_bar(epochs: int, label: str = "training") -> Iterator[Callable[[TrainingState], str | None]]:
    """A bar on stderr; gives the function to call at every epoch, which costs next to nothing between two updates.

    Nothing is shown where stderr is no terminal.

    Args:
        epochs: where the bar is full.
        label: what stands before it.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=12),
        TextColumn("{task.completed}/{task.total}"),
        TextColumn("loss {task.fields[train]} · val {task.fields[validation]}"),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
    )
    console = Console(stderr=True)
    progress = Progress(*columns, console=console, disable=not console.is_terminal)  # a log file needs no bar
    task = progress.add_task(label, total=epochs, train="–", validation="–")
    updated = 0.0

    def watch(state: TrainingState) -> None:
        nonlocal updated
        now = time.monotonic()
        if now - updated < SECONDS_BETWEEN_UPDATES and state.epoch < epochs:
            return
        updated = now
        progress.start()  # not before the training has begun: what is refused at once shows no bar
        if state.history:
            row = state.history[-1]
            train, validation = f"{row.train_loss:.3g}", f"{row.validation_loss:.3g}"
            progress.update(task, completed=state.epoch, train=train, validation=validation)

    try:
        yield watch
    finally:
        progress.stop()


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
