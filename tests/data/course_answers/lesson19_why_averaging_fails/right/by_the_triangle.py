import math

import numpy as np


def two_answers(x, y, l1, l2):
    r = math.hypot(x, y)
    inner = math.acos(max(-1.0, min(1.0, (l1**2 + r**2 - l2**2) / (2 * l1 * r))))
    bend = math.pi - math.acos(max(-1.0, min(1.0, (l1**2 + l2**2 - r**2) / (2 * l1 * l2))))
    line = math.atan2(y, x)
    return [(line + inner, -bend), (line - inner, bend)]


def squared_error_answer(answers):
    return [sum(column) / len(answers) for column in zip(*answers)]


def best_head_loss(tools, targets):
    total = 0.0
    for heads, target in zip(tools, targets):
        total += min(float(np.dot(tool - target, tool - target)) for tool in heads)
    return total / len(targets)
