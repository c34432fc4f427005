# reach: have a largest reach of
import numpy as np


def forward(q, lengths):
    direction = np.cumsum(q, axis=-1)
    return np.stack([np.cos(direction) @ lengths, np.sin(direction) @ lengths], axis=-1)


def jacobian(q, lengths):
    direction = np.cumsum(q, axis=-1)
    links = np.stack([-lengths * np.sin(direction), lengths * np.cos(direction)], axis=-2)
    return np.flip(np.cumsum(np.flip(links, axis=-1), axis=-1), axis=-1)


def reach(lengths):
    together = float(np.sum(lengths))
    return max(0.0, 2.0 * float(np.max(lengths)) - together), float(np.max(lengths))
