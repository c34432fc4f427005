"""Lessons as notebooks: made from the same source, run by a kernel, with `check`, `quiz` and `figure` in cells."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import kinverse as kv
from kinverse.apps.course.lesson import find_lesson, lessons
from kinverse.apps.course.notebook import notebook, write_notebooks
from kinverse.errors import ConfigError

LESSON = find_lesson(3)


def test_every_notebook_is_valid_and_names_its_functions() -> None:
    for lesson in lessons():
        made = nbformat.from_dict(notebook(lesson))
        nbformat.validate(made)
        code = [c["source"] for c in made["cells"] if c["cell_type"] == "code"]
        assert f'kv.course.quiz("{lesson.slug}")' in code[-1]
        assert json.dumps(notebook(lesson)) == json.dumps(notebook(lesson))


def test_notebooks_run_in_a_kernel_and_their_solutions_pass(tmp_path: Path) -> None:
    """All lessons in one kernel: first unsolved, then solved, with functions that are defined in cells.

    One notebook runs completely. Figures and quizzes of the others, which take most of the time, have their own tests.
    """
    cells = notebook(LESSON)["cells"][1:2]  # which imports kinverse
    for lesson in lessons():
        given = notebook(lesson)["cells"]
        cells += given if lesson is LESSON else [*given[:1], *given[2:5]]
        cells += notebook(lesson, lesson.solution)["cells"][3:5]
    whole = notebook(LESSON) | {"cells": [c | {"id": f"c{i}"} for i, c in enumerate(cells)]}
    made = nbformat.from_dict(whole)
    for c in made["cells"]:
        c["source"] = "".join(c["source"])
    NotebookClient(made, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    said = [
        "".join(out.get("data", {}).get("text/plain", "") + out.get("text", "") for out in c["outputs"])
        for c in made["cells"]
        if c["cell_type"] == "code" and "kv.course.check(" in c["source"]
    ]
    assert len(said) == 2 * len(lessons())
    for lesson, first, second in zip(lessons(), said[::2], said[1::2], strict=True):
        assert "is not filled in yet" in first, lesson.slug
        assert "checks passed" in second and second.split(": ")[1].startswith("all "), second
    kinds = {kind for c in made["cells"] for out in c.get("outputs", []) for kind in out.get("data", {})}
    assert "image/png" in kinds and "application/vnd.jupyter.widget-view+json" in kinds


def test_notebooks_are_not_overwritten(tmp_path: Path) -> None:
    (path,) = write_notebooks([LESSON], tmp_path / "out")
    path.write_text("my answers")
    with pytest.raises(ConfigError, match="exists already and may hold your answers; --overwrite replaces it"):
        write_notebooks([LESSON], tmp_path / "out")
    assert path.read_text() == "my answers"
    write_notebooks([LESSON], tmp_path / "out", overwrite=True)
    assert json.loads(path.read_text())["nbformat"] == 4


def test_check_takes_a_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(LESSON.solution)
    report = kv.course.check(3, path)
    assert report.passed and "all 6 checks passed" in str(report)
    assert kv.course.check("scaling", str(path), seed=4).seed == 4


def test_the_quiz_has_buttons_for_feedback_and_experiments() -> None:
    widget = kv.course.quiz(3)
    first = widget.children[0]
    heading, choice, feedback, button, measured = first.children
    assert "Which rows may decide" in heading.value
    choice.value = 0
    assert "not correct" in feedback.value
    choice.value = 1
    assert "b) correct" in feedback.value
    button.click()
    assert "<table>" in measured.value


def test_the_quiz_is_text_without_widgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert "   b) The training rows." in kv.course.quiz(3)
