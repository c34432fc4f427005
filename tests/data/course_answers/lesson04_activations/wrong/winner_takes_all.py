# softmax_rows: the logarithm of the ratio is
import numpy as np


def sigmoid(x: np.ndarray) -> np.ndarray:
    small = np.exp(-np.abs(x))
    return np.where(x >= 0.0, 1.0, small) / (1.0 + small)


def sigmoid_slope(x: np.ndarray) -> np.ndarray:
    return sigmoid(x) * sigmoid(-x)


def softmax(logits: np.ndarray) -> np.ndarray:
    return (logits == logits.max(axis=1, keepdims=True)).astype(float)
