"""`Peer`: the interface to another library's inverse kinematics, with helpers for all adapters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Float

from kinverse.errors import KinverseError
from kinverse.robot.arm import Arm

Kind = Literal["analytic", "numerical", "batched"]


class CannotSolveError(KinverseError):
    """A library cannot solve a robot, for example because the arm has no closed form."""


@dataclass(frozen=True)
class Robot:
    """One chain of a URDF file, the input of every library.

    Attributes:
        urdf: the file, for libraries that read URDFs, from `arm.frames[0]` to `arm.frames[1]`.
        arm: the same chain read by kinverse, for libraries that take frames or axes.
    """

    urdf: Path
    arm: Arm


class Peer(ABC):
    """One inverse kinematics method of another library.

    The constructor imports the library, so that listing peers does not.

    Attributes:
        name: name of the peer in tables and for --peers.
        distribution: name of the package for pip.
        kind: "analytic" (closed form), "numerical" (iterations from starts), "batched" (many targets at once).
        method: short description of the call.
        takes_batches: whether `solve_all` is a batch call of the library rather than a loop over `solve_one`.
    """

    name: ClassVar[str]
    distribution: ClassVar[str]
    kind: ClassVar[Kind]
    method: ClassVar[str]
    takes_batches: ClassVar[bool] = False

    @abstractmethod
    def __init__(self, robot: Robot) -> None:
        """Prepare the library for one robot.

        Raises:
            CannotSolveError: the library cannot solve this robot; the message gives the reason.
            ImportError: the library is not installed or does not work here.
        """

    @abstractmethod
    def solve_one(self, T_target: Float[np.ndarray, "4 4"]) -> Float[np.ndarray, " dof"]:
        """Joint positions (dof,) [rad or m] for one pose T_base_tool [m]; NaN without a solution."""

    def solve_all(self, T_targets: Float[np.ndarray, "n 4 4"]) -> Float[np.ndarray, "n dof"]:
        """Joint positions (n, dof) [rad or m] for n poses; a row is NaN without a solution."""
        return np.array([self.solve_one(T) for T in T_targets])


def require_same_chain(arm: Arm, theirs: Callable[[Float[np.ndarray, " dof"]], object]) -> None:
    """Compare one pose of a library's chain with ours.

    Args:
        arm: the chain read by kinverse.
        theirs: the library's forward kinematics, (dof,) → (4, 4) [m].

    Raises:
        CannotSolveError: the poses differ.
    """
    q = arm.sample(1, seed=2)[0]
    pose = np.asarray(theirs(q), dtype=np.float64)
    same = pose.shape == (4, 4) and np.abs(pose - arm.forward_kinematics(q)).max() < 1e-5  # for single precision
    if not same:
        raise CannotSolveError(f"reads another chain from this file than {arm.frames[0]} → {arm.frames[1]}")


SEED_OF_STARTS = 602_214
"""Random seed of the starts, different from any seed of targets, so that no start is a solution."""


class Starts:
    """Random joint positions inside the limits, drawn in advance so that drawing is not timed."""

    def __init__(self, arm: Arm, count: int = 4096) -> None:
        self._rows = arm.sample(count, SEED_OF_STARTS)
        self._next = 0

    def draw(self) -> Float[np.ndarray, " dof"]:
        """The next start (dof,) [rad or m]; the sequence repeats at its end."""
        row = self._rows[self._next]
        self._next = (self._next + 1) % len(self._rows)
        return row


class Limits:
    """Selects a branch inside an arm's joint limits, if necessary after whole turns.

    Attributes:
        none: (dof,) NaN, the result without a solution.
        hold_every_angle: whether the limits of every joint contain [−π, π], so that every branch lies inside.
    """

    def __init__(self, arm: Arm) -> None:
        self.none = np.full(arm.dof, np.nan)
        self._lower, self._upper = arm.lower, arm.upper
        self._turns = np.where(arm.is_prismatic, 0.0, 2.0 * np.pi)
        self.hold_every_angle = bool(np.all((arm.lower <= -np.pi) & (arm.upper >= np.pi) & ~arm.is_prismatic))

    def first_inside(self, branches: Float[np.ndarray, "k dof"]) -> Float[np.ndarray, " dof"]:
        """The first branch (k, dof), angles in [−π, π], that lies inside the limits; NaN if there is none."""
        if self.hold_every_angle and len(branches):
            return branches[0]
        q = np.where(branches > self._upper, branches - self._turns, branches)
        turned = np.where(q < self._lower, q + self._turns, q)
        inside = np.flatnonzero(np.all((turned >= self._lower) & (turned <= self._upper), axis=-1))
        return turned[inside[0]] if len(inside) else self.none
