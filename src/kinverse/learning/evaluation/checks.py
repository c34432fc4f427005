"""What every metric and floor asks of its arrays: numbers, two axes, at least one row, all finite."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from kinverse.errors import ShapeError


def finite_array(name: str, values: Float[np.ndarray, " *shape"]) -> Float[np.ndarray, " *shape"]:
    """`values` as a float64 array that is not empty and all finite.

    Args:
        name: what the array is called in the message.
        values: numbers of any shape.

    Raises:
        ShapeError: not numbers, empty, or a NaN or inf in it.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ShapeError(f"{name} must be an array of numbers, got {type(values).__name__}") from None
    if array.size == 0:
        raise ShapeError(f"{name} must hold at least one value, got an empty array of shape {array.shape}")
    if not np.isfinite(array).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ShapeError(f"{name} must be finite, got {array[place]} at index {place} of shape {array.shape}")
    return array


def finite_table(name: str, values: Float[np.ndarray, "n t"], columns: int | None = None) -> Float[np.ndarray, "n t"]:
    """`values` as a finite float64 table of rows and columns.

    Args:
        name: what the table is called in the message.
        values: (n, t) numbers.
        columns: how many columns it must have; None: any number.

    Raises:
        ShapeError: not two axes, another number of columns, empty, or not finite.
    """
    wanted = f"(n, {'t' if columns is None else columns})"
    shape = np.shape(values)
    if len(shape) != 2 or columns not in (None, shape[1]):
        raise ShapeError(f"{name} must have shape {wanted}, got {shape}")
    return finite_array(name, values)


def finite_pair(
    actual: Float[np.ndarray, "n t"], predicted: Float[np.ndarray, "n t"], least_rows: int = 1
) -> tuple[Float[np.ndarray, "n t"], Float[np.ndarray, "n t"]]:
    """Two tables of the same shape (n, t), n ≥ `least_rows`, as finite float64 arrays.

    Raises:
        ShapeError: they differ in shape (both are named), have too few rows, or are not finite.
    """
    if np.shape(actual) != np.shape(predicted):
        raise ShapeError(
            f"actual and predicted must have the same shape (n, t), got {np.shape(actual)} and {np.shape(predicted)}"
        )
    actual, predicted = finite_table("actual", actual), finite_table("predicted", predicted)
    if len(actual) < least_rows:
        raise ShapeError(f"R² needs at least {least_rows} rows, got actual {actual.shape}, predicted {predicted.shape}")
    return actual, predicted
