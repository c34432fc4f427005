"""Lesson 14: forward kinematics, solved."""

import numpy as np


def forward(q: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The position of the tool of a planar arm."""
    direction = np.cumsum(q, axis=-1)
    return np.stack([np.cos(direction) @ lengths, np.sin(direction) @ lengths], axis=-1)


def jacobian(q: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The derivative of the tool position with respect to every joint."""
    direction = np.cumsum(q, axis=-1)
    links = np.stack([-lengths * np.sin(direction), lengths * np.cos(direction)], axis=-2)
    return np.flip(np.cumsum(np.flip(links, axis=-1), axis=-1), axis=-1)


def reach(lengths: np.ndarray) -> tuple[float, float]:
    """The smallest and the largest distance of the tool from the base, if every joint turns freely."""
    together = float(np.sum(lengths))
    return max(0.0, 2.0 * float(np.max(lengths)) - together), together


# Angles are summed from the base to a link, links of the Jacobian from a joint to the tool: hence one cumulative sum
# from each end.
