"""Functions of a notebook become a file that a worker can run."""

from __future__ import annotations

import linecache
import sys
import types

import pytest

from kinverse.apps.course.cell_source import source_of
from kinverse.errors import ConfigError


def cell(text: str, name: str) -> dict[str, object]:
    """What a notebook's cell defines, with its source where Python finds it."""
    module = types.ModuleType("notebook")
    sys.modules["notebook"] = module
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    exec(compile(text, name, "exec"), module.__dict__)
    return module.__dict__


def test_a_file_holds_what_a_function_uses() -> None:
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


def test_what_cannot_be_copied_is_named() -> None:
    names = cell(
        "data = {1, 2}\nf = lambda x: x\ndef answer():\n    return data\ndef loop():\n    return loop()\n", "<cell-2>"
    )
    with pytest.raises(ConfigError, match="uses the notebook's variable data, which is not a plain number or text"):
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
    with pytest.raises(ConfigError, match="the source of typed was not found"):
        source_of(hidden["typed"])
