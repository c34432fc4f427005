# Joint by joint and row by row; sorted errors in place of quantiles.
import math


def r2_per_joint(actual, predicted):
    scores = []
    for y, answer in zip(actual.T.tolist(), predicted.T.tolist()):
        mean = sum(y) / len(y)
        errors = sum((a - b) ** 2 for a, b in zip(y, answer))
        spread = sum((a - mean) ** 2 for a in y)
        if max(y) == min(y):
            scores.append(1.0 if errors == 0.0 else 0.0)
        else:
            scores.append((spread - errors) / spread)
    return scores


def tool_errors(forward, predicted, targets):
    found = []
    for tool, target in zip(forward(predicted), targets):
        found.append(1000 * math.dist(tool, target))
    return found


def summary(errors):
    ordered = sorted(errors)
    n = len(ordered)
    return {"median": ordered[n // 2], "p95": ordered[math.ceil(0.95 * n) - 1], "worst": ordered[-1]}
