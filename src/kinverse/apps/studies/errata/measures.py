"""Claims 8, 10 and 13: R², the reach of model 4, and the ends of min-max scaling."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Bool, Float

from kinverse.ik.reach import closest_reachable
from kinverse.learning.data.arkoma import make_arkoma
from kinverse.learning.evaluation.floors import constant_predictor
from kinverse.learning.evaluation.metrics import r2_global_mean, r2_mean
from kinverse.robot.planar import planar_arm

R2 = Callable[[np.ndarray, np.ndarray], float]
Columns = Float[np.ndarray, "rows columns"]
ARKOMA_ROWS, DATA_SETS = 10_000, 5
FLATTERS = 0.01
"""R² of a constant predictor above which the measure flatters."""
REACHED = 1e-6
"""Distance [m] below which a target counts as reached."""
GRID = 40
COLUMNS, ROWS = 1000, 100
"""Random data sets of one column to scale, and rows of each."""


@dataclass(frozen=True)
class R2Range:
    """Claim 8: R² lies between 0 and 1, and may be taken about one mean over all columns.

    Attributes:
        opposite: R² of three points predicted in the opposite order.
        constant: R² of the column means as predictor, one for each generated data set.
    """

    number: ClassVar[int] = 8
    opposite: float
    constant: tuple[float, ...]

    @property
    def negative(self) -> bool:
        """Whether R² can be negative."""
        return self.opposite < 0.0

    @property
    def flatters(self) -> bool:
        """Whether a predictor that has learned nothing scores above 0."""
        return min(self.constant) > FLATTERS

    @property
    def holds(self) -> bool:
        """Neither negative nor flattering."""
        return not self.negative and not self.flatters


def r2_range(r2: R2 = r2_global_mean, seeds: int = DATA_SETS) -> R2Range:
    """Claim 8.

    Args:
        r2: the R² of the constant predictor.
        seeds: generated data sets.
    """
    actual = np.array([[0.0], [1.0], [2.0]])
    return R2Range(r2_mean(actual, actual[::-1].copy()), tuple(constant_r2(seed, r2) for seed in range(seeds)))


def constant_r2(seed: int, r2: R2 = r2_global_mean) -> float:
    """R² of a predictor that always predicts the column means, on generated rows like ARKOMA's."""
    dataset = make_arkoma("nao-right", ARKOMA_ROWS, seed)
    assert dataset.test is not None
    return r2(dataset.test.targets, constant_predictor(dataset.train.targets, dataset.test.targets))


@dataclass(frozen=True)
class LowerHalf:
    """Claim 10: model 4 cannot reach the lower half of the square.

    Attributes:
        max_angle: every joint of the three-link arm turns by at most this [rad].
        targets: how many.
        share: of the targets that are out of reach.
        half, disc: overlap (Jaccard index) of the targets out of reach with the lower half and with the disc r < 1.
    """

    number: ClassVar[int] = 10
    max_angle: float
    targets: int
    share: float
    half: float
    disc: float

    @property
    def holds(self) -> bool:
        """Whether the lower half fits better than the disc."""
        return self.half > self.disc


def lower_half(max_angle: float = math.pi / 2.0) -> LowerHalf:
    """Claim 10.

    Args:
        max_angle: every joint of the three-link arm turns by at most this [rad].
    """
    axis = (np.arange(GRID) + 0.5) * 2.0 / GRID  # middles of even cells, none of which lies on the border r = 1
    targets = np.column_stack([part.ravel() for part in np.meshgrid(axis, axis)])
    unreachable = closest_reachable(planar_arm((1.0, 1.0, 1.0), max_angle), targets).miss > REACHED
    half, disc = targets[:, 1] < 1.0, np.linalg.norm(targets, axis=1) < 1.0
    overlaps = _overlap(unreachable, half), _overlap(unreachable, disc)
    return LowerHalf(max_angle, len(targets), float(unreachable.mean()), *overlaps)


def _overlap(a: Bool[np.ndarray, " n"], b: Bool[np.ndarray, " n"]) -> float:
    """Share of the elements of either set that are in both (Jaccard index)."""
    return float((a & b).sum() / max((a | b).sum(), 1))


DRAWS: dict[str, Callable[[np.random.Generator], Columns]] = {
    "normal": lambda rng: rng.normal(size=(ROWS, COLUMNS)),
    "uniform, ±1": lambda rng: rng.uniform(-1.0, 1.0, size=(ROWS, COLUMNS)),
    "uniform, −100 … 300": lambda rng: rng.uniform(-100.0, 300.0, size=(ROWS, COLUMNS)),
    "uniform, 0 … 2": lambda rng: rng.uniform(0.0, 2.0, size=(ROWS, COLUMNS)),
}


@dataclass(frozen=True)
class MinMax:
    """Claim 13: min-max scaling takes the largest value to exactly 1.

    Attributes:
        misses: kind of random column → share of the columns whose largest scaled value is not exactly 1.
    """

    number: ClassVar[int] = 13
    misses: Mapping[str, float]

    @property
    def holds(self) -> bool:
        """Whether no column misses 1."""
        return max(self.misses.values()) == 0.0

    @property
    def mean(self) -> float:
        """Over the kinds of columns."""
        return float(np.mean(list(self.misses.values())))


def min_max(scale: Callable[[Columns], Columns] | None = None) -> MinMax:
    """Claim 13.

    Args:
        scale: applied to columns in float32; None: scikit-learn's `MinMaxScaler`.
    """
    from sklearn.preprocessing import MinMaxScaler

    misses = {}
    for name, draw in DRAWS.items():
        values = draw(np.random.default_rng(0)).astype(np.float32)
        scaled = MinMaxScaler().fit_transform(values) if scale is None else scale(values)
        misses[name] = float(np.mean(scaled.max(axis=0) != 1.0))
    return MinMax(misses)
