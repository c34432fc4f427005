"""Metrics as pure functions: errors and R² of joint positions, tool errors, violated joint limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from kinverse.errors import ShapeError
from kinverse.geometry import position_error, rotation_error
from kinverse.robot.arm import Arm


def mse(actual: Float[np.ndarray, "n t"], predicted: Float[np.ndarray, "n t"]) -> float:
    """Mean of the squared differences over all rows and columns, in the square of their unit.

    Args:
        actual: (n, t) true values.
        predicted: (n, t) what the model predicts.

    Raises:
        ShapeError: the shapes differ, or a value is missing or not finite.
    """
    from sklearn.metrics import mean_squared_error

    return float(mean_squared_error(*finite_pair(actual, predicted)))


def mae(actual: Float[np.ndarray, "n t"], predicted: Float[np.ndarray, "n t"]) -> float:
    """Mean of the absolute differences over all rows and columns, in their unit.

    Args:
        actual: (n, t) true values.
        predicted: (n, t) what the model predicts.

    Raises:
        ShapeError: the shapes differ, or a value is missing or not finite.
    """
    from sklearn.metrics import mean_absolute_error

    return float(mean_absolute_error(*finite_pair(actual, predicted)))


def r2_per_column(actual: Float[np.ndarray, "n t"], predicted: Float[np.ndarray, "n t"]) -> Float[np.ndarray, " t"]:
    """Coefficient of determination of each column: 1 − Σ(error²) / Σ(distance from the column's own mean)².

    1 is exact, 0 is as good as always predicting the column's mean, and below 0 is worse than that: R² can be
    negative without bound. A column of constant true values has no variance to explain; it gets 1.0 if every
    prediction is exact and 0.0 if not (scikit-learn's convention).

    Args:
        actual: (n, t) true values, n ≥ 2.
        predicted: (n, t) what the model predicts.

    Returns:
        (t,) one R² per column, no unit.

    Raises:
        ShapeError: the shapes differ, there are fewer than two rows, or a value is not finite.
    """
    from sklearn.metrics import r2_score

    actual, predicted = finite_pair(actual, predicted, least_rows=2)
    # R² does not change when both are shifted; without it the rounded mean of a constant column is not that
    # constant, and the column would be divided by a variance of 1e-34 in place of 0.
    return np.asarray(r2_score(actual - actual[0], predicted - actual[0], multioutput="raw_values"), dtype=np.float64)


def r2_mean(actual: Float[np.ndarray, "n t"], predicted: Float[np.ndarray, "n t"]) -> float:
    """Mean of the columns' R² (`r2_per_column`): the figure to quote.

    Always predicting the column means scores 0.

    Args:
        actual: (n, t) true values, n ≥ 2.
        predicted: (n, t) what the model predicts.

    Raises:
        ShapeError: the shapes differ, there are fewer than two rows, or a value is not finite.
    """
    return float(r2_per_column(actual, predicted).mean())


def r2_global_mean(actual: Float[np.ndarray, "n t"], predicted: Float[np.ndarray, "n t"]) -> float:
    """R² with ONE mean over all rows and columns: 1 − Σ(error²) / Σ(distance from the global mean)².

    The formula of the published ARKOMA workshop's utilities, kept to compare with them. It flatters: the
    joints' different means count as variance that the model "explains", so a predictor that always predicts the
    column means, and has learned nothing, already scores 0.125 to 0.286 on generated test rows (`kinverse study nao`).
    Print `r2_per_column` and `r2_mean` beside it.

    Args:
        actual: (n, t) true values, at least two in all.
        predicted: (n, t) what the model predicts.

    Raises:
        ShapeError: the shapes differ, there are fewer than two values, or a value is not finite.
    """
    from sklearn.metrics import r2_score

    actual, predicted = finite_pair(actual, predicted)
    if actual.size < 2:
        raise ShapeError(f"R² needs at least 2 values, got actual {actual.shape}, predicted {predicted.shape}")
    return float(r2_score((actual - actual[0, 0]).ravel(), (predicted - actual[0, 0]).ravel()))


def proportion_interval(successes: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a proportion by Wilson's score (J. Am. Stat. Assoc. 1927), which stays inside [0, 1].

    Args:
        successes: number of successes.
        total: number of draws, at least one.
    """
    from scipy.stats import binomtest

    interval = binomtest(successes, total).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


@dataclass(frozen=True)
class Summary:
    """Four figures of a set of errors, in the unit of the errors.

    Attributes:
        mean: the arithmetic mean.
        median: half of the errors lie below it.
        p95: 95 % of the errors lie below it (linear interpolation between the two nearest).
        max: the largest error.
    """

    mean: float
    median: float
    p95: float
    max: float


def summarise(values: Float[np.ndarray, " *shape"]) -> Summary:
    """Mean, median, 95th percentile and maximum of all values.

    Args:
        values: errors of any shape, in any unit.

    Raises:
        ShapeError: empty or not finite.
    """
    errors = finite_array("errors", values)
    median, p95 = np.percentile(errors, (50.0, 95.0))
    return Summary(float(errors.mean()), float(median), float(p95), float(errors.max()))


@dataclass(frozen=True, eq=False)
class ToolErrors:
    """Position and rotation errors of the tool, for each row.

    Attributes:
        position: (n,) distance between tool and target [m].
        rotation: (n,) angle between tool and target orientation [rad], in [0, π]; None for positions.
    """

    position: Float[np.ndarray, " n"]
    rotation: Float[np.ndarray, " n"] | None


def tool_errors(arm: Arm, q: Float[np.ndarray, "n dof"], targets: Float[np.ndarray, "n ..."]) -> ToolErrors:
    """Position and rotation errors of joint positions with respect to their targets.

    Args:
        arm: the arm.
        q: (n, dof) joint positions [rad or m]; limits are not applied.
        targets: (n, 2), (n, 3) positions [m] or (n, 4, 4) poses T_base_target.

    Raises:
        ShapeError: `q` and `targets` differ in rows, do not fit the arm, or are not finite.
    """
    q = finite_table("q", q, columns=arm.dof)
    shape = np.shape(targets)
    if shape not in ((len(q), 2), (len(q), 3), (len(q), 4, 4)):
        raise ShapeError(f"targets for q {q.shape} must have shape (n, 2), (n, 3) or (n, 4, 4), got {shape}")
    targets = finite_array("targets", targets)
    reached = arm.forward_kinematics(q)
    if targets.ndim == 3:
        return ToolErrors(position_error(reached, targets), rotation_error(reached, targets))
    return ToolErrors(np.linalg.norm(reached[:, : shape[1], 3] - targets, axis=-1), None)


@dataclass(frozen=True)
class LimitViolations:
    """Joint positions outside the limits.

    Attributes:
        count_rows: rows with at least one joint outside.
        per_joint: rows outside for each joint, by joint name, base first.
        worst: the largest distance outside a limit [rad, or m for a prismatic joint]; 0.0 if all are inside.
    """

    count_rows: int
    per_joint: dict[str, int]
    worst: float


def limit_violations(arm: Arm, q: Float[np.ndarray, "n dof"], tolerance: float = 1e-9) -> LimitViolations:
    """Count the joint positions that lie outside the arm's limits by more than `tolerance`.

    Args:
        arm: the arm; a continuous joint has no limits.
        q: (n, dof) joint positions [rad or m].
        tolerance: distance outside that is ignored [rad or m].

    Raises:
        ShapeError: `q` does not fit the arm or is not finite.
    """
    q = finite_table("q", q, columns=arm.dof)
    outside = np.maximum(arm.lower - q, q - arm.upper)  # (n, dof), −inf for a continuous joint
    broken = outside > tolerance
    counts = broken.sum(axis=0)
    return LimitViolations(
        count_rows=int(broken.any(axis=1).sum()),
        per_joint={name: int(count) for name, count in zip(arm.joint_names, counts, strict=True)},
        worst=float(outside[broken].max(initial=0.0)),
    )


def finite_array(name: str, values: Float[np.ndarray, " *shape"]) -> Float[np.ndarray, " *shape"]:
    """`values` as a float64 array that is not empty and all finite.

    Args:
        name: name of the array in the message.
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
        name: name of the table in the message.
        values: (n, t) numbers.
        columns: number of columns that it must have; None: any.

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
