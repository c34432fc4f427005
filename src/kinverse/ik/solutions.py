"""`Solutions`: the results of a solver."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from kinverse.tables import Table

SOLVED, UNREACHABLE, NOT_SOLVED = "solved", "unreachable", "not_solved"
MAX_SHOWN = 20
"""Rows of the table in a notebook."""


@dataclass(frozen=True, eq=False)
class Solutions:
    """Joint positions for targets, each verified by forward kinematics. Batch axes are those of the targets.

    The fields of a single target are numbers, and `q` is (dof,).

    Attributes:
        q: (..., dof) joint positions inside the limits [rad or m]; the closest found where `converged` is False.
        converged: (...) whether both errors are within the solver's tolerances.
        position_error: (...) distance from tool to target [m].
        rotation_error: (...) angle from tool to target [rad]; 0 for goals without rotation.
        iterations: (...) Levenberg–Marquardt iterations spent, over all attempts.
        attempts: (...) attempts made, each from another seed.
        unreachable: (...) proven to be out of reach: the target lies outside a spherical shell that the arm cannot
            leave. False does not mean that it can be reached.
    """

    q: Float[np.ndarray, "*batch dof"]
    converged: Bool[np.ndarray, "*batch"] | np.bool
    position_error: Float[np.ndarray, "*batch"] | np.float64
    rotation_error: Float[np.ndarray, "*batch"] | np.float64
    iterations: Int[np.ndarray, "*batch"] | np.int64
    attempts: Int[np.ndarray, "*batch"] | np.int64
    unreachable: Bool[np.ndarray, "*batch"] | np.bool

    @property
    def status(self) -> Shaped[np.ndarray, "*batch"]:
        """(...) "solved", "unreachable" (proven), or "not_solved": neither solved nor proven to be out of reach.

        Example:
            >>> kv.Solver("planar3").solve([[1.0, 1.0], [9.0, 0.0]]).status
            array(['solved', 'unreachable'], dtype='<U11')
        """
        return np.where(self.converged, SOLVED, np.where(self.unreachable, UNREACHABLE, NOT_SOLVED))

    def __len__(self) -> int:
        """Length of the first batch axis; 1 for a single target."""
        return len(self.q) if self.q.ndim > 1 else 1

    def __getitem__(self, rows: Any) -> Solutions:
        """Index the batch axes, as in NumPy."""
        own: Any = self  # numbers in place of arrays for a single target
        return Solutions(  # field by field: every call for a single target comes here
            own.q[rows],
            own.converged[rows],
            own.position_error[rows],
            own.rotation_error[rows],
            own.iterations[rows],
            own.attempts[rows],
            own.unreachable[rows],
        )

    def __repr__(self) -> str:
        count = int(np.size(self.converged))
        solved = int(np.sum(self.converged))
        if count == 0:
            return "Solutions(none)"
        errors = "" if solved == count else f", errors up to {self._largest_errors()}"
        return f"Solutions({solved} of {count} converged{errors}, q {self.q.shape})"

    def _repr_html_(self) -> str:
        """A table, as notebooks show it."""
        columns = ("converged", "position error [m]", "rotation error [rad]", "iterations", "attempts")
        names = ("converged", "position_error", "rotation_error", "iterations", "attempts")
        values = [np.ravel(getattr(self, name))[:MAX_SHOWN].tolist() for name in names]
        rows = [(i, "yes" if row[0] else "no", *row[1:]) for i, row in enumerate(zip(*values, strict=True))]
        count = int(np.size(self.converged))
        note = f"The first {MAX_SHOWN} of {count}." if count > MAX_SHOWN else ""
        return Table(repr(self), ("row", *columns), rows, note)._repr_html_()

    def _largest_errors(self) -> str:
        rotation = float(np.max(self.rotation_error))
        return f"{float(np.max(self.position_error)):.3g} m" + (f" and {rotation:.3g} rad" if rotation > 0.0 else "")


def joined(a: Solutions, b: Solutions) -> Solutions:
    """Concatenate two sets of solutions."""
    return Solutions(*(np.concatenate([getattr(a, n), getattr(b, n)]) for n in Solutions.__dataclass_fields__))


def put(into: Solutions, mask: np.ndarray, what: Solutions) -> Solutions:
    """`into` with the rows of a mask replaced by `what`."""
    changed = {}
    for name in Solutions.__dataclass_fields__:
        values = getattr(into, name).copy()
        values[mask] = getattr(what, name)
        changed[name] = values
    return replace(into, **changed)
