# With loops and float32.
import numpy as np


def fit_minmax(train):
    shift, scale = [], []
    for column in train.T:
        low, high = min(column), max(column)
        shift.append(low)
        scale.append(high - low if high > low else 1.0)
    return np.array(shift, dtype=np.float32), np.array(scale, dtype=np.float32)


def scale_splits(train, validation, test):
    shift, scale = fit_minmax(train)
    return tuple((table.astype(np.float32) - shift) / scale for table in (train, validation, test))


def unscale(scaled, shift, scale):
    back = np.empty_like(scaled)
    for i, row in enumerate(scaled):
        back[i] = row * scale + shift
    return back
