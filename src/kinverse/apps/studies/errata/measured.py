"""Claims 8, 10 and 13: R², what model 4 can reach, and the ends of min-max scaling."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from kinverse.apps.studies.errata.claim import Claim
from kinverse.learning.data.arkoma import make_arkoma
from kinverse.learning.evaluation.floors import closest_reachable, constant_predictor
from kinverse.learning.evaluation.metrics import r2_global_mean, r2_mean
from kinverse.robot.planar import planar_arm

R2 = Callable[[np.ndarray, np.ndarray], float]
ARKOMA_ROWS = 10_000
REACHED = 1e-6
"""Miss [m] that counts as reached."""
GRID = 40
COLUMNS, ROWS = 1000, 100
"""Random data sets of one column to scale, and rows of each."""


def constant_r2(seed: int, r2: R2 = r2_global_mean) -> float:
    """What R² gives a predictor that always says the column means, on generated rows like ARKOMA's."""
    dataset = make_arkoma("nao-right", ARKOMA_ROWS, seed)
    assert dataset.test is not None
    return r2(dataset.test.targets, constant_predictor(dataset.train.targets, dataset.test.targets))


def r2_is_a_share(r2: R2 = r2_global_mean, seeds: int = 5) -> Claim:
    """Claim 8.

    Args:
        r2: the R² that the constant predictor is measured with.
        seeds: generated data sets.
    """
    actual = np.array([[0.0], [1.0], [2.0]])
    opposite = r2_mean(actual, actual[::-1].copy())
    constant = [constant_r2(seed, r2) for seed in range(seeds)]
    flatters, negative = min(constant) > 0.01, opposite < 0.0
    return Claim(
        8,
        "R² lies between 0 and 1, and may be taken about one mean over all columns.",
        f"three points predicted in the opposite order; the column means as predictor on {seeds} generated data sets "
        "of NAO's arm",
        f"R² = {opposite:.2f} for the opposite order; {min(constant):.3f} … {max(constant):.3f} for a predictor that "
        "has learned nothing".replace("-", "−"),
        not negative and not flatters,
        ("R² is negative for what is worse than the mean" if negative else "R² was not negative")
        + ("; with one mean for all columns it praises who knows nothing." if flatters else ", and gives the mean 0."),
    )


def lower_half_is_out_of_reach(max_angle: float = math.pi / 2.0) -> Claim:
    """Claim 10.

    Args:
        max_angle: every joint of the three-link arm turns by at most this [rad].
    """
    axis = (np.arange(GRID) + 0.5) * 2.0 / GRID  # middles of even cells, none of which lies on the border r = 1
    targets = np.column_stack([part.ravel() for part in np.meshgrid(axis, axis)])
    unreachable = closest_reachable(planar_arm((1.0, 1.0, 1.0), max_angle), targets).miss > REACHED
    half, disc = targets[:, 1] < 1.0, np.linalg.norm(targets, axis=1) < 1.0
    by_half, by_disc = _overlap(unreachable, half), _overlap(unreachable, disc)
    share = unreachable.mean()
    holds = by_half > by_disc
    if not unreachable.any():
        instead = "with these limits every target of the square can be reached."
    elif holds:
        instead = "the lower half fits better than the disc r < 1."
    else:
        instead = "it is the quarter disc r < 1 m, which three links with such limits cannot fold back into."
    return Claim(
        10,
        "Model 4 cannot reach the lower half of the square.",
        f"the closest reachable point for {len(targets):,} targets on [0, 2]² m, angles within ±{max_angle:.3f} rad",
        f"{share:.1%} of the targets are out of reach (a quarter disc is {math.pi / 16:.1%}); they share {by_half:.0%} "
        f"with the lower half, {by_disc:.0%} with r < 1 (both sets: what is in both, of what is in either)",
        holds,
        instead,
    )


def _overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Share of what is in either set that is in both (Jaccard's index)."""
    return float((a & b).sum() / max((a | b).sum(), 1))


def minmax_misses(
    draw: Callable[[np.random.Generator], Float[np.ndarray, "rows columns"]],
    scale: Callable[[Float[np.ndarray, "rows columns"]], Float[np.ndarray, "rows columns"]] | None = None,
) -> float:
    """Share of random columns whose largest value is not exactly 1 after min-max scaling in float32.

    Args:
        draw: the columns.
        scale: how they are scaled; None: scikit-learn's `MinMaxScaler`.
    """
    from sklearn.preprocessing import MinMaxScaler

    values = draw(np.random.default_rng(0)).astype(np.float32)
    scaled = MinMaxScaler().fit_transform(values) if scale is None else scale(values)
    return float(np.mean(scaled.max(axis=0) != 1.0))


DRAWS: dict[str, Callable[[np.random.Generator], Float[np.ndarray, "rows columns"]]] = {
    "normal": lambda rng: rng.normal(size=(ROWS, COLUMNS)),
    "uniform, ±1": lambda rng: rng.uniform(-1.0, 1.0, size=(ROWS, COLUMNS)),
    "uniform, −100 … 300": lambda rng: rng.uniform(-100.0, 300.0, size=(ROWS, COLUMNS)),
    "uniform, 0 … 2": lambda rng: rng.uniform(0.0, 2.0, size=(ROWS, COLUMNS)),
}


def minmax_is_exact(
    scale: Callable[[Float[np.ndarray, "rows columns"]], Float[np.ndarray, "rows columns"]] | None = None,
) -> Claim:
    """Claim 13.

    Args:
        scale: how columns are scaled; None: scikit-learn's `MinMaxScaler`.
    """
    shares = {name: minmax_misses(draw, scale) for name, draw in DRAWS.items()}
    holds = max(shares.values()) == 0.0
    return Claim(
        13,
        "Min-max scaling takes the largest value to exactly 1.",
        f"{COLUMNS:,} random columns of each of {len(DRAWS)} kinds, scaled in float32",
        "not exactly 1: " + ", ".join(f"{share:.0%} ({name})" for name, share in shares.items()),
        holds,
        "it does."
        if holds
        else f"in float32 {np.mean(list(shares.values())):.0%} of the columns miss it by a rounding, so a check needs "
        "a tolerance.",
    )
