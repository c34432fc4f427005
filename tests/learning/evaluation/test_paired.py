"""Ratios of paired measurements: SciPy's interval, and claims only where it excludes 1."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from kinverse.errors import ShapeError
from kinverse.learning.evaluation.paired import paired_ratio


def test_the_interval_is_scipys_over_the_logarithms_of_the_ratios() -> None:
    rng = np.random.default_rng(0)
    ours, theirs = rng.uniform(1.0, 2.0, 9), rng.uniform(1.0, 2.0, 9)
    expected = ttest_1samp(np.log(ours / theirs), 0.0).confidence_interval(0.95)
    found = paired_ratio(ours.tolist(), theirs.tolist())
    assert (math.log(found.low), math.log(found.high)) == pytest.approx((expected.low, expected.high))
    assert found.ratio == pytest.approx(np.exp(np.log(ours / theirs).mean())) and found.pairs == 9


def test_noise_that_pairs_share_does_not_hide_a_difference() -> None:
    load = np.array([1.0, 3.0, 9.0, 2.0, 5.0])
    noise = np.array([1.0, 1.01, 0.99, 1.0, 1.0])
    assert paired_ratio((1.1 * load * noise).tolist(), load.tolist()).words("slower", "faster") == "slower"
    unpaired = paired_ratio((1.1 * load * noise).tolist(), load[::-1].tolist())
    assert unpaired.words("slower", "faster") == "no clear difference"


def test_of_equals_one_in_twenty_is_called_clear() -> None:
    rng = np.random.default_rng(1)
    draws = np.exp(0.1 * rng.normal(size=(2000, 2, 5)))
    clear = np.mean([paired_ratio(a.tolist(), b.tolist()).is_clear for a, b in draws])
    assert 0.035 < clear < 0.065  # 0.05, with a standard deviation of 0.005


def test_one_published_run_is_outside_the_interval_of_its_equals_one_time_in_twenty() -> None:
    rng = np.random.default_rng(2)
    draws = np.exp(0.3 * rng.normal(size=(2000, 6)))
    clear = np.mean([paired_ratio(row[1:].tolist(), float(row[0])).is_clear for row in draws])
    assert 0.035 < clear < 0.065


def test_one_pair_is_never_clear() -> None:
    assert not paired_ratio([1e9], [1.0]).is_clear
    assert str(paired_ratio([2.0], [1.0])) == "2 (one pair)"


@pytest.mark.parametrize(("ours", "theirs"), [([], []), ([1.0], [1.0, 2.0]), ([0.0], [1.0]), ([1.0], -1.0)])
def test_what_has_no_ratio_is_refused(ours: list[float], theirs: list[float] | float) -> None:
    with pytest.raises(ShapeError):
        paired_ratio(ours, theirs)
