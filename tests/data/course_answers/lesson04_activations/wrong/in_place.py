# sigmoid_values: sigmoid changes its argument 'x' in place
import numpy as np


def sigmoid(x: np.ndarray) -> np.ndarray:
    positive = x >= 0.0
    np.abs(x, out=x)
    small = np.exp(-x)
    return np.where(positive, 1.0, small) / (1.0 + small)


def sigmoid_slope(x: np.ndarray) -> np.ndarray:
    return sigmoid(x) * sigmoid(-x)


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
