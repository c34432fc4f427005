"""A sample of the damaged files of `make fuzz`."""

import pytest

from tests.fuzz import files


@pytest.mark.parametrize("seed", [100, 101])
def test_a_damaged_file_is_read_or_refused_in_one_line(seed, tmp_path):
    counts, faults = files.run(10 * len(files.TARGETS), seed, tmp_path)
    assert faults == []
    ends = {way: sum(count for (_, other), count in counts.items() if other == way) for way in ("read", "refused")}
    assert min(ends.values()) >= 10
