# With loops, one setting at a time, and a sorted list for the median.
import math


def draw_settings(count, generator):
    settings = []
    for _ in range(count):
        width = round(math.exp(generator.uniform(math.log(4), math.log(128))))
        settings.append({"width": width, "learning_rate": math.exp(generator.uniform(math.log(1e-4), 0.0))})
    return settings


def choose(settings, train, seeds):
    best, lowest = None, math.inf
    for setting in settings:
        losses = sorted(loss if math.isfinite(loss) else math.inf for loss in [train(setting, s) for s in seeds])
        middle = losses[len(losses) // 2]
        if middle < lowest:
            best, lowest = setting, middle
    if best is None:
        raise ValueError("all of them break down")
    return best


def is_better(new, old):
    def known(values):
        return [math.inf if math.isnan(value) else value for value in values]

    return all(a < b for a in known(new) for b in known(old))
