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
    """Show a bar on stderr, and yield the function to call at every epoch; between two updates it returns at once.

    Nothing is shown if stderr is not a terminal.

    Args:
        epochs: number of epochs of a full bar.
        label: text before the bar.
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
        progress.start()  # once the training has begun: a refused setting shows no bar
        if state.history:
            row = state.history[-1]
            train, validation = f"{row.train_loss:.3g}", f"{row.validation_loss:.3g}"
            progress.update(task, completed=state.epoch, train=train, validation=validation)

    try:
        yield on_epoch
    finally:
        progress.stop()
