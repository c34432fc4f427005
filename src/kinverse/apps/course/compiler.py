"""torch's compiler, loaded when it is used and not before: a check then waits half as long for its libraries.

Optimisers of torch load `torch._dynamo` in their first step, some 800 modules, only to tell a compiler that nobody has
called where not to look.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable
from typing import Any

NAME = "torch._dynamo"


class _Stand(types.ModuleType):
    """Stands where the compiler would; whatever else is asked of it brings the compiler itself."""

    @staticmethod
    def graph_break(*arguments: Any, **named: Any) -> None:
        """A note to the compiler."""

    @staticmethod
    def disable(fn: Callable[..., Any] | None = None, *arguments: Any, **named: Any) -> Any:
        """Another one: the function as it is."""
        return fn if fn is not None else lambda function: function

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(NAME) is self:
            del sys.modules[NAME]
        compiler = importlib.import_module(NAME)
        sys.modules["torch"]._dynamo = compiler  # type: ignore[attr-defined]
        return getattr(compiler, name)


def put_compiler_off(torch: types.ModuleType) -> None:
    """Put a stand-in in the place of torch's compiler, if that has not been loaded yet."""
    if NAME not in sys.modules:
        torch._dynamo = sys.modules[NAME] = _Stand(NAME)  # type: ignore[attr-defined]
