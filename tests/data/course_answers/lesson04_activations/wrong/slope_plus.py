# slope: steps of 10⁻⁵ to both sides
import numpy as np


def sigmoid(x: np.ndarray) -> np.ndarray:
    small = np.exp(-np.abs(x))
    return np.where(x >= 0.0, 1.0, small) / (1.0 + small)


def sigmoid_slope(x: np.ndarray) -> np.ndarray:
    return sigmoid(x) * (1.0 + sigmoid(x))


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
