"""Lesson 14: forward kinematics. Fill in the three functions, then run: kinverse course check 14."""

import numpy as np


def forward(q: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The position of the tool of a planar arm.

    Args:
        q: (..., joints) angles, each measured from the direction of the link before it [rad], the first from the x
            axis.
        lengths: (joints,) lengths of the links [m].

    Returns:
        (..., 2) x and y of the tool [m].
    """
    raise NotImplementedError


def jacobian(q: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The derivative of the tool position with respect to every joint.

    Args:
        q: (..., joints) angles [rad].
        lengths: (joints,) lengths of the links [m].

    Returns:
        (..., 2, joints) ∂x/∂θ in the first row, ∂y/∂θ in the second [m per rad].
    """
    raise NotImplementedError


def reach(lengths: np.ndarray) -> tuple[float, float]:
    """The smallest and the largest distance of the tool from the base, if every joint turns freely.

    Args:
        lengths: (joints,) lengths of the links [m].

    Returns:
        The smallest and the largest distance [m].
    """
    raise NotImplementedError
