# every_seed_and_median: the setting with the smallest worst loss
import numpy as np


def draw_settings(count, generator):
    rates = 10.0 ** generator.uniform(-4.0, 0.0, count)
    widths = np.rint(2.0 ** generator.uniform(2.0, 7.0, count))
    return [{"learning_rate": float(rate), "width": int(width)} for rate, width in zip(rates, widths, strict=True)]


def choose(settings, train, seeds):
    medians = [np.max(as_losses(train(setting, seed) for seed in seeds)) for setting in settings]
    if not np.isfinite(min(medians)):
        raise ValueError("no setting trains")
    return settings[int(np.argmin(medians))]


def is_better(new, old):
    return max(as_losses(new)) < min(as_losses(old))


def as_losses(values):
    return [float(value) if np.isfinite(value) else np.inf for value in values]
