# other_rows_follow: are they scaled with their own smallest and largest value?
import numpy as np


def fit_minmax(train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    shift = train.min(axis=0)
    span = train.max(axis=0) - shift
    return shift, np.where(span == 0.0, 1.0, span)


def scale_splits(
    train: np.ndarray, validation: np.ndarray, test: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    scaled = []
    for table in (train, validation, test):
        shift, scale = fit_minmax(table)
        scaled.append((table - shift) / scale)
    return tuple(scaled)


def unscale(scaled: np.ndarray, shift: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return scaled * scale + shift
