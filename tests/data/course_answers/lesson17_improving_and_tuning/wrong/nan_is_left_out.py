# broken_trainings: ended with nan
import numpy as np


def draw_settings(count, generator):
    rates = 10.0 ** generator.uniform(-4.0, 0.0, count)
    widths = np.rint(2.0 ** generator.uniform(2.0, 7.0, count))
    return [{"learning_rate": float(rate), "width": int(width)} for rate, width in zip(rates, widths, strict=True)]


def choose(settings, train, seeds):
    best, lowest = None, np.inf
    for setting in settings:
        losses = [loss for loss in (train(setting, seed) for seed in seeds) if np.isfinite(loss)]
        if losses and np.median(losses) < lowest:
            best, lowest = setting, np.median(losses)
    if best is None:
        raise ValueError("no setting trains")
    return best


def is_better(new, old):
    return max(as_losses(new)) < min(as_losses(old))


def as_losses(values):
    return [float(value) if np.isfinite(value) else np.inf for value in values]
