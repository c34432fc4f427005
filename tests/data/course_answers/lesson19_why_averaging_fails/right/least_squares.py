import numpy as np


def two_answers(x, y, l1, l2):
    cosine = (x**2 + y**2 - l1**2 - l2**2) / (2 * l1 * l2)
    sine = np.array([1.0, -1.0]) * np.sqrt(np.maximum(1 - cosine**2, 0.0))
    q2 = np.arctan2(sine, cosine)
    a, b = l1 + l2 * cosine, l2 * sine
    q1 = np.arctan2(a * y - b * x, a * x + b * y)
    return np.stack([q1, q2], axis=1)


def squared_error_answer(answers):
    ones = np.ones((len(answers), 1))
    return np.linalg.lstsq(ones, answers, rcond=None)[0][0]


def best_head_loss(tools, targets):
    squared = np.linalg.norm(tools - np.expand_dims(targets, 1), axis=-1) ** 2
    return np.mean(np.min(squared, axis=-1))
