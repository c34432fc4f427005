# rates_by_factors: not filled in yet
import numpy as np


def draw_settings(count, generator):
    raise NotImplementedError


def choose(settings, train, seeds):
    medians = [np.median(as_losses(train(setting, seed) for seed in seeds)) for setting in settings]
    if not np.isfinite(min(medians)):
        raise ValueError("no setting trains")
    return settings[int(np.argmin(medians))]


def is_better(new, old):
    return max(as_losses(new)) < min(as_losses(old))


def as_losses(values):
    return [float(value) if np.isfinite(value) else np.inf for value in values]
