"""A sample of the random wrong input of `make fuzz`."""

import pytest

from tests.fuzz import api


@pytest.mark.parametrize("seed", range(3))
def test_a_call_with_wrong_values_gives_a_result_or_one_line(seed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    counts, faults = api.run(250, seed, tmp_path)
    assert faults == []
    assert counts["refused"] > 50
    assert counts["answered"] > 20
