# The chain rule number by number.
import math

import numpy as np


def sigmoid(z):
    if z >= 0.0:
        return 1.0 / (1.0 + math.exp(-z))
    return math.exp(z) / (1.0 + math.exp(z))


def forward(x, W1, W2):
    hidden = np.array([[sigmoid(float(sum(w * a for w, a in zip(unit, row)))) for unit in W1] for row in x])
    return hidden, np.array([[sum(w * h for w, h in zip(unit, row)) for unit in W2] for row in hidden])


def gradients(x, t, W1, W2):
    hidden, y = forward(x, W1, W2)
    dW1, dW2 = np.zeros(W1.shape), np.zeros(W2.shape)
    for n in range(len(x)):
        for k in range(len(W2)):
            e = y[n, k] - t[n, k]
            for j in range(len(W1)):
                dW2[k, j] += e * hidden[n, j]
                for i in range(x.shape[1]):
                    dW1[j, i] += e * W2[k, j] * hidden[n, j] * (1 - hidden[n, j]) * x[n, i]
    return dW1, dW2


def numeric_gradient(loss, W, step):
    W = W.astype(float)
    gradient = np.zeros(W.shape)
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            before = W[i, j]
            W[i, j] = before + step
            up = loss(W)
            W[i, j] = before - step
            down = loss(W)
            W[i, j] = before
            gradient[i, j] = (up - down) / step / 2
    return gradient
