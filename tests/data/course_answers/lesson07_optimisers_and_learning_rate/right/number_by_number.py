# In plain loops over the entries.
import math

import numpy as np


def momentum_step(w, velocity, gradient, rate, momentum):
    new, speed = np.empty(w.shape), np.empty(w.shape)
    for at in np.ndindex(w.shape):
        speed[at] = momentum * velocity[at] + gradient[at]
        new[at] = w[at] - rate * speed[at]
    return new, speed


def adam_step(w, m, v, gradient, t, rate):
    new, first, second = (np.empty(w.shape) for _ in range(3))
    for at in np.ndindex(w.shape):
        g = gradient[at]
        first[at] = 0.9 * m[at] + (1 - 0.9) * g
        second[at] = 0.999 * v[at] + (1 - 0.999) * g * g
        mean = first[at] / (1 - math.pow(0.9, t))
        square = second[at] / (1 - math.pow(0.999, t))
        new[at] = w[at] - rate * mean / (math.sqrt(square) + 1e-8)
    return new, first, second


def exponential_rate(rate, gamma, epoch):
    return rate * math.exp(epoch * math.log(gamma))
