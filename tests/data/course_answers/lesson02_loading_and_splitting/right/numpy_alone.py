# With genfromtxt, and a mask for every part.
import random

import numpy as np


def load_rows(path):
    table = np.genfromtxt(path, delimiter=",", names=True)
    columns = np.array([table[name] for name in ("x", "y", "theta1", "theta2", "theta3")])
    whole = ~np.isnan(columns).any(axis=0)
    return columns[:2, whole].T, columns[2:, whole].T


def split_rows(features, targets, seed):
    n = len(features)
    part = ["train"] * int(0.6 * n) + ["validation"] * int(0.2 * n)
    part += ["test"] * (n - len(part))
    random.Random(seed).shuffle(part)
    part = np.array(part)
    return {name: (features[part == name], targets[part == name]) for name in ("train", "validation", "test")}
