"""One runner for all tests of the course, so that its worker loads the libraries once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kinverse.apps.course.runner import Runner


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    with Runner() as runner:
        yield runner
