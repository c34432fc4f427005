# better_and_worse: leave a quarter of the squares
import numpy as np


def r2_per_joint(actual, predicted):
    mean = actual.mean(axis=0)
    return ((predicted - mean) ** 2).sum(axis=0) / (((actual - mean) ** 2).sum(axis=0) + 1e-300)


def tool_errors(forward, predicted, targets):
    return 1000.0 * np.linalg.norm(forward(predicted) - targets, axis=1)


def summary(errors):
    median, p95 = np.quantile(errors, [0.5, 0.95])
    return {"median": float(median), "p95": float(p95), "worst": float(errors.max())}
