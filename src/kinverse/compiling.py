"""Compiled functions whose machine code is kept on disk, and the line that says that one is being compiled.

Numba keeps the code in the package's own `__pycache__`, else in the user's cache folder. Where neither can be written,
as with a read-only installation and home, everything works all the same: the functions are compiled in every process.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import FunctionCache

_announced: set[str] = set()


class _Cache(FunctionCache):
    """Numba's cache, except that a disk that is full or fails is no reason to stop: the code is used, and not kept."""

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except OSError:
            self.disable()


def kept_on_disk(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """A decorator like `numba.njit(cache=True, **options)`, but without a cache where there is no place for one."""

    def decorate(function: Callable[..., Any]) -> Any:
        kernel = numba.njit(**options)(function)
        with suppress(OSError, RuntimeError):  # Numba's error where no folder can be written
            kernel._cache = _Cache(function)  # noqa: SLF001 (no public choice of the class)
        return kernel

    return decorate


def announce_compilation(kernel: Any) -> None:
    """Print once, on stderr, that a kernel is about to be compiled, unless its compiled form is cached on disk."""
    if kernel.overloads:  # the usual case, in a call that may take only microseconds
        return
    name = kernel.py_func.__name__
    folder = kernel.stats.cache_path
    place = f"{Path(kernel.py_func.__code__.co_filename).stem}.{kernel.py_func.__qualname__}" if folder else ""
    if place in _announced:
        return
    _announced.add(place)
    if not folder:
        _say(
            "compiling in every run, which takes a minute: there is no folder to keep the compiled code in; "
            "the environment variable NUMBA_CACHE_DIR can name one"
        )
    elif not any(Path(folder).glob(f"{place}-*.nbi")):
        _say(f"compiling {name} (once per machine, a few seconds) …")


def _say(text: str) -> None:
    print(f"kinverse: {text}", file=sys.stderr, flush=True)
