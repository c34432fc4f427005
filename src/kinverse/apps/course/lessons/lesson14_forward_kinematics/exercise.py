"""Lesson 14: forward kinematics. Fill in the three functions, then run: kinverse course check 14."""

import numpy as np


def forward(q: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Where the tool of a planar arm is.

    Args:
        q: (..., joints) angles, each from the direction of the link before it [rad]; the first from the x axis.
        lengths: (joints,) of the links [m].

    Returns:
        (..., 2) x and y of the tool [m].
    """
    raise NotImplementedError


def jacobian(q: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """How the tool moves with every joint.

    Args:
        q: (..., joints) angles [rad].
        lengths: (joints,) of the links [m].

    Returns:
        (..., 2, joints) ∂x/∂θ in the first row, ∂y/∂θ in the second [m per rad].
    """
    raise NotImplementedError


def reach(lengths: np.ndarray) -> tuple[float, float]:
    """How near to the base and how far from it the tool can be, if every joint turns freely.

    Args:
        lengths: (joints,) of the links [m].

    Returns:
        The smallest and the largest distance [m].
    """
    raise NotImplementedError
