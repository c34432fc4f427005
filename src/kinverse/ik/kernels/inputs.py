"""Inputs of a search, as the compiled kernels read them: chain, objective and stopping rules."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Chain(NamedTuple):
    """An arm as the kernels read it.

    Attributes:
        offsets: (dof + 1, 12) constant transforms, `Arm.packed_offsets`.
        prismatic: (dof,) bool.
        lower: (dof,) lower limits of the search [rad or m]; −inf for none.
        upper: (dof,) upper limits of the search; +inf for none.
        wraps: (dof,) bool: a joint with a range of a whole turn or more continues at the other end of it.
    """

    offsets: np.ndarray
    prismatic: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    wraps: np.ndarray


class Objective(NamedTuple):
    """A `kinverse.ik.goal.Goal` for an arm, as the kernels read it.

    Attributes:
        rows: 2 (x, y), 3 (position) or 6 (position and rotation).
        length: weight of rotation error [m/rad].
        weights: (3,) 1 or 0 for x, y, z; 0: the coordinate is free.
        axis: −1: the whole rotation; 0, 1, 2: only the direction of the tool's x, y or z axis.
        position_tolerance: [m].
        rotation_tolerance: [rad].
        shell: (8,) what the arm can reach at most, from `kernels.shell.reach_shell`.
    """

    rows: int
    length: float
    weights: np.ndarray
    axis: int
    position_tolerance: float
    rotation_tolerance: float
    shell: np.ndarray


class StoppingRules(NamedTuple):
    """Number of attempts at a target, and the conditions that end an attempt.

    Attributes:
        attempts: attempts from different seeds before a target counts as not solved.
        iterations: iterations of one attempt, at most.
        slow: an iteration is slow if more than this share of the squared error is left after it.
        patience: number of slow iterations in a row that end an attempt.
        damping: the damping at a seed, as a share of the squared error there.
        closing: Newton steps, at most, from the closest attempt at a target that was not reached.
        hopeless: attempts at a target that is proven to be out of reach; their closest end is good enough to continue.
    """

    attempts: int
    iterations: int
    slow: float
    patience: int
    damping: float
    closing: int
    hopeless: int

    def once(self) -> StoppingRules:
        """The rules for a single attempt without extra iterations."""
        return self._replace(attempts=1, closing=0, hopeless=1)

    def only_verify(self) -> StoppingRules:
        """The rules that only verify given joint positions."""
        return self._replace(attempts=1, iterations=0, closing=0, hopeless=1)
