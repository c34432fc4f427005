"""Lesson 17: improving and tuning. Fill in the three functions, then run: kinverse course check 17."""

from collections.abc import Callable, Sequence

import numpy as np

Setting = dict[str, float]


def draw_settings(count: int, generator: np.random.Generator) -> list[Setting]:
    """Draw settings for a random search.

    Args:
        count: number of settings.
        generator: source of all random numbers.

    Returns:
        `count` dicts with "learning_rate", a float from 0.0001 to 1, and "width", an int from 4 to 128. Each is drawn
        independently, with a uniform logarithm: every factor of two is equally likely.
    """
    raise NotImplementedError


def choose(settings: Sequence[Setting], train: Callable[[Setting, int], float], seeds: Sequence[int]) -> Setting:
    """Train every setting with every seed, and choose one.

    Args:
        settings: the candidates.
        train: train(setting, seed) trains once and returns the validation loss; NaN or inf if the training diverged,
            which counts as an infinite loss.
        seeds: seeds of the trainings, the same for every setting.

    Returns:
        The setting with the smallest median of its losses.

    Raises:
        ValueError: no setting has a finite median.
    """
    raise NotImplementedError


def is_better(new: Sequence[float], old: Sequence[float]) -> bool:
    """Whether a change is an improvement beyond chance: every new loss is smaller than every old one.

    Args:
        new: validation losses of some seeds after the change; NaN, which counts as infinite, if a training diverged.
        old: the same before the change.
    """
    raise NotImplementedError
