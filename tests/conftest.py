"""What every test shares, and what `--jaxtyping-packages` needs to check every annotation over a whole run."""

from __future__ import annotations

import contextlib
import importlib.util
import signal
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import settings

from tests.support.annotations import unchecked

settings.register_profile("kinverse", deadline=None, print_blob=True, derandomize=True)
settings.load_profile("kinverse")


class CompiledModules:
    """Finds modules of compiled functions before jaxtyping's hook does: Numba cannot compile what the hook wraps."""

    @staticmethod
    def find_spec(name: str, path: list[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        parts = name.split(".")
        return PathFinder.find_spec(name, path, target) if parts[0] == "kinverse" and "kernels" in parts else None


def pytest_configure(config: pytest.Config) -> None:
    """Let Ctrl-C arrive. With annotations checked: let wrong input reach the error message of kinverse."""
    # A shell starts a job in the background with Ctrl-C ignored, and every process below it inherits that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.getoption("jaxtyping_packages") is None:
        return
    expect = pytest.raises

    @contextlib.contextmanager
    def raises_unchecked(*args: Any, **kwargs: Any) -> Iterator[pytest.ExceptionInfo[Any]]:
        with expect(*args, **kwargs) as caught, unchecked():
            yield caught

    pytest.raises = raises_unchecked  # type: ignore[assignment]
    # beartype draws the items of a list that it looks at.
    config.addinivalue_line("filterwarnings", "ignore:Do not use the `random` module inside strategies")


sys.meta_path.insert(0, CompiledModules())  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def robots_folder() -> Path:
    """The URDF files of the package example-robot-data."""
    spec = importlib.util.find_spec("cmeel")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parents[1] / "cmeel.prefix/share/example-robot-data/robots"
