"""Fitting scalers, with scikit-learn, on training rows only."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from kinverse.errors import DataError, require_choice
from kinverse.network.scaling import SCALERS, Scaler


def fit_scaler(kind: str, values: Float[np.ndarray, "n f"]) -> Scaler:
    """Fit a scaler on the rows of a table: the *training* rows, since validation rows would leak through it.

    Args:
        kind: one of `SCALERS`.
        values: (n, f) rows; f may be 0.

    Raises:
        UnknownNameError: no such kind; the message lists them.
        DataError: no rows, or a value that is not finite.
    """
    require_choice("scaler", kind, SCALERS)
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 2 or len(values) == 0 or not np.isfinite(values).all():
        raise DataError(
            f"a scaler is fitted on a table of finite numbers with at least one row, got shape {values.shape}"
        )
    columns = values.shape[1]
    if kind == "none" or columns == 0:
        return Scaler(kind, np.zeros(columns), np.ones(columns))
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    if kind == "standard":
        standard = StandardScaler().fit(values)
        return Scaler(kind, standard.mean_, standard.scale_)
    minmax = MinMaxScaler().fit(values)
    # scikit-learn keeps 1 / range, with range 1 for a constant column; the range itself is not rounded twice.
    return Scaler(kind, minmax.data_min_, np.where(minmax.scale_ == 1.0, 1.0, minmax.data_range_))
