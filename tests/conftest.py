"""What every test shares."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("kinverse", deadline=None, print_blob=True, derandomize=True)
settings.load_profile("kinverse")


@pytest.fixture(scope="session")
def robots_folder() -> Path:
    """The URDF files of the package example-robot-data."""
    spec = importlib.util.find_spec("cmeel")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parents[1] / "cmeel.prefix/share/example-robot-data/robots"
