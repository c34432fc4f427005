"""Is a difference clear? Ratios of paired measurements, with the 95 % interval of their mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kinverse.errors import ShapeError

CONFIDENCE = 0.95
NO_CLEAR_DIFFERENCE = "no clear difference"


@dataclass(frozen=True)
class PairedRatio:
    """The ratio of two quantities that were measured in pairs.

    Attributes:
        ratio: geometric mean of the pairs' ratios.
        low, high: its 95 % interval; 0 and ∞ where there is only one pair.
        pairs: how many there are.
    """

    ratio: float
    low: float
    high: float
    pairs: int

    @property
    def is_clear(self) -> bool:
        """Whether the interval excludes 1."""
        return self.low > 1.0 or self.high < 1.0

    def words(self, above: str, below: str) -> str:
        """`above` or `below` where the ratio is clearly so, else "no clear difference".

        >>> PairedRatio(1.4, 1.3, 1.5, 9).words("faster", "slower")
        'faster'
        >>> PairedRatio(1.4, 0.9, 2.1, 9).words("faster", "slower")
        'no clear difference'
        """
        if not self.is_clear:
            return NO_CLEAR_DIFFERENCE
        return above if self.ratio > 1.0 else below

    def __str__(self) -> str:
        """The ratio and its interval: '1.40 (1.30 … 1.50)'."""
        if self.pairs < 2:
            return f"{self.ratio:.3g} (one pair)"
        return f"{self.ratio:.3g} ({self.low:.3g} … {self.high:.3g})"


def paired_ratio(ours: Sequence[float], theirs: Sequence[float] | float) -> PairedRatio:
    """The ratio ours / theirs with Student's t interval over the logarithms of the pairs' ratios.

    Args:
        ours: positive values, one for each pair (a random start, a round of timing).
        theirs: positive values of the same pairs; or one value, such as a published figure. That was one run too and
            scatters as ours do, so the interval is then that of one more run: wider by its scatter.

    Raises:
        ShapeError: no pairs, unequally many, or a value that is not positive.

    Example:
        >>> str(paired_ratio([2.0, 2.2, 1.9], [1.0, 1.0, 1.0]))
        '2.03 (1.69 … 2.44)'
    """
    from scipy.stats import t

    single = isinstance(theirs, int | float)
    a = np.asarray(ours, dtype=np.float64)
    b = np.full(a.shape, theirs, dtype=np.float64) if single else np.asarray(theirs, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape or not len(a):
        raise ShapeError(f"paired values must be two lists of the same length, got {a.shape} and {b.shape}")
    if not (np.isfinite(a).all() and np.isfinite(b).all() and (a > 0.0).all() and (b > 0.0).all()):
        raise ShapeError("a ratio needs positive, finite values")
    logs, count = np.log(a / b), len(a)
    mean = float(logs.mean())
    if count < 2:
        return PairedRatio(math.exp(mean), 0.0, math.inf, count)
    scatter = float(logs.std(ddof=1)) * math.sqrt((1.0 if single else 0.0) + 1.0 / count)
    half = float(t.ppf(0.5 + CONFIDENCE / 2.0, count - 1)) * scatter
    return PairedRatio(math.exp(mean), math.exp(mean - half), math.exp(mean + half), count)
