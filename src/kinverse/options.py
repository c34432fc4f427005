"""Typed keyword options (PEP 692) that `help()` and notebooks show one by one, with their defaults.

A type checker and an editor read `**options: Unpack[SolverOptions]` in the source and complete every name; at run time
Python shows no more than `**options`. `shows_options` puts the names into the function's signature, and nothing else
changes: defaults stay where they are written once, in the dataclass of the configuration.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_type_hints

Function = TypeVar("Function", bound=Callable[..., Any])


def shows_options(options: type, defaults: Mapping[str, Any]) -> Callable[[Function], Function]:
    """Decorate a function that takes the keys of a TypedDict as `**keywords`, so that its signature names them.

    Args:
        options: the TypedDict.
        defaults: the default of each key, to be shown; the function itself supplies them.

    Example:
        >>> class Options(TypedDict, total=False):
        ...     threads: int
        >>> @shows_options(Options, {"threads": 1})
        ... def solve(targets, **options: Unpack[Options]): ...
        >>> list(inspect.signature(solve).parameters)
        ['targets', 'threads']
    """

    def decorate(function: Function) -> Function:
        signature = inspect.signature(function)
        fixed = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
        named = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=defaults[name], annotation=hint)
            for name, hint in get_type_hints(options).items()
        ]
        function.__signature__ = signature.replace(parameters=fixed + named)  # type: ignore[attr-defined]
        return function

    return decorate
