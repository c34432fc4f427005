"""One court for all tests of the course, so that libraries are loaded once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kinverse.apps.course.court import Court


@pytest.fixture(scope="session")
def court() -> Iterator[Court]:
    with Court() as court:
        yield court
