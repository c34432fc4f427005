"""Functions and classes of a notebook as a file that a worker can run, with what they use of the notebook."""

from __future__ import annotations

import builtins
import inspect
import linecache
import re
import symtable
import sys
import textwrap
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kinverse.apps.course.workspace import read_exercise
from kinverse.errors import ConfigError

_FUTURE = "from __future__ import annotations\n"
_PLAIN = (bool, int, float, complex, str, bytes, type(None))


def source_of(*answers: Callable[..., Any] | str | Path) -> bytes:
    """A file with the given functions and classes, and with what they use of their notebook.

    Args:
        answers: functions and classes, or the path of one file.

    Returns:
        The source of the functions, and of the notebook's functions, imports, numbers and texts that they use.

    Raises:
        ConfigError: nothing was given, a source cannot be found, or a function uses another kind of variable.
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
        collected.add(answer.__name__, answer, _namespace(answer))
    return collected.text.encode()


class _Collected:
    """Imports, values and definitions, each once, in an order in which they can be executed."""

    def __init__(self) -> None:
        self._imports: dict[str, str] = {}
        self._values: dict[str, str] = {}
        self._definitions: dict[str, str] = {}

    @property
    def text(self) -> str:
        heads = "\n".join([*self._imports.values(), *self._values.values()])
        return _FUTURE + heads + "\n\n\n" + "\n\n\n".join(self._definitions.values()) + "\n"

    def add(self, name: str, value: Any, namespace: dict[str, Any]) -> None:
        """Add the object called `name`, and everything that it uses."""
        if name in self._imports or name in self._values or name in self._definitions:
            return
        if isinstance(value, types.ModuleType):
            self._imports[name] = f"import {value.__name__} as {name}"
        elif _is_defined_in(value, namespace):
            self._define(name, value, namespace)
        elif hasattr(value, "__module__") and hasattr(value, "__name__"):
            self._imports[name] = f"from {value.__module__} import {value.__name__} as {name}"
        elif _is_plain(value):
            self._values[name] = f"{name} = {value!r}"
        else:
            raise ConfigError(
                f"the code uses the notebook's variable {name}, which is not a plain number or text: "
                "create it inside the function"
            )

    def _define(self, name: str, value: Any, namespace: dict[str, Any]) -> None:
        text = _source(value)
        self._definitions[name] = ""  # functions may call each other; the final place is after what it uses
        for used in sorted(_global_names(text) - {name} - set(dir(builtins))):
            if used in namespace:
                self.add(used, namespace[used], namespace)
        del self._definitions[name]
        self._definitions[name] = text


def _namespace(answer: types.FunctionType | type) -> dict[str, Any]:
    """The global names of the notebook or file in which a function or class was defined."""
    if isinstance(answer, types.FunctionType):
        return answer.__globals__
    module = sys.modules.get(answer.__module__)
    return {"__name__": answer.__module__} if module is None else vars(module)


def _is_defined_in(value: Any, namespace: dict[str, Any]) -> bool:
    value = inspect.unwrap(value) if callable(value) else value
    return isinstance(value, types.FunctionType | type) and value.__module__ == namespace.get("__name__")


def _global_names(source: str) -> set[str]:
    """The global names that a piece of source refers to; annotations do not count, since nothing evaluates them."""

    def names(table: symtable.SymbolTable) -> set[str]:
        is_module = table.get_type() == "module"
        found = {s.get_name() for s in table.get_symbols() if s.is_referenced() and (is_module or s.is_global())}
        return found.union(*map(names, table.get_children()))

    return names(symtable.symtable(_FUTURE + source, "cell", "exec"))


def _source(value: Any) -> str:
    """The text of a function or class from its cell or file."""
    try:
        text = _class_source(value) if isinstance(value, type) else inspect.getsource(value)
        text = textwrap.dedent(text).rstrip()
        _global_names(text)
    except (OSError, TypeError, SyntaxError):
        raise ConfigError(
            f"the source of {value.__name__} was not found: write it to a file and give its path"
        ) from None
    return text


def _class_source(value: type) -> str:
    """The text of a class; `inspect` finds none for a class of a notebook, so look around one of its methods."""
    for method in filter(inspect.isfunction, vars(value).values()):
        code = inspect.unwrap(method).__code__
        lines = linecache.getlines(code.co_filename)
        heads = [n for n, line in enumerate(lines) if re.match(rf"\s*class {value.__name__}\b", line)]
        start = max((n for n in heads if n < code.co_firstlineno), default=None)
        if start is not None:
            while start and lines[start - 1].lstrip().startswith("@"):  # decorators
                start -= 1
            return "".join(inspect.getblock(lines[start:]))
    return inspect.getsource(value)


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(_is_plain(item) for pair in value.items() for item in pair)
    return isinstance(value, _PLAIN)
