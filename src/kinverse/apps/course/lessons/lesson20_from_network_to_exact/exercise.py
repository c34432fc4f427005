"""Lesson 20: from network to exact. Fill in the three functions, then run: kinverse course check 20."""

from collections.abc import Callable

import numpy as np


def damped_step(J: np.ndarray, error: np.ndarray, damping: float) -> np.ndarray:
    """The joint motion that minimises ‖J dq − error‖² + damping² ‖dq‖².

    Args:
        J: (m, n) Jacobian of the m tool coordinates with respect to the n joints.
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
    """Take damped steps from q towards the target; after each one clip the joints to their limits.

    Args:
        forward: maps joint positions (n,) to the tool position (m,).
        jacobian: maps joint positions (n,) to the Jacobian (m, n).
        q: (n,) initial joint positions; must not change.
        target: (m,) target position of the tool [m].
        lower: (n,) lowest joint positions.
        upper: (n,) highest joint positions.
        steps: number of steps; a damping of 0.01 suits arms of some metres.

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

    A q that is not finite is not a solution.
    """
    raise NotImplementedError
