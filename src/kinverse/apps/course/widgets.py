"""A quiz with buttons, for notebooks."""

from __future__ import annotations

import html
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

if TYPE_CHECKING:
    from collections.abc import Callable

    from kinverse.tables import Table


def quiz_widget(questions: list[tuple[str, list[tuple[str, str]], Callable[[], Table] | None]]) -> Any:
    """Questions with options to choose, feedback on each, and a button that runs the experiment.

    Args:
        questions: for each question its text, options as (text, feedback), and the experiment or None.
    """
    return widgets.VBox([_question(i + 1, *question) for i, question in enumerate(questions)])


def _question(
    number: int, text: str, options: list[tuple[str, str]], experiment: Callable[[], Table] | None
) -> widgets.VBox:
    feedback = widgets.HTML()
    choice = widgets.RadioButtons(
        options=[(option, i) for i, (option, _) in enumerate(options)],
        value=None,
        layout={"width": "max-content"},
    )

    def chosen(change: dict[str, Any]) -> None:
        if change["new"] is not None:
            feedback.value = f"<p>{html.escape(options[change['new']][1])}</p>"

    choice.observe(chosen, names="value")
    parts: list[Any] = [widgets.HTML(f"<p><b>{number}.</b> {html.escape(text)}</p>"), choice, feedback]
    if experiment is not None:
        button, measured = widgets.Button(description="run the experiment"), widgets.HTML()
        button.on_click(partial(_measure, experiment, measured))
        parts += [button, measured]
    return widgets.VBox(parts)


def _measure(experiment: Callable[[], Table], measured: widgets.HTML, _: Any) -> None:
    measured.value = "<p>measuring …</p>"
    measured.value = experiment()._repr_html_()
