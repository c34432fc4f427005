# With the library's R² and percentiles.
import numpy as np
from sklearn.metrics import r2_score


def r2_per_joint(actual, predicted):
    return r2_score(actual - actual[0], predicted - actual[0], multioutput="raw_values")


def tool_errors(forward, predicted, targets):
    away = (forward(predicted) - targets) * 1e3
    return np.sqrt(np.einsum("ni,ni->n", away, away))


def summary(errors):
    return {"worst": np.max(errors), "p95": np.percentile(errors, 95), "median": np.median(errors)}
