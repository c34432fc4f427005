"""Lesson 20: from network to exact. Fill in the three functions, then run: kinverse course check 20."""

from collections.abc import Callable

import numpy as np


def damped_step(J: np.ndarray, error: np.ndarray, damping: float) -> np.ndarray:
    """The joint motion that makes ‖J dq − error‖² + damping² ‖dq‖² as small as possible.

    Args:
        J: (m, n) Jacobian: how the m coordinates of the tool move with the n joints.
        error: (m,) target minus tool [m].
        damping: λ > 0.

    Returns:
        (n,) dq [rad].
    """
    raise NotImplementedError


def refine(
    forward: Callable[[np.ndarray], np.ndarray],
    jacobian: Callable[[np.ndarray], np.ndarray],
    q: np.ndarray,
    target: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    steps: int,
) -> np.ndarray:
    """Take damped steps from q towards the target; after each one the joints are cut back into their limits.

    Args:
        forward: joint positions (n,) to tool position (m,).
        jacobian: joint positions (n,) to (m, n).
        q: (n,) where to begin; stays as it is.
        target: (m,) where the tool should be [m].
        lower: (n,) lowest joint positions.
        upper: (n,) highest joint positions.
        steps: how many steps; a damping of 0.01 suits arms of some metres.

    Returns:
        (n,) the joint positions after the last step, inside the limits.
    """
    raise NotImplementedError


def is_solution(
    forward: Callable[[np.ndarray], np.ndarray],
    q: np.ndarray,
    target: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    tolerance: float,
) -> bool:
    """Whether q brings the tool to within tolerance [m] of the target, inside the joint limits.

    An answer that is not finite is none.
    """
    raise NotImplementedError
