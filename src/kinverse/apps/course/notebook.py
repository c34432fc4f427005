"""Lessons in notebooks: `check`, `quiz` and `figure` for their cells, and the notebooks themselves."""

from __future__ import annotations

import ast
import atexit
import functools
import html
import io
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinverse.apps.course.cell_source import source_of
from kinverse.apps.course.lesson import FIGURE_DPI, Lesson, figure_split, find_lesson
from kinverse.apps.course.results import CheckReport, Submission
from kinverse.apps.course.runner import Runner
from kinverse.apps.course.text import feedback_text, question_text
from kinverse.errors import ConfigError
from kinverse.files import write_atomic

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def check(lesson: str | int, *answers: Callable[..., Any] | str | Path, seed: int | None = None) -> CheckReport:
    """Check an exercise on fresh inputs, in a process of its own.

    Args:
        lesson: number or name.
        answers: the functions and classes that the exercise asks for, or the path of a file with them.
        seed: seed of the random inputs; default: another one for every call.

    Returns:
        The result of every check; a notebook shows it as text.

    Raises:
        UnknownNameError: there is no such lesson.
        ConfigError: nothing to check was given, a function has no source, or it uses variables of the notebook that
            are not plain numbers or text.
    """
    found = find_lesson(lesson)
    drawn = secrets.randbits(31) if seed is None else seed
    return _runner().check(Submission(found.slug, source_of(*answers), found.file_name, drawn))


def quiz(lesson: str | int) -> Any:
    """The quiz of a lesson: with buttons if ipywidgets is installed, else as text.

    Raises:
        UnknownNameError: there is no such lesson.
    """
    found = find_lesson(lesson)
    numbers = range(1, len(found.questions) + 1)
    try:
        import ipywidgets
    except ModuleNotFoundError:
        return PlainText("\n\n".join(question_text(found.question(n), n) for n in numbers))
    return ipywidgets.VBox([_question_widget(found, n) for n in numbers])


class PlainText(str):
    """Text that a notebook shows as it is, without quotes."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


def _question_widget(lesson: Lesson, number: int) -> Any:
    """A question with options to choose, feedback on each, and a button that runs the experiment."""
    import ipywidgets

    question, feedback = lesson.question(number), ipywidgets.HTML()
    choice = ipywidgets.RadioButtons(
        options=[(f"{letter}) {question.option(letter).text}", i) for i, letter in enumerate(question.letters)],
        value=None,
        layout={"width": "max-content"},
    )

    def show_feedback(change: dict[str, Any]) -> None:
        if change["new"] is not None:
            letter = question.letters[change["new"]]
            feedback.value = f"<p>{html.escape(feedback_text(letter, question.option(letter)))}</p>"

    choice.observe(show_feedback, names="value")
    parts = [ipywidgets.HTML(f"<p><b>{number}.</b> {html.escape(question.text)}</p>"), choice, feedback]
    if question.experiment:
        button, measured = ipywidgets.Button(description="run the experiment"), ipywidgets.HTML()

        def measure(_: Any) -> None:
            measured.value = "<p>measuring …</p>"
            measured.value = lesson.run_experiment(number)._repr_html_()

        button.on_click(measure)
        parts += [button, measured]
    return ipywidgets.VBox(parts)


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure that a notebook shows, independent of its settings for matplotlib.

    Attributes:
        figure: the figure.
        text: a description in words.
    """

    figure: Figure
    text: str

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png", dpi=FIGURE_DPI)
        return buffer.getvalue()


def figure(lesson: str | int) -> Picture:
    """The figure of a lesson.

    Raises:
        UnknownNameError: there is no such lesson.
    """
    found = find_lesson(lesson)
    return Picture(found.draw_figure(), found.figure.text)


@functools.cache
def _runner() -> Runner:
    """One worker for the whole session, so that only the first check waits for libraries to load."""
    runner = Runner()
    atexit.register(runner.close)
    return runner


def write_notebooks(chosen: Sequence[Lesson], folder: Path, overwrite: bool = False) -> list[Path]:
    """Write a notebook for each lesson.

    Args:
        chosen: the lessons.
        folder: target folder; made if it does not exist.
        overwrite: replace existing notebooks.

    Raises:
        ConfigError: a notebook exists already, or a file has the folder's name.
    """
    paths = [folder / f"{Path(lesson.file_name).stem}.ipynb" for lesson in chosen]
    for path in paths:
        if path.exists() and not overwrite:
            raise ConfigError(f"{path}: exists already and may hold your answers; --overwrite replaces it")
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder}: is a file; give a folder")
    folder.mkdir(parents=True, exist_ok=True)
    for lesson, path in zip(chosen, paths, strict=True):
        write_atomic(path, json.dumps(notebook(lesson), indent=1, ensure_ascii=False) + "\n")
    return paths


def notebook(lesson: Lesson, code: str | None = None) -> dict[str, Any]:
    """A lesson as a notebook (nbformat 4.5).

    Args:
        lesson: the lesson.
        code: content of the exercise's cell; default: the exercise to fill in.
    """
    code = lesson.exercise if code is None else code
    before, after = figure_split(lesson.text)
    names = ", ".join(_defined(lesson.exercise))
    cells = [
        ("markdown", before.strip()),
        ("code", f'import kinverse as kv\n\nkv.course.figure("{lesson.slug}")'),
        ("markdown", f"*{lesson.figure.text}*\n\n{after.strip()}"),
        ("code", code.strip()),
        ("code", f'kv.course.check("{lesson.slug}", {names})'),
        ("code", f'kv.course.quiz("{lesson.slug}")'),
    ]
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": [_cell(kind, text, f"{lesson.folder.name[:8]}-{i}") for i, (kind, text) in enumerate(cells)],
        "metadata": {"kernelspec": python, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(kind: str, text: str, name: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "id": name, "metadata": {}, "source": text.splitlines(keepends=True)}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _defined(source: str) -> list[str]:
    return [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
