"""The progress bar of a training, with the losses and the time left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

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
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

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

    def on_epoch(state: TrainingState) -> None:
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
        yield on_epoch
    finally:
        progress.stop()
