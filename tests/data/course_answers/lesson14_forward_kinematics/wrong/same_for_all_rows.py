# jacobian_of_batches: differs from their Jacobian without the batch
import numpy as np


def forward(q, lengths):
    direction = np.cumsum(q, axis=-1)
    return np.stack([np.cos(direction) @ lengths, np.sin(direction) @ lengths], axis=-1)


def jacobian(q, lengths):
    direction = np.cumsum(q, axis=-1)
    links = np.stack([-lengths * np.sin(direction), lengths * np.cos(direction)], axis=-2)
    J = np.flip(np.cumsum(np.flip(links, axis=-1), axis=-1), axis=-1)
    first = J.reshape(-1, 2, len(lengths))[0]
    return np.broadcast_to(first, J.shape)


def reach(lengths):
    together = float(np.sum(lengths))
    return max(0.0, 2.0 * float(np.max(lengths)) - together), together
