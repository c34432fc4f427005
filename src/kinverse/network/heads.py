"""Choice among the predictions of several heads: the one with the smallest tool error."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from kinverse.errors import RunError
from kinverse.geometry import position_error, rotation_error
from kinverse.network.spec import ModelSpec
from kinverse.robot.arm import Arm
from kinverse.robot.encodings import encoding_named

_ROWS_AT_ONCE = 16_384
"""Targets processed at once, to bound the memory."""


def closest(
    arm: Arm, predictions: Float[np.ndarray, "n heads dof"], targets: Float[np.ndarray, "n ..."], rotation_weight: float
) -> Float[np.ndarray, "n dof"]:
    """The prediction with the smallest tool error for each target, by forward kinematics.

    Args:
        arm: the arm.
        predictions: (n, heads, dof) joint positions [rad or m].
        targets: (n, 2), (n, 3) positions [m] or (n, 4, 4) poses T_base_target.
        rotation_weight: weight of rotation error against position error [m/rad].

    Returns:
        (n, dof) joint positions.
    """
    if predictions.shape[1] == 1:
        return predictions[:, 0]
    chosen = np.empty((len(predictions), predictions.shape[2]))
    for first in range(0, len(predictions), _ROWS_AT_ONCE):
        rows = slice(first, first + _ROWS_AT_ONCE)
        reached, wanted = arm.forward_kinematics(predictions[rows]), targets[rows, None]
        if wanted.ndim == 4:
            error = position_error(reached, wanted) + rotation_weight * rotation_error(reached, wanted)
        else:
            error = np.linalg.norm(reached[..., : wanted.shape[-1], 3] - wanted, axis=-1)
        best = error.argmin(axis=1)[:, None, None]
        chosen[rows] = np.take_along_axis(predictions[rows], best, axis=1)[:, 0]
    return chosen


def closest_of_features(
    spec: ModelSpec, predictions: Float[np.ndarray, "n heads dof"], features: Float[np.ndarray, "n f"]
) -> Float[np.ndarray, "n dof"]:
    """`closest` for targets encoded as feature columns.

    Raises:
        RunError: the model has no arm or no encoding.
    """
    if spec.arm is None or spec.encoding is None:
        raise RunError("a model with several heads needs its arm and its encoding to choose among their predictions")
    encoding = encoding_named(spec.encoding)
    targets = encoding.decode(features)
    if not encoding.has_rotation:
        targets = targets[:, : encoding.position_columns, 3]
    return closest(spec.arm, predictions, targets, spec.rotation_weight)
