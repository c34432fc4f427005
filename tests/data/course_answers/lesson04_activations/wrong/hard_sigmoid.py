# sigmoid_values: they should be equal
import numpy as np


def sigmoid(x: np.ndarray) -> np.ndarray:
    return np.clip(0.5 + 0.2 * x, 0.0, 1.0)


def sigmoid_slope(x: np.ndarray) -> np.ndarray:
    return sigmoid(x) * sigmoid(-x)


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
