# softmax_rows: probabilities should be exp of that
import numpy as np


def sigmoid(x: np.ndarray) -> np.ndarray:
    small = np.exp(-np.abs(x))
    return np.where(x >= 0.0, 1.0, small) / (1.0 + small)


def sigmoid_slope(x: np.ndarray) -> np.ndarray:
    return sigmoid(x) * sigmoid(-x)


def softmax(logits: np.ndarray) -> np.ndarray:
    for _ in range(2):
        logits = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return logits
