"""Drawing a lesson's figure."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from kinverse.apps.course.lesson import Lesson
from kinverse.errors import DataError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 110


def draw(lesson: Lesson) -> Figure:
    """Draw the figure of a lesson.

    Raises:
        DataError: the lesson names a function that does not exist.
    """
    module, _, name = lesson.figure.function.partition(":")
    try:
        function = getattr(importlib.import_module(module), name)
    except (AttributeError, ValueError):
        raise DataError(f"lesson {lesson.number}: unknown figure {lesson.figure.function!r}") from None
    figure: Figure = function()
    return figure


def save(lesson: Lesson, folder: Path) -> Path | None:
    """Save the figure in a folder unless it is there already; None if matplotlib is not installed."""
    path = folder / f"{Path(lesson.file_name).stem}.png"
    if path.exists():
        return path
    try:
        figure = draw(lesson)
    except ModuleNotFoundError:
        return None
    folder.mkdir(exist_ok=True)
    figure.savefig(path, dpi=DPI)
    return path
