"""Checks of lesson 17."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from kinverse.apps.course.checking import Learner, expect, numbers, shown

DRAWN = 2000


def check_rates_by_factors(learner: Learner, rng: np.random.Generator) -> None:
    """Learning rates are drawn from 0.0001 to 1, equally many in each decade."""
    rates, _ = _drawn(learner, int(rng.integers(10**6)))
    expect(
        rates.min() >= 1e-4 * (1.0 - 1e-9) and rates.max() <= 1.0 + 1e-9,
        f"{DRAWN} learning rates run from {shown(rates.min())} to {shown(rates.max())}: that is not the given range. "
        "Are the limits converted to logarithms, and the draws back?",
    )
    expect(
        len(np.unique(rates)) > DRAWN // 2,
        f"only {len(np.unique(rates))} different learning rates among {DRAWN}: a grid repeats the same few values, "
        "but a random search should test a new one each time",
    )
    shares = np.histogram(np.log10(rates), bins=[-4.1, -3.0, -2.0, -1.0, 0.1])[0] / DRAWN
    expect(
        shares.min() > 0.18 and shares.max() < 0.32,
        f"{shown(100.0 * shares[3])} % of the learning rates lie above 0.1 and {shown(100.0 * shares[0])} % below "
        "0.001: each decade should get equally many. Are the rates drawn uniformly, instead of their logarithms?",
    )


def check_widths(learner: Learner, rng: np.random.Generator) -> None:
    """Widths are integers from 4 to 128 with a uniform logarithm, independent of the learning rate."""
    rates, widths = _drawn(learner, int(rng.integers(10**6)))
    expect(
        widths.min() >= 4 and widths.max() <= 128,
        f"{DRAWN} widths run from {shown(widths.min())} to {shown(widths.max())}: that is not the given range",
    )
    small = float(np.mean(widths <= 22))
    expect(
        0.4 < small < 0.6 and widths.max() > 100 and widths.min() < 6,
        f"{shown(100.0 * small)} % of the widths are 22 or less, with {shown(widths.min())} the smallest and "
        f"{shown(widths.max())} the largest: the same number of factors of two is below 22 as above, so about half is "
        "expected",
    )
    together = float(np.corrcoef(np.log(rates), np.log(widths))[0, 1])
    expect(
        abs(together) < 0.2,
        f"learning rates and widths are correlated ({shown(together)}): not every width occurs with a small rate. Is "
        "each drawn independently?",
    )


def check_the_generator_decides(learner: Learner, rng: np.random.Generator) -> None:
    """The draws depend on the given generator only."""
    seed = int(rng.integers(10**6))
    first, again, other = (_drawn(learner, number, 20) for number in (seed, seed, seed + 1))
    expect(
        all(np.array_equal(a, b) for a, b in zip(first, again, strict=True)),
        "the same generator gives two different searches: does every number come from it, or some from another source?",
    )
    expect(
        not np.array_equal(first[0], other[0]),
        "two different generators give the same settings: is the given one used, or a new one made inside?",
    )
    generator = np.random.default_rng(seed)
    calls = [learner.call("draw_settings", 5, generator) for _ in range(2)]
    expect(calls[0] != calls[1], "two draws from one generator are the same: is its seed set in each call?")


def check_every_seed_and_median(learner: Learner, rng: np.random.Generator) -> None:
    """Every setting is trained once with every seed, and the median decides."""
    seeds = [int(seed) for seed in rng.choice(1000, 5, replace=False)]
    level = float(rng.uniform(0.2, 0.8))
    factors = {  # best by one lucky seed, by its mean, by its median, and by its worst loss
        "a lucky seed": (1.3, 1.3, 0.1, 1.3, 1.3),
        "the smallest mean": (0.7, 1.2, 1.2, 0.6, 1.2),
        "the smallest median": (1.0, 9.0, 1.0, 1.0, 1.01),
        "the smallest worst loss": (1.1, 1.1, 1.1, 1.1, 1.1),
    }
    names = list(factors)
    rng.shuffle(names)
    settings = _settings(rng, len(names))
    losses = {(_key(s), seed): level * factors[name][i] for s, name in zip(settings, names, strict=True)
              for i, seed in enumerate(seeds)}  # fmt: skip
    chosen, calls = _chosen(learner, settings, losses, seeds)
    for setting in settings:
        mine = sorted(seed for key, seed in calls if key == _key(setting))
        expect(
            mine == sorted(seeds),
            f"one setting was trained {len(mine)} times, with {len(set(mine))} different seeds; {len(seeds)} seeds "
            "were given: is every setting trained once with each of them?",
        )
    name = names[settings.index(chosen)]
    expect(
        name == "the smallest median",
        f"the setting with {name} was chosen: the median of five losses should decide, so that no single seed does",
    )


def check_broken_trainings(learner: Learner, rng: np.random.Generator) -> None:
    """A training that diverged counts as an infinite loss."""
    seeds, level = [int(seed) for seed in rng.choice(1000, 3, replace=False)], float(rng.uniform(0.2, 0.8))
    for broken in (float("nan"), float("inf")):
        rows = [(broken, broken, broken), (0.9, broken, 1.2), (1.0, 1.0, 1.01), (2.0, 1.9, 1.8), (0.1, broken, broken)]
        order = [0, *(1 + rng.permutation(len(rows) - 1))]  # NaN first: min() keeps its first value
        settings = _settings(rng, len(rows))
        losses = {(_key(s), seed): level * rows[place][i] for s, place in zip(settings, order, strict=True)
                  for i, seed in enumerate(seeds)}  # fmt: skip
        chosen, _ = _chosen(learner, settings, losses, seeds)
        got = rows[order[settings.index(chosen)]]
        expect(
            got == rows[2],
            f"of three trainings of the chosen setting {sum(not np.isfinite(x) for x in got)} ended with {broken}; "
            "another setting never diverges and has a smaller median. Comparisons with NaN are always false: is it "
            "replaced by inf, or dropped?",
        )
    settings = _settings(rng, 2)
    try:
        result = learner.get("choose")(settings, lambda setting, seed: float("nan"), seeds)
    except ValueError:
        return
    expect(False, f"every training gives NaN, but choose gives {shown(result)}: expected a ValueError")


def check_beyond_luck(learner: Learner, rng: np.random.Generator) -> None:
    """An improvement does not depend on the choice of seeds."""
    old = rng.uniform(1.0, 2.0, 5)
    low, middle, high = old.min(), float(np.median(old)), old.max()
    cases = (
        (low * rng.uniform(0.5, 0.9, 5), True, "every new loss is below the smallest old one"),
        (low * rng.uniform(0.5, 0.9, 3), True, "three new losses are all below the smallest of five old ones"),
        (high * rng.uniform(1.1, 1.5, 5), False, "every new loss is larger than every old one"),
        (np.array([*(low * rng.uniform(0.5, 0.7, 4)), 0.5 * (low + middle)]), False,
         "four new losses are below all old ones, but the fifth lies among them"),
        (old * 0.97, False, "the new losses are 3 % lower, seed for seed, and lie among the old ones"),
        (old.copy(), False, "old and new losses are the same"),
        (np.array([np.nan, *(low * rng.uniform(0.5, 0.7, 4))]), False, "one new training diverged"),
        (np.array([*(low * rng.uniform(0.5, 0.7, 4)), np.nan]), False, "the last new training diverged"),
    )  # fmt: skip
    for new, expected, words in cases:
        _judged(learner, new, old, expected, words)
    broken = old.copy()
    broken[0] = np.nan
    smallest = np.nanmin(broken)
    _judged(learner, smallest * rng.uniform(0.5, 0.9, 5), broken, True, "one old training diverged, no new one did")
    _judged(learner, [smallest * 1.01, smallest * 0.5], broken, False, "one new loss lies among the finite old ones")


def _judged(learner: Learner, new: Any, old: Any, expected: bool, words: str) -> None:
    got = learner.call("is_better", list(map(float, new)), list(map(float, old)))
    expect(isinstance(got, bool | np.bool_), f"is_better gives {shown(got)}, expected True or False")
    expect(bool(got) == expected, f"{words}: is_better gives {bool(got)}")


def _drawn(learner: Learner, seed: int, count: int = DRAWN) -> tuple[Float[np.ndarray, " n"], Int[np.ndarray, " n"]]:
    """Learning rates and widths, after a check of their types."""
    settings = learner.call("draw_settings", count, np.random.default_rng(seed))
    expect(
        isinstance(settings, list | tuple) and len(settings) == count,
        f"draw_settings({count}, …) gives "
        f"{type(settings).__name__}{f' of {len(settings)}' if hasattr(settings, '__len__') else ''}, expected a list "
        f"of {count}",
    )
    expect(
        all(isinstance(s, dict) and set(s) == {"learning_rate", "width"} for s in settings),
        f"a setting is {shown(settings[0])}, expected a dict of learning_rate and width",
    )
    widths = [s["width"] for s in settings]
    expect(
        all(isinstance(w, int | np.integer) for w in widths),
        f"a width is {shown(widths[0])}: the number of units of a layer is an int",
    )
    rates = numbers([s["learning_rate"] for s in settings], "the learning rates", (count,))
    return rates, np.array(widths, dtype=np.int64)


def _settings(rng: np.random.Generator, count: int) -> list[dict[str, float]]:
    widths = rng.choice(np.arange(4, 129), count, replace=False)
    return [{"learning_rate": float(rng.uniform(0.001, 0.1)), "width": int(width)} for width in widths]


def _key(setting: Mapping[str, float]) -> int:
    return int(setting["width"])


def _chosen(
    learner: Learner, settings: Sequence[dict[str, float]], losses: Mapping[tuple[int, int], float], seeds: list[int]
) -> tuple[dict[str, float], list[tuple[int, int]]]:
    """The result of choose, and the trainings that it made."""
    calls: list[tuple[int, int]] = []

    def train(setting: Mapping[str, float], seed: int) -> float:
        calls.append((_key(setting), int(seed)))
        return losses[calls[-1]]

    function: Callable[..., float] = train
    chosen = learner.call("choose", settings, function, seeds)
    expect(
        isinstance(chosen, dict) and any(chosen == setting for setting in settings),
        f"choose gives {shown(chosen)}, expected one of the given settings",
    )
    return chosen, calls
