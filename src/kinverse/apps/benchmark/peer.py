"""`Peer`: another library's inverse kinematics behind one small interface, and what every adapter needs."""

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
    """What a library cannot do: an arm without a closed form, a robot that is not its own."""


@dataclass(frozen=True)
class Robot:
    """One chain of a URDF file, as it is given to every library.

    Attributes:
        urdf: the file; a library that reads URDFs reads this one, from `arm.frames[0]` to `arm.frames[1]`.
        arm: the same chain as kinverse reads it, for libraries that take frames or axes.
    """

    urdf: Path
    arm: Arm


class Peer(ABC):
    """One way to ask another library for inverse kinematics.

    The library is imported when the peer is made, never before.

    Attributes:
        name: what the peer is called in tables and after --peers.
        distribution: the package that pip installs.
        kind: "analytic" (closed form), "numerical" (iterations from starts), "batched" (many targets at once).
        method: how the library is asked, in a few words.
        takes_batches: whether `solve_all` is a call of the library's own, not a loop over `solve_one`.
    """

    name: ClassVar[str]
    distribution: ClassVar[str]
    kind: ClassVar[Kind]
    method: ClassVar[str]
    takes_batches: ClassVar[bool] = False

    @abstractmethod
    def __init__(self, robot: Robot) -> None:
        """Make the library ready for one robot.

        Raises:
            CannotSolveError: it cannot solve this robot, with the reason.
            ImportError: the library is not installed or does not work here.
        """

    @abstractmethod
    def solve_one(self, T_target: Float[np.ndarray, "4 4"]) -> Float[np.ndarray, " dof"]:
        """Joint positions (dof,) [rad or m] for one pose T_base_tool [m]; NaN where the library has no answer."""

    def solve_all(self, T_targets: Float[np.ndarray, "n 4 4"]) -> Float[np.ndarray, "n dof"]:
        """Joint positions (n, dof) for n poses; a row of NaN for one without an answer."""
        return np.array([self.solve_one(T) for T in T_targets])


def require_same_chain(arm: Arm, theirs: Callable[[Float[np.ndarray, " dof"]], object]) -> None:
    """Compare the chain that a library has read with ours, by one pose.

    Args:
        arm: the chain as kinverse reads it.
        theirs: the library's forward kinematics, (dof,) → (4, 4) [m].

    Raises:
        CannotSolveError: the poses differ.
    """
    q = arm.sample(1, seed=2)[0]
    pose = np.asarray(theirs(q), dtype=np.float64)
    if (
        pose.shape != (4, 4) or not np.abs(pose - arm.forward_kinematics(q)).max() < 1e-5
    ):  # some compute in single precision
        raise CannotSolveError(f"reads another chain out of this file than {arm.frames[0]} → {arm.frames[1]}")


SEED_OF_STARTS = 602_214
"""Not a seed that targets are drawn with: a start that is the answer would make any solver look fast."""


class Starts:
    """Random joint positions inside the limits, drawn beforehand so that drawing costs no peer any time."""

    def __init__(self, arm: Arm, count: int = 4096) -> None:
        self._rows = arm.sample(count, SEED_OF_STARTS)
        self._next = 0

    def draw(self) -> Float[np.ndarray, " dof"]:
        """The next start (dof,) [rad or m]; after the last comes the first again."""
        row = self._rows[self._next]
        self._next = (self._next + 1) % len(self._rows)
        return row


class Limits:
    """Which of several answers lies inside an arm's limits, if need be after whole turns.

    Attributes:
        none: (dof,) NaN: no answer.
        hold_every_angle: whether any angle in [−π, π] lies inside the limits of every joint: then any answer will do.
    """

    def __init__(self, arm: Arm) -> None:
        self.none = np.full(arm.dof, np.nan)
        self._lower, self._upper = arm.lower, arm.upper
        self._turns = np.where(arm.is_prismatic, 0.0, 2.0 * np.pi)
        self.hold_every_angle = bool(np.all((arm.lower <= -np.pi) & (arm.upper >= np.pi) & ~arm.is_prismatic))

    def first_inside(self, answers: Float[np.ndarray, "k dof"]) -> Float[np.ndarray, " dof"]:
        """The first of the answers (k, dof), angles in [−π, π], that lies inside the limits; NaN if none does."""
        if self.hold_every_angle and len(answers):
            return answers[0]
        turned = self.turned(answers)
        inside = np.flatnonzero(np.all((turned >= self._lower) & (turned <= self._upper), axis=-1))
        return turned[inside[0]] if len(inside) else self.none

    def turned(self, q: Float[np.ndarray, "*batch dof"]) -> Float[np.ndarray, "*batch dof"]:
        """Joint positions (..., dof) with whole turns taken from or added to joints that lie outside their limits."""
        q = np.where(q > self._upper, q - self._turns, q)
        return np.where(q < self._lower, q + self._turns, q)
