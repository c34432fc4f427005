"""Lesson 14: forward kinematics, solved."""

import numpy as np


def forward(q: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Where the tool of a planar arm is."""
    direction = np.cumsum(q, axis=-1)
    return np.stack([np.cos(direction) @ lengths, np.sin(direction) @ lengths], axis=-1)


def jacobian(q: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """How the tool moves with every joint."""
    direction = np.cumsum(q, axis=-1)
    links = np.stack([-lengths * np.sin(direction), lengths * np.cos(direction)], axis=-2)
    return np.flip(np.cumsum(np.flip(links, axis=-1), axis=-1), axis=-1)


def reach(lengths: np.ndarray) -> tuple[float, float]:
    """How near to the base and how far from it the tool can be, if every joint turns freely."""
    together = float(np.sum(lengths))
    return max(0.0, 2.0 * float(np.max(lengths)) - together), together


# Angles add up from the base to a link, the links of the Jacobian from a joint to the tool: hence one sum from each
# end.
