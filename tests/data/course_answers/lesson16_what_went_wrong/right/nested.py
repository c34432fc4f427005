import numpy as np


def spread(predictions, targets):
    centred = [table - table.mean(axis=0, keepdims=True) for table in (predictions, targets)]
    p, t = (float((table * table).sum()) for table in centred)
    return (p / t) ** 0.5


def fall(history):
    history = list(history)
    epochs = len(history) - 1
    before = history[epochs - max(1, epochs // 10)]
    return (before - history[epochs]) / before


def diagnose(history, floor, predictions, targets):
    if spread(predictions, targets) >= 0.02:
        if not (floor and history[-1] < 1.5 * floor):
            return "still falling" if fall(history) > 0.05 else "nothing found"
        return "reachability floor"
    return "constant output"
