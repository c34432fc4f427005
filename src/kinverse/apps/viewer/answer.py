"""What network and solver say to one target, in the numbers that a viewer shows."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from kinverse.apps.viewer.subject import Subject
from kinverse.learning.evaluation.metrics import tip_errors
from kinverse.network.heads import closest

AT_LIMIT = 1e-6
"""A joint this near to a limit [rad or m] is at it: the solver stops exactly there."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What is known about one target.

    Attributes:
        target: in the arm's task space.
        q: (dof,) the solver's joint positions [rad or m].
        reached: whether they reach the target.
        position_mm: distance of the tool from the target [mm].
        rotation_deg: angle of the tool from the target [degrees]; None where the task has none.
        iterations: of the solver.
        microseconds: the solver took.
        at_limit: names of the joints that are at a limit.
        raw: (dof,) what the network says, clipped to nothing; None without one.
        raw_position_mm: its tip error [mm].
        raw_rotation_deg: its angle error [degrees].
        in_training_region: whether the target lies where the network was trained; None where that is not known.
    """

    target: Float[np.ndarray, ...]
    q: Float[np.ndarray, " dof"]
    reached: bool
    position_mm: float
    rotation_deg: float | None
    iterations: int
    microseconds: float
    at_limit: tuple[str, ...]
    raw: Float[np.ndarray, " dof"] | None = None
    raw_position_mm: float | None = None
    raw_rotation_deg: float | None = None
    in_training_region: bool | None = None

    @property
    def state(self) -> str:
        """The answer in a word or two."""
        if not self.reached:
            return "out of reach"
        return "outside the training region" if self.in_training_region is False else "reached"


def answer(subject: Subject, target: Float[np.ndarray, ...], start: Float[np.ndarray, " dof"] | None) -> Answer:
    """Ask network and solver.

    Args:
        subject: the arm.
        target: in its task space.
        start: (dof,) where the arm is, so that it moves as little as it must; None: from the network's proposal.
    """
    arm = subject.arm
    target = np.asarray(target, dtype=np.float64)
    raw = _raw(subject, target)
    began = time.perf_counter()
    found = subject.solver.solve(target, start=None if start is None else np.clip(start, arm.lower, arm.upper))
    spent = time.perf_counter() - began
    has_rotation = arm.task == "pose"
    raw_errors = None if raw is None else tip_errors(arm, raw[None], target[None])
    return Answer(
        target=target,
        q=found.q,
        reached=bool(found.converged),
        position_mm=1e3 * float(found.position_error),
        rotation_deg=float(np.rad2deg(found.rotation_error)) if has_rotation else None,
        iterations=int(found.iterations),
        microseconds=1e6 * spent,
        at_limit=joints_at_limit(subject, found.q),
        raw=raw,
        raw_position_mm=None if raw_errors is None else 1e3 * float(raw_errors.position[0]),
        raw_rotation_deg=(
            None if raw_errors is None or raw_errors.rotation is None else float(np.rad2deg(raw_errors.rotation[0]))
        ),
        in_training_region=_in_training_region(subject, target),
    )


def joints_at_limit(subject: Subject, q: Float[np.ndarray, " dof"]) -> tuple[str, ...]:
    """Names of the joints that are at a limit."""
    arm = subject.arm
    at = (q <= arm.lower + AT_LIMIT) | (q >= arm.upper - AT_LIMIT)
    return tuple(name for name, there in zip(arm.joint_names, at, strict=True) if there)


def other_solutions(subject: Subject, target: Float[np.ndarray, ...], limit: int = 8) -> Float[np.ndarray, "k dof"]:
    """Other joint positions that reach the target [rad or m]; none for one out of reach."""
    return subject.solver.all_solutions(np.asarray(target, dtype=np.float64), limit).q


def _raw(subject: Subject, target: Float[np.ndarray, ...]) -> Float[np.ndarray, " dof"] | None:
    """The network's best head for the target, as it comes out."""
    network = subject.network
    if network is None:
        return None
    rows = target[None]
    proposals = network.propose(network.spec.inputs_of(rows)).astype(np.float64)
    return np.asarray(closest(subject.arm, proposals, rows, network.spec.rotation_weight)[0])


def _in_training_region(subject: Subject, target: Float[np.ndarray, ...]) -> bool | None:
    box = subject.training_box
    if box is None:
        return None
    position = target[:3, 3] if subject.arm.task == "pose" else target
    return bool(
        (position >= box[0, : len(position)] - 1e-9).all() and (position <= box[1, : len(position)] + 1e-9).all()
    )
