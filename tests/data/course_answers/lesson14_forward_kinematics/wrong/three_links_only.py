# any_arm_any_batch: forward raises
import numpy as np


def forward(q, lengths):
    a, b, c = q[..., 0], q[..., 0] + q[..., 1], q[..., 0] + q[..., 1] + q[..., 2]
    x = lengths[0] * np.cos(a) + lengths[1] * np.cos(b) + lengths[2] * np.cos(c)
    y = lengths[0] * np.sin(a) + lengths[1] * np.sin(b) + lengths[2] * np.sin(c)
    return np.stack([x, y], axis=-1)


def jacobian(q, lengths):
    direction = np.cumsum(q, axis=-1)
    links = np.stack([-lengths * np.sin(direction), lengths * np.cos(direction)], axis=-2)
    return np.flip(np.cumsum(np.flip(links, axis=-1), axis=-1), axis=-1)


def reach(lengths):
    together = float(np.sum(lengths))
    return max(0.0, 2.0 * float(np.max(lengths)) - together), together
