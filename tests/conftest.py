"""What every test shares."""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

settings.register_profile("kinverse", deadline=None, print_blob=True, derandomize=True)
settings.load_profile("kinverse")


class CompiledModules:
    """Finds modules of compiled functions before jaxtyping's hook does: Numba cannot compile what the hook wraps."""

    @staticmethod
    def find_spec(name: str, path: list[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        parts = name.split(".")
        return PathFinder.find_spec(name, path, target) if parts[0] == "kinverse" and "kernels" in parts else None


sys.meta_path.insert(0, CompiledModules())  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def robots_folder() -> Path:
    """The URDF files of the package example-robot-data."""
    spec = importlib.util.find_spec("cmeel")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parents[1] / "cmeel.prefix/share/example-robot-data/robots"
