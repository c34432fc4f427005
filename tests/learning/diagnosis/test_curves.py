"""What is read from loss curves, against curves of known shape."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kinverse.learning.diagnosis.curves import end_level, jumpiness, smoothed, trend


@pytest.mark.parametrize("power", [0.1, 0.5, 2.0])
def test_a_power_law_falls_by_its_power(power: float) -> None:
    epochs = np.arange(1.0, 1001.0)
    found = trend(epochs**-power)
    assert found.fall == pytest.approx(1.0 - 0.8**power, rel=0.1)
    assert found.twice == pytest.approx(1.0 - 2.0**-power, rel=0.1)
    assert found.pace < 0.2  # most of its fall was at the beginning


def test_an_exponential_keeps_its_pace() -> None:
    found = trend(np.exp(-0.01 * np.arange(500.0)))
    assert found.pace == pytest.approx(1.0, rel=0.02)
    assert found.fall == pytest.approx(1.0 - math.exp(-1.0), rel=0.02)
    assert found.clear > 1e3


def test_noise_has_no_clear_trend() -> None:
    noise = np.exp(0.1 * np.random.default_rng(0).normal(size=200))
    assert abs(trend(noise).clear) < 2.0


def test_a_flat_or_rising_curve_has_no_pace() -> None:
    assert trend(np.full(50, 0.3)).pace == 0.0
    assert trend(np.linspace(1.0, 2.0, 50)).pace == 0.0


def test_spikes_leave_no_trace_and_steps_stay() -> None:
    loss = np.where(np.arange(200) < 100, 1.0, 0.1)
    spiked = loss.copy()
    spiked[[30, 150, 199]] = 50.0
    np.testing.assert_array_equal(smoothed(spiked), loss)
    assert end_level(spiked) == 0.1


def test_jumps_are_measured_in_the_last_third() -> None:
    generator = np.random.default_rng(1)
    epochs = np.arange(600)
    smooth = np.exp(-epochs / 200.0)
    assert jumpiness(smooth) < 0.01
    early = smooth * np.where((epochs < 300) & (epochs % 7 == 0), 10.0, 1.0)
    assert jumpiness(early) < 0.01
    noisy = smooth * np.exp(0.5 * generator.normal(size=600))
    # 95 % of a normal distribution lie within 1.96 standard deviations.
    assert jumpiness(noisy) == pytest.approx(1.96 * 0.5, rel=0.15)
