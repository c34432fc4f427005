# joint_that_never_moves: its predictions are off by 0.1 rad, and its R² is 1
import numpy as np


def r2_per_joint(actual, predicted):
    errors = ((actual - predicted) ** 2).sum(axis=0)
    moves = np.ptp(actual, axis=0) > 0.0
    spread = ((actual - actual.mean(axis=0)) ** 2).sum(axis=0)
    return np.where(moves, 1.0 - errors / np.where(moves, spread, 1.0), 1.0)


def tool_errors(forward, predicted, targets):
    return 1000.0 * np.linalg.norm(forward(predicted) - targets, axis=1)


def summary(errors):
    median, p95 = np.quantile(errors, [0.5, 0.95])
    return {"median": float(median), "p95": float(p95), "worst": float(errors.max())}
