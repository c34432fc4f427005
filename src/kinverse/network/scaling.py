"""`Scaler`: brings columns to a common size before the network, and its outputs back to their units.

`kinverse.learning.data.splits.fit_scaler` fits one; this package loads no scikit-learn.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from kinverse.errors import DataError, ShapeError, require_choice

SCALERS = ("minmax", "standard", "none")


@dataclass(frozen=True, eq=False)
class Scaler:
    """An affine map for each column: transform(x) = (x − shift) / scale.

    Attributes:
        kind: "minmax" (smallest → 0, largest → 1), "standard" (mean → 0, standard deviation → 1) or "none".
        shift: (f,) in the column's unit.
        scale: (f,) in the column's unit, never 0; 1 for a constant column, as in scikit-learn.
    """

    kind: str
    # The underscore: jaxtyping need not find as many columns in every scaler of one model.
    shift: Float[np.ndarray, " _f"] = field(repr=False)
    scale: Float[np.ndarray, " _f"] = field(repr=False)

    def __post_init__(self) -> None:
        require_choice("scaler", self.kind, SCALERS)
        for name in ("shift", "scale"):
            values = np.array(getattr(self, name), dtype=np.float64)
            if values.ndim != 1 or not np.isfinite(values).all():
                raise DataError(f"scaler: {name} must be a row of finite numbers, got shape {values.shape}")
            object.__setattr__(self, name, values)
        if self.shift.shape != self.scale.shape or not self.scale.all():
            raise DataError(
                f"scaler: {len(self.shift)} shifts, {len(self.scale)} scales; expected equal numbers and no scale of 0"
            )

    def transform(self, x: Float[np.ndarray, "*batch f"]) -> Float[np.ndarray, "*batch f"]:
        """Scale columns: (x − shift) / scale.

        Raises:
            ShapeError: the last axis is not f.
        """
        return (self._columns(x) - self.shift) / self.scale

    def inverse(self, x: Float[np.ndarray, "*batch f"]) -> Float[np.ndarray, "*batch f"]:
        """Undo `transform`: x · scale + shift.

        Raises:
            ShapeError: the last axis is not f.
        """
        return self._columns(x) * self.scale + self.shift

    def _columns(self, x: Float[np.ndarray, "*batch f"]) -> Float[np.ndarray, "*batch f"]:
        x = np.asarray(x, dtype=np.float64)
        if x.ndim == 0 or x.shape[-1] != len(self.shift):
            raise ShapeError(f"scaler was fitted on {len(self.shift)} columns, got an array of shape {x.shape}")
        return x
