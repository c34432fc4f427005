"""Rooms that are also functions: `kv.fit(...)` trains, and `kinverse.fit` is where training lives.

Importing a package sets its name in its parent, so a function of that name would be gone as soon as somebody imports
the room. The room is therefore made callable, and hands the call on.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any


def open_door(room: str, home: str) -> None:
    """Make the package `room` callable as the function of its name in module `home`, imported on the first call."""
    name = room.rpartition(".")[2]

    class Room(ModuleType):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            return getattr(importlib.import_module(home), name)(*args, **kwargs)

        @property
        def __wrapped__(self) -> Any:  # what help() and inspect.signature() show
            return getattr(importlib.import_module(home), name)

    sys.modules[room].__class__ = Room
