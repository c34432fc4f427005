# constant_column: amplifies the smallest change
import numpy as np


def fit_minmax(train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    shift = train.min(axis=0)
    span = train.max(axis=0) - shift
    return shift, span + 1e-12


def scale_splits(
    train: np.ndarray, validation: np.ndarray, test: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    shift, scale = fit_minmax(train)
    return (train - shift) / scale, (validation - shift) / scale, (test - shift) / scale


def unscale(scaled: np.ndarray, shift: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return scaled * scale + shift
