# training_range: Does each column have its own shift and scale
import numpy as np


def fit_minmax(train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    shift = np.full(train.shape[1], train.min())
    span = train.max() - shift
    return shift, np.where(span == 0.0, 1.0, span)


def scale_splits(
    train: np.ndarray, validation: np.ndarray, test: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    shift, scale = fit_minmax(train)
    return (train - shift) / scale, (validation - shift) / scale, (test - shift) / scale


def unscale(scaled: np.ndarray, shift: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return scaled * scale + shift
