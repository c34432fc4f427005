"""A sample of the damaged files of `make fuzz`."""

import collections
import contextlib
import tempfile

import pytest

from tests.fuzz import files


@pytest.fixture(scope="module")
def valid(tmp_path_factory):
    folder = tmp_path_factory.mktemp("valid")
    files.make_valid(folder)
    return folder


@pytest.mark.parametrize("part", range(4))
def test_a_damaged_file_is_read_or_refused_in_one_line(part, valid, tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    numbers = [number for number in range(100 * part, 100 * (part + 1)) if number % 153 != 152]  # an exercise is slow
    tried = list(files.run(numbers, 7, tmp_path, valid))
    assert [one for one in tried if one.problem] == []
    counts = collections.Counter(one.outcome for one in tried)
    assert counts["read"] >= 10
    assert counts["refused"] >= 40
    with contextlib.suppress(FileNotFoundError):
        assert list((tmp_path / "temporary").iterdir()) == []
