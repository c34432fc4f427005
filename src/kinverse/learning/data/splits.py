"""Splitting rows into train, validation and test, and fitting scalers on the training rows.

Weights and scalers are fitted on *train*. Everything else is chosen on *validation*: layers, learning rate, when to
stop; so the validation loss is optimistic. *Test* is used once, at the end, and nothing is chosen on it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from kinverse.arguments import as_floats, as_items, as_number, as_whole
from kinverse.errors import ConfigError, DataError, require_choice
from kinverse.network.scaling import SCALERS, Scaler
from kinverse.text import quoted

MAX_NUMBERS = 10**9
"""Numbers in a generated data set: 8 GB as float64, and as much again while it is generated."""


@dataclass(frozen=True, eq=False)
class SplitIndices:
    """Row numbers of each split: disjoint, together all rows.

    Attributes:
        train: (n_train,) row numbers.
        validation: (n_validation,) row numbers.
        test: (n_test,) row numbers; empty where the fraction is 0.
    """

    train: Int[np.ndarray, " n_train"]
    validation: Int[np.ndarray, " n_validation"]
    test: Int[np.ndarray, " n_test"]

    def named(self) -> dict[str, Int[np.ndarray, " _"]]:
        """The splits that have rows, by name."""
        splits = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: rows for name, rows in splits.items() if len(rows)}


def split_sizes(n: int, fractions: Sequence[float]) -> tuple[int, int, int]:
    """Numbers of train, validation and test rows out of `n`.

    Validation and test are rounded up, as scikit-learn does, and train gets the rest.

    Raises:
        ConfigError: not three fractions in [0, 1] that sum to 1, train or validation is 0, or n is too small.
    """
    try:
        values = [as_number(fraction, "fraction") for fraction in as_items(fractions, "fractions")]
    except ConfigError:
        values = []
    fits = len(values) == 3 and all(0.0 <= value <= 1.0 for value in values) and abs(sum(values) - 1.0) < 1e-9
    if not fits or values[0] == 0.0 or values[1] == 0.0:
        raise ConfigError(
            "fractions must be train, validation and test, three numbers that sum to 1, the first two > 0, "
            f"got {quoted(fractions)}"
        )
    # round(…, 6): 0.07 · 100 is a little over 7 in binary and would round up to 8.
    validation, test = (math.ceil(round(fraction * n, 6)) for fraction in values[1:])
    train = n - validation - test
    if train < 1:
        raise ConfigError(f"{n} rows are too few to split into train, validation and test by {tuple(values)}")
    return train, validation, test


def require_size(rows: int, columns: int) -> None:
    """Raise ConfigError unless `rows` is a whole number > 0 and a table of that size fits into memory."""
    as_whole(rows, "rows", 1)
    if rows * columns > MAX_NUMBERS:
        raise ConfigError(
            f"{rows} rows of {columns} numbers are too many to hold in memory; at most {MAX_NUMBERS // columns} rows"
        )


def require_seed(seed: int) -> None:
    """Raise ConfigError unless NumPy and scikit-learn both take `seed`."""
    as_whole(seed, "seed", 0, 2**32 - 1)


def split_indices(n: int, fractions: Sequence[float] = (0.6, 0.2, 0.2), seed: int = 0) -> SplitIndices:
    """Shuffle `n` row numbers and split them, with scikit-learn's `train_test_split`.

    With no test rows this is exactly `train_test_split(rows, test_size=fractions[1], random_state=seed)`;
    otherwise the test rows are split off first, so that they do not depend on the other fractions.

    Args:
        n: number of rows.
        fractions: train, validation, test; they sum to 1, and test may be 0.
        seed: the same seed gives the same rows.

    Raises:
        ConfigError: invalid fractions, an empty split, or a seed out of its range.
    """
    from sklearn.model_selection import train_test_split

    require_seed(seed)
    _, validation, test = split_sizes(n, fractions)
    rows, test_rows = np.arange(n), np.arange(0)
    if test:
        rows, test_rows = train_test_split(rows, test_size=test, random_state=seed)
    train_rows, validation_rows = train_test_split(rows, test_size=validation, random_state=seed)
    return SplitIndices(train_rows, validation_rows, test_rows)


def fit_scaler(kind: str, values: Float[np.ndarray, "n f"]) -> Scaler:
    """Fit a scaler on the *training* rows; validation and test rows would leak through it.

    Args:
        kind: one of `SCALERS`.
        values: (n, f) rows; f may be 0.

    Raises:
        UnknownNameError: unknown kind.
        DataError: no rows, or a value that is not finite.
    """
    require_choice("scaler", kind, SCALERS)
    values = as_floats(values, "values", error=DataError)
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
    # scikit-learn keeps 1 / range, with range 1 for a constant column; the range itself is rounded only once.
    return Scaler(kind, minmax.data_min_, np.where(minmax.scale_ == 1.0, 1.0, minmax.data_range_))
