"""Baselines and floors: how good is a guess without learning, how good can any model get?"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from kinverse.errors import ShapeError
from kinverse.ik.reach import closest_reachable
from kinverse.learning.evaluation.metrics import finite_table
from kinverse.network.spec import ModelSpec
from kinverse.robot.arm import Arm


def constant_predictor(
    train_targets: Float[np.ndarray, "m t"], targets: Float[np.ndarray, "n t"]
) -> Float[np.ndarray, "n t"]:
    """The best predictor without inputs: the column means of the training targets, for every row.

    A model no better than this has learned nothing; its mean squared error on its own training rows is the
    variance.

    Args:
        train_targets: (m, t) training targets.
        targets: (n, t) targets to predict; only the shape is used.

    Returns:
        (n, t) the same row n times.

    Raises:
        ShapeError: the columns differ, or a value is missing or not finite.
    """
    train_targets = finite_table("train_targets", train_targets)
    targets = finite_table("targets", targets, columns=train_targets.shape[1])
    return np.tile(train_targets.mean(axis=0), (len(targets), 1))


def nearest_neighbour(
    train_features: Float[np.ndarray, "m f"],
    train_targets: Float[np.ndarray, "m t"],
    features: Float[np.ndarray, "n f"],
) -> Float[np.ndarray, "n t"]:
    """Predict the target of the training row with the closest features.

    A model worse than this is worse than a table. Features are standardised by the training rows' mean
    and standard deviation, so that no unit outweighs another.

    Args:
        train_features: (m, f) inputs of the training rows, in any units.
        train_targets: (m, t) their targets.
        features: (n, f) inputs to predict for.

    Returns:
        (n, t) targets of the nearest training rows, Euclidean distance.

    Raises:
        ShapeError: rows or columns do not fit together, or a value is missing or not finite.
    """
    from scipy.spatial import cKDTree

    train_features = finite_table("train_features", train_features)
    train_targets = finite_table("train_targets", train_targets)
    features = finite_table("features", features, columns=train_features.shape[1])
    if len(train_features) != len(train_targets):
        raise ShapeError(
            "train_features and train_targets must have equally many rows, "
            f"got {train_features.shape} and {train_targets.shape}"
        )
    mean, spread = train_features.mean(axis=0), train_features.std(axis=0)
    spread[spread == 0.0] = 1.0  # a constant column carries no information
    _, rows = cKDTree((train_features - mean) / spread).query((features - mean) / spread)
    return train_targets[rows]


def reachability_floor(
    arm: Arm,
    targets: Float[np.ndarray, "n t"],
    *,
    lower: Float[np.ndarray, " dof"] | float | None = None,
    upper: Float[np.ndarray, " dof"] | float | None = None,
) -> float:
    """The lowest mean squared error [m²] that joint positions inside the limits can reach.

    No training goes below it. The mean runs over targets and coordinates, as in the training loss: mean(miss²) / 2 for
    x and y, / 3 for x, y and z.

    Args:
        arm: any arm.
        targets: (n, 2) or (n, 3) tool positions [m].
        lower: (dof,) or one lower limit in place of the arm's own; see `kinverse.ik.reach.closest_reachable`.
        upper: (dof,) or one upper limit in place of the arm's own.

    Raises:
        ConfigError: a lower limit lies above an upper one.
        ShapeError: targets or limits do not fit the arm, or a target is not finite.
    """
    targets = finite_table("targets", targets)
    miss = closest_reachable(arm, targets, lower=lower, upper=upper).miss
    return float(np.mean(miss**2) / targets.shape[1])


def joint_bounds(spec: ModelSpec) -> tuple[Float[np.ndarray, " c"], Float[np.ndarray, " c"]]:
    """Bounds of the outputs of one head, lower and upper [rad or m]; ±inf where there are none.

    Not the arm's limits: an unbounded output may leave those.

    Args:
        spec: specification of the model.
    """
    count = len(spec.target_names)
    if spec.bounds is None:
        return np.full(count, -np.inf), np.full(count, np.inf)
    return spec.bounds[0, :count], spec.bounds[1, :count]
