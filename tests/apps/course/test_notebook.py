"""Lessons as notebooks: made from the same source, run by a kernel; functions of a notebook as files to be checked."""

from __future__ import annotations

import json
import linecache
import sys
import types
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import kinverse as kv
from kinverse.apps.course.lesson import find_lesson, lessons
from kinverse.apps.course.notebook import notebook, write_notebooks
from kinverse.apps.course.source import source_of
from kinverse.errors import ConfigError

LESSON = find_lesson(3)


def cell(text: str, name: str) -> dict[str, object]:
    """What a notebook's cell defines, with its source where Python finds it."""
    module = types.ModuleType("notebook")
    sys.modules["notebook"] = module
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    exec(compile(text, name, "exec"), module.__dict__)
    return module.__dict__


def test_every_notebook_is_valid_and_names_its_functions() -> None:
    for lesson in lessons():
        made = nbformat.from_dict(notebook(lesson))
        nbformat.validate(made)
        code = [c["source"] for c in made["cells"] if c["cell_type"] == "code"]
        assert f'kv.course.quiz("{lesson.slug}")' in code[-1]
        assert json.dumps(notebook(lesson)) == json.dumps(notebook(lesson))


def test_notebooks_run_in_a_kernel_and_their_solutions_pass(tmp_path: Path) -> None:
    """All lessons in one kernel: first as they are given, then solved, by functions that live in cells.

    One notebook is run whole. Of the others figure and quiz are tested elsewhere, and take most of the time.
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
    with pytest.raises(ConfigError, match="exists already, maybe with your answers; --overwrite replaces it"):
        write_notebooks([LESSON], tmp_path / "out")
    assert path.read_text() == "my answers"
    write_notebooks([LESSON], tmp_path / "out", overwrite=True)
    assert json.loads(path.read_text())["nbformat"] == 4


def test_a_function_takes_along_what_it_uses() -> None:
    names = cell(
        "import math\nimport numpy as np\nfrom math import pi as half\nLIMIT = 3.0\nWORDS = ['a', ('b', 1)]\n\n"
        "class Point:\n    def __init__(self, x):\n        self.x = twice(x)\n\n"
        "def twice(x):\n    return LIMIT * math.cos(half) * x\n\n"
        "_ = {1}\ni = {2}\nx = {3}\n\n"
        "def answer(x: np.ndarray):\n    for i, _ in enumerate('a'):\n        pass\n"
        "    return Point(x).x, WORDS, answer.__name__\n",
        "<cell-1>",
    )
    made: dict[str, object] = {}
    text = source_of(names["answer"]).decode()
    exec(compile(text, "made.py", "exec"), made)
    assert made["answer"](2.0) == (-6.0, ["a", ("b", 1)], "answer")
    assert "numpy" not in text, "annotations are never looked up"


def test_what_cannot_be_taken_along_is_named() -> None:
    names = cell(
        "data = {1, 2}\nf = lambda x: x\ndef answer():\n    return data\ndef loop():\n    return loop()\n", "<cell-2>"
    )
    with pytest.raises(ConfigError, match="uses data of the notebook, which is no plain number or text"):
        source_of(names["answer"])
    assert b"def loop" in source_of(names["loop"])
    with pytest.raises(ConfigError, match="nothing to check"):
        source_of()
    with pytest.raises(ConfigError, match="functions, classes or one path expected, got '3'"):
        source_of(names["answer"], 3)
    with pytest.raises(ConfigError, match="no such file"):
        source_of("nowhere.py")
    hidden: dict[str, object] = {"__name__": "typed"}
    exec("def typed(): pass", hidden)
    with pytest.raises(ConfigError, match="the source of typed is not at hand"):
        source_of(hidden["typed"])


def test_check_takes_a_path_too(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(LESSON.solution)
    verdict = kv.course.check(3, path)
    assert verdict.passed and "all 6 checks passed" in str(verdict)
    assert kv.course.check("scaling", str(path), seed=4).seed == 4


def test_the_quiz_has_buttons_that_answer_and_measure() -> None:
    widget = kv.course.quiz(3)
    first = widget.children[0]
    heading, choice, said, button, measured = first.children
    assert "Which rows may decide" in heading.value
    choice.value = 0
    assert "not right" in said.value
    choice.value = 1
    assert "b) right" in said.value
    button.click()
    assert "<table>" in measured.value


def test_the_quiz_is_text_without_widgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kinverse.apps.course.widgets", None)
    assert "   b) The training rows." in kv.course.quiz(3)
