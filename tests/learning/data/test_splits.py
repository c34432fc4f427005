"""Splitting rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinverse.errors import ConfigError
from kinverse.learning.data.splits import split_indices, split_sizes


@given(st.integers(10, 300), st.integers(1, 6), st.integers(1, 2), st.integers(0, 2), st.integers(0, 2**32 - 1))
def test_splits_are_disjoint_and_complete(n: int, train: int, validation: int, test: int, seed: int) -> None:
    whole = train + validation + test
    if whole < 3:
        return
    fractions = (train / whole, validation / whole, test / whole)
    try:
        sizes = split_sizes(n, fractions)
    except ConfigError:
        assert n - np.ceil(n * fractions[1]) - np.ceil(n * fractions[2]) < 1
        return
    indices = split_indices(n, fractions, seed)
    assert sizes == (len(indices.train), len(indices.validation), len(indices.test))
    together = np.concatenate([indices.train, indices.validation, indices.test])
    np.testing.assert_array_equal(np.sort(together), np.arange(n))
    assert all(abs(size - n * fraction) < 2.0 for size, fraction in zip(sizes, fractions, strict=True))


def test_published_sizes_and_the_seed() -> None:
    assert split_sizes(10000, (0.6, 0.2, 0.2)) == (6000, 2000, 2000)
    assert split_sizes(100, (0.86, 0.07, 0.07)) == (86, 7, 7)
    first, again, other = (split_indices(100, seed=seed).train for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_test_rows_do_not_depend_on_how_the_others_are_divided() -> None:
    np.testing.assert_array_equal(split_indices(50, (0.6, 0.2, 0.2)).test, split_indices(50, (0.4, 0.4, 0.2)).test)


@pytest.mark.parametrize(
    "fractions",
    [
        (0.5, 0.5),
        (0.6, 0.2, 0.3),
        (1.2, -0.4, 0.2),
        (0.0, 0.5, 0.5),
        (0.8, 0.0, 0.2),
        ("a", 0, 0),
        3,
        (np.nan, 1, 0),
    ],
)
def test_bad_fractions(fractions: object) -> None:
    with pytest.raises(ConfigError, match="fractions must be train, validation and test"):
        split_indices(10, fractions)  # type: ignore[arg-type]


def test_too_few_rows() -> None:
    with pytest.raises(ConfigError, match="2 rows are too few"):
        split_indices(2)
