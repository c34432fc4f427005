# Sign by sign, row by row.
import math

import numpy as np


def _one(x):
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    return math.exp(x) / (1.0 + math.exp(x))


def sigmoid(x):
    x = np.asarray(x)
    return np.array([_one(v) for v in x.ravel()]).reshape(x.shape)


def sigmoid_slope(x):
    s = sigmoid(x)
    return s * (1 - s)


def softmax(logits):
    rows = []
    for row in logits:
        top = max(row)
        powers = [math.exp(v - top) for v in row]
        rows.append([p / sum(powers) for p in powers])
    return np.array(rows)
