# Joint by joint, with a matrix for every turn, and differences for the Jacobian.
import numpy as np


def forward(q, lengths):
    q = np.asarray(q, dtype=float)
    x, y, turned = 0.0, 0.0, 0.0
    for joint, length in enumerate(lengths):
        turned = turned + q[..., joint]
        x = x + length * np.cos(turned)
        y = y + length * np.sin(turned)
    return np.stack([x, y], axis=-1)


def jacobian(q, lengths):
    columns = []
    for joint in range(q.shape[-1]):
        up, down = q.copy(), q.copy()
        up[..., joint] += 1e-6
        down[..., joint] -= 1e-6
        columns.append((forward(up, lengths) - forward(down, lengths)) / 2e-6)
    return np.stack(columns, axis=-1)


def reach(lengths):
    near, far = 0.0, 0.0
    for length in lengths:
        if length > far:
            near = length - far
        else:
            near = max(near - length, 0.0)
        far += length
    return [near, far]
