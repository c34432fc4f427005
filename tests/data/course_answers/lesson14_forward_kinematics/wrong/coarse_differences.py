# jacobian: moves the tool in
import numpy as np


def forward(q, lengths):
    direction = np.cumsum(q, axis=-1)
    return np.stack([np.cos(direction) @ lengths, np.sin(direction) @ lengths], axis=-1)


def jacobian(q, lengths):
    step = 0.2
    moves = step * np.eye(len(lengths))
    return np.stack([(forward(q + m, lengths) - forward(q, lengths)) / step for m in moves], axis=-1)


def reach(lengths):
    together = float(np.sum(lengths))
    return max(0.0, 2.0 * float(np.max(lengths)) - together), together
