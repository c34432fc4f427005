# hidden_layer: a small increase of W1[1,1]
import numpy as np


def forward(x, W1, W2):
    z = x @ W1.T
    hidden = 0.5 * (1.0 + np.tanh(0.5 * z))
    return hidden, hidden @ W2.T


def gradients(x, t, W1, W2):
    hidden, y = forward(x, W1, W2)
    error = y - t
    dz = (error @ W2) * (1.0 - hidden**2)
    return dz.T @ x, error.T @ hidden


def numeric_gradient(loss, W, step):
    gradient = np.zeros_like(W)
    for place in np.ndindex(W.shape):
        up, down = W.copy(), W.copy()
        up[place] += step
        down[place] -= step
        gradient[place] = (loss(up) - loss(down)) / (2.0 * step)
    return gradient
