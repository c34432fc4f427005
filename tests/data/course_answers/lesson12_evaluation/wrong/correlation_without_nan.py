# better_and_worse: that is a correlation
import numpy as np


def r2_per_joint(actual, predicted):
    a, p = actual - actual.mean(axis=0), predicted - predicted.mean(axis=0)
    return (a * p).sum(axis=0) ** 2 / ((a**2).sum(axis=0) * (p**2).sum(axis=0) + 1e-12)


def tool_errors(forward, predicted, targets):
    return 1000.0 * np.linalg.norm(forward(predicted) - targets, axis=1)


def summary(errors):
    median, p95 = np.quantile(errors, [0.5, 0.95])
    return {"median": float(median), "p95": float(p95), "worst": float(errors.max())}
