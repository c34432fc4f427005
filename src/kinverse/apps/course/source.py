"""From functions of a notebook to a file that can be checked elsewhere: their source, and what they use of it."""

from __future__ import annotations

import ast
import builtins
import inspect
import linecache
import textwrap
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kinverse.apps.course.workspace import read_exercise
from kinverse.errors import ConfigError

_PLAIN = (bool, int, float, complex, str, bytes, type(None))


def source_of(*answers: Callable[..., Any] | str | Path) -> bytes:
    """A file with all that was given.

    Args:
        answers: functions and classes, or one path of a file.

    Returns:
        Source with the functions, what they use of their notebook's functions, imports and plain numbers.

    Raises:
        ConfigError: nothing was given, something has no source, or uses a variable that is no plain number or text.
    """
    if len(answers) == 1 and isinstance(answers[0], str | Path):
        path = Path(answers[0])
        if not path.exists():
            raise ConfigError(f"{path}: no such file; give a file's path or the functions themselves")
        return read_exercise(path)
    if not answers:
        raise ConfigError("nothing to check: give the exercise's functions, or the path of a file")
    collected = _Collected()
    for answer in answers:
        if not isinstance(answer, types.FunctionType | type):
            raise ConfigError(f"functions, classes or one path expected, got {str(answer)[:60]!r}")
    for answer in answers:
        assert isinstance(answer, types.FunctionType | type)
        collected.add(answer.__name__, answer, _globals(answer))
    return collected.text.encode()


class _Collected:
    """Imports, values and definitions, each once, in an order in which they can be run."""

    def __init__(self) -> None:
        self._imports: dict[str, str] = {}
        self._values: dict[str, str] = {}
        self._definitions: dict[str, str] = {}

    @property
    def text(self) -> str:
        heads = ["from __future__ import annotations", *self._imports.values(), *self._values.values()]
        return "\n".join(heads) + "\n\n\n" + "\n\n\n".join(self._definitions.values()) + "\n"

    def add(self, name: str, value: Any, around: dict[str, Any]) -> None:
        """Add what `name` stands for, and all that it uses in turn."""
        if name in self._imports or name in self._values or name in self._definitions:
            return
        if isinstance(value, types.ModuleType):
            self._imports[name] = f"import {value.__name__} as {name}"
        elif isinstance(value, types.FunctionType | type) and value.__module__ == around.get("__name__"):
            self._define(name, value, around)
        elif hasattr(value, "__module__") and hasattr(value, "__name__"):
            self._imports[name] = f"from {value.__module__} import {value.__name__} as {name}"
        elif _is_plain(value):
            self._values[name] = f"{name} = {value!r}"
        else:
            raise ConfigError(
                f"the code uses {name} of the notebook, which is no plain number or text: make it inside the function"
            )

    def _define(self, name: str, value: Any, around: dict[str, Any]) -> None:
        text, node = _definition(value)
        self._definitions[name] = ""  # for functions that call each other; its place comes after what it uses
        parts = _without_annotations(node)  # which are never looked up
        names = [item for item in parts if isinstance(item, ast.Name)]
        used = {item.id for item in names if isinstance(item.ctx, ast.Load)}
        own = {item.id for item in names if not isinstance(item.ctx, ast.Load)}
        own |= {item.arg for item in parts if isinstance(item, ast.arg)}
        own |= {item.name for item in parts if isinstance(item, ast.FunctionDef | ast.ClassDef)}
        for other in sorted(used - own - {name} - set(dir(builtins))):
            if other in around:
                self.add(other, around[other], around)
        del self._definitions[name]
        self._definitions[name] = text


def _without_annotations(node: ast.AST) -> list[ast.AST]:
    found: list[ast.AST] = [node]
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                found += _without_annotations(child)
    return found


def _definition(value: Any) -> tuple[str, ast.AST]:
    """Text and syntax tree of a function or class, from the cell or file that it was written in."""
    functions = [value] if isinstance(value, types.FunctionType) else vars(value).values()
    code = next((f.__code__ for f in map(inspect.unwrap, filter(callable, functions)) if hasattr(f, "__code__")), None)
    lines = [] if code is None else linecache.getlines(code.co_filename)
    try:
        tree = ast.parse("".join(lines))
    except SyntaxError:  # a cell with magic commands: what Python calls the source of the object will do
        lines = []
    if lines:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == value.__name__ and _holds(node, code):
                first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
                return textwrap.dedent("".join(lines[first - 1 : node.end_lineno])).rstrip(), node
    try:
        text = textwrap.dedent(inspect.getsource(value))
        return text.rstrip(), ast.parse(text)
    except (OSError, TypeError, SyntaxError):
        raise ConfigError(
            f"the source of {value.__name__} is not at hand: write it to a file and give its path"
        ) from None


def _holds(node: ast.FunctionDef | ast.ClassDef, code: types.CodeType | None) -> bool:
    first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
    return code is not None and first <= code.co_firstlineno <= (node.end_lineno or first)


def _globals(value: Any) -> dict[str, Any]:
    if isinstance(value, types.FunctionType):
        return value.__globals__
    for member in vars(value).values():
        if isinstance(member, types.FunctionType):
            return member.__globals__
    return {"__name__": value.__module__}


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(_is_plain(item) for pair in value.items() for item in pair)
    return isinstance(value, _PLAIN)
