# momentum_gathers: the rate belongs to the step alone
import numpy as np


def momentum_step(w, velocity, gradient, rate, momentum):
    velocity = velocity.copy()
    velocity *= momentum
    velocity -= rate * gradient
    return w + velocity, velocity


def adam_step(w, m, v, gradient, t, rate):
    b1, b2 = 0.9, 0.999
    m = m + (1 - b1) * (gradient - m)
    v = v + (1 - b2) * (np.square(gradient) - v)
    size = rate * np.sqrt(1 - b2**t) / (1 - b1**t)
    return w - size * m / (np.sqrt(v) + 1e-8 * np.sqrt(1 - b2**t)), m, v


def exponential_rate(rate, gamma, epoch):
    for _ in range(epoch):
        rate *= gamma
    return rate
