"""Every solution of one target, or a spread sample of them where there are infinitely many."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from kinverse.ik.engine import Engine
from kinverse.ik.problem import TURN
from kinverse.ik.seeds import spread
from kinverse.ik.solutions import Solutions, joined, put

ROUND = 256
"""Seeds searched from at a time."""
QUIET_ROUNDS = 3
"""Rounds without a new branch after which all are taken to be found."""
MOST_ROUNDS = 24
SAME = 1e-3
"""Largest difference of a joint [rad or m] between two ends of one branch: near a singularity they scatter."""
POSTURE_SEEDS = 32
SLIDES = 12
"""Steps along a self-motion towards a posture."""


@dataclass(frozen=True, eq=False)
class Branches:
    """Different joint positions for one target.

    Attributes:
        solutions: (k, dof) one of each branch, its angles at the turn nearest to zero, sorted by distance from zero.
        copies: (k,) how many joint positions inside the limits differ from each by whole turns of joints, itself
            included: joints that may turn by more than 2π have several.
        is_sample: the arm has more joints than the target has coordinates; these are samples of a family.
    """

    solutions: Solutions
    copies: Int[np.ndarray, " k"]
    is_sample: bool

    @property
    def q(self) -> Float[np.ndarray, "k dof"]:
        """The joint positions of `solutions`."""
        return self.solutions.q

    def __len__(self) -> int:
        """How many were found."""
        return len(self.q)


def find_branches(
    engine: Engine, packed: Float[np.ndarray, " 12"], proposals: Float[np.ndarray, "1 heads dof"] | None, limit: int
) -> Branches:
    """Search from many seeds and keep the ends that differ.

    Args:
        engine: the arm and the goal.
        packed: the target.
        proposals: of a network, to start from as well.
        limit: at most so many.
    """
    is_sample = is_redundant(engine)
    first = np.empty((0, engine.arm.dof)) if proposals is None else proposals[0]
    found, quiet = engine.solve(packed[None][:0]), 0
    for number in range(MOST_ROUNDS):
        seeds = [spread(engine.arm, ROUND, skip=number * ROUND)]
        if number == 0:
            seeds.append(np.clip(first, *engine.limits))
        seeds.append(_reflections(engine, found.q, number))
        new = _new(engine, found, _ends(engine, packed, np.vstack(seeds)))
        quiet = quiet + 1 if len(new.q) == 0 else 0
        found = joined(found, new)
        if quiet == QUIET_ROUNDS or (is_sample and len(found) >= 8 * limit) or (number == 1 and len(found) == 0):
            break
    if is_sample and len(found) > limit:
        found = found[_farthest(engine, found.q, limit)]
    order = np.argsort(np.linalg.norm(found.q, axis=1), kind="stable")[:limit]
    found = found[order]
    return Branches(found, np.prod(_turns(engine, found.q), axis=1, dtype=np.int64), is_sample)


def with_copies(engine: Engine, q: Float[np.ndarray, "k dof"]) -> Float[np.ndarray, "c dof"]:
    """All joint positions inside the limits that differ from the rows of `q` by whole turns."""
    low, high = engine.limits
    bounded = np.isfinite(low) & np.isfinite(high) & ~engine.arm.is_prismatic
    rows = []
    for row in q:
        choices = []
        for joint, angle in enumerate(row):
            if not bounded[joint]:
                choices.append([angle])
                continue
            turns = np.arange(np.ceil((low[joint] - angle) / TURN), np.floor((high[joint] - angle) / TURN) + 1)
            choices.append([angle] if len(turns) == 0 else list(angle + TURN * turns))
        rows += list(itertools.product(*choices))
    return np.array(rows).reshape(-1, engine.arm.dof)


def nearest_branch(
    engine: Engine,
    packed: Float[np.ndarray, "n 12"],
    proposals: Float[np.ndarray, "n heads dof"] | None,
    posture: Float[np.ndarray, "m dof"],
) -> Solutions:
    """For every target, of the solutions found from many seeds the one closest to a posture.

    A redundant arm then slides along its self-motion towards the posture as far as that brings it closer.

    Args:
        engine: the arm and the goal.
        packed: (n, 12) targets.
        proposals: of a network, or None.
        posture: (n or 1, dof) joint positions inside the limits.
    """
    count, dof = len(packed), engine.arm.dof
    if count == 0:
        return engine.solve(packed)
    posture = np.ascontiguousarray(np.broadcast_to(posture, (count, dof)))
    seeds = [posture[:, None], np.broadcast_to(spread(engine.arm, POSTURE_SEEDS), (count, POSTURE_SEEDS, dof))]
    if proposals is not None:
        seeds.append(np.clip(proposals, *engine.limits))
    tried = np.ascontiguousarray(np.concatenate(seeds, axis=1))  # (n, k, dof)
    width = tried.shape[1]
    ends = engine.solve(
        np.repeat(packed, width, axis=0),
        tried.reshape(-1, 1, dof),
        references=np.repeat(posture, width, axis=0),
        rules=engine.rules.once(),
    )
    distance = np.linalg.norm(ends.q.reshape(count, width, dof) - posture[:, None], axis=2)
    distance[~ends.converged.reshape(count, width)] = np.inf
    best = distance.argmin(axis=1)
    chosen = ends[np.arange(count) * width + best]
    missed = ~np.isfinite(distance[np.arange(count), best])
    if missed.any():  # as thorough as without a posture; what is out of reach has one closest answer anyway
        again = engine.solve(
            packed[missed], posture[missed][:, None], None if proposals is None else proposals[missed], posture[missed]
        )
        chosen = put(chosen, missed, again)
    if is_redundant(engine):
        chosen = _slide(engine, packed, chosen, posture)
    return chosen


def _slide(
    engine: Engine, packed: Float[np.ndarray, "n 12"], found: Solutions, posture: Float[np.ndarray, "n dof"]
) -> Solutions:
    """Move redundant solutions along the self-motion towards a posture.

    A step in the Jacobian's null space, then back onto the target; where that comes no closer, a shorter one.
    """
    share = np.ones(len(packed))
    rows = np.flatnonzero(found.converged)
    for _ in range(SLIDES):
        if len(rows) == 0:
            break
        away = posture[rows] - found.q[rows]
        J = engine.arm.jacobian(found.q[rows])[:, : engine.goal.rows]
        step = away - np.einsum("nij,njk,nk->ni", np.linalg.pinv(J, rcond=1e-6), J, away)
        seeds = np.clip(found.q[rows] + share[rows, None] * step, *engine.limits)
        ends = engine.solve(packed[rows], seeds[:, None], None, posture[rows], engine.rules.once())
        before = np.linalg.norm(away, axis=1)
        after = np.linalg.norm(posture[rows] - ends.q, axis=1)
        better = ends.converged & (after < before - 1e-9)
        mask = np.zeros(len(packed), bool)
        mask[rows[better]] = True
        found = put(found, mask, ends[better])
        share[rows[~better]] *= 0.25
        rows = rows[(better & (after < (1.0 - 1e-4) * before)) | (~better & (share[rows] > 0.01))]
    return found


def _ends(engine: Engine, packed: Float[np.ndarray, " 12"], seeds: Float[np.ndarray, "s dof"]) -> Solutions:
    """Where the attempts from all seeds arrive, for one target."""
    targets = np.tile(packed, (len(seeds), 1))
    ends = engine.solve(targets, np.ascontiguousarray(seeds[:, None]), rules=engine.rules.once())
    return ends[ends.converged]


def _reflections(engine: Engine, q: Float[np.ndarray, "k dof"], number: int) -> Float[np.ndarray, "s dof"]:
    """Seeds made of solutions: joints turned by half a turn or mirrored, as the branches of real arms differ."""
    if len(q) == 0 or len(q) > 64:
        return np.empty((0, engine.arm.dof))
    generator = np.random.default_rng(number)
    rows = np.repeat(q, 8, axis=0)
    turn = np.where(engine.arm.is_prismatic, 0.0, np.pi) * (generator.random(rows.shape) < 0.35)
    rows = np.where(generator.random(rows.shape) < 0.35, -rows, rows) + turn
    rows = np.where(engine.arm.is_prismatic, rows, np.mod(rows + np.pi, TURN) - np.pi)
    return np.clip(rows, *engine.limits)


def is_redundant(engine: Engine) -> bool:
    """Whether the arm has more joints than coordinates of a target count, so that solutions come in families."""
    return engine.arm.dof > _constraints(engine)


def _constraints(engine: Engine) -> int:
    """How many coordinates of a target count."""
    goal = engine.goal
    positions = int(goal.weights[: min(goal.rows, 3)].sum())
    return positions + (0 if goal.rows < 6 else 3 if goal.axis < 0 else 2)


def _gap(engine: Engine, a: Float[np.ndarray, "*batch dof"]) -> Float[np.ndarray, "*batch dof"]:
    """Differences of joints without whole turns of those that turn."""
    return np.where(engine.arm.is_prismatic, np.abs(a), np.abs(np.mod(a + np.pi, TURN) - np.pi))


def _new(engine: Engine, found: Solutions, ends: Solutions) -> Solutions:
    """Those of the ends that differ from all found ones, and from each other, by more than `SAME`."""
    gaps = _gap(engine, ends.q[:, None] - found.q[None]).max(axis=2)
    rest = ends[(gaps > SAME).all(axis=1)]
    kept = rest[:0]
    while len(rest.q):
        kept = joined(kept, rest[:1])
        rest = rest[_gap(engine, rest.q - rest.q[0]).max(axis=1) > SAME]
    return kept


def _farthest(engine: Engine, q: Float[np.ndarray, "k dof"], limit: int) -> Int[np.ndarray, " limit"]:
    """Rows as far apart as possible: each the farthest from those before it (Gonzalez 1985)."""
    kept = [int(np.argmin(np.linalg.norm(q, axis=1)))]
    distance = np.linalg.norm(_gap(engine, q - q[kept[0]]), axis=1)
    while len(kept) < limit:
        kept.append(int(distance.argmax()))
        distance = np.minimum(distance, np.linalg.norm(_gap(engine, q - q[kept[-1]]), axis=1))
    return np.array(kept)


def _turns(engine: Engine, q: Float[np.ndarray, "k dof"]) -> Int[np.ndarray, "k dof"]:
    """How many angles inside the limits differ from each by whole turns, itself included; 1 where they are endless."""
    low, high = engine.limits
    with np.errstate(invalid="ignore"):
        counts = np.floor((high - q) / TURN + 1e-12) - np.ceil((low - q) / TURN - 1e-12) + 1
    endless = engine.arm.is_prismatic | ~np.isfinite(low) | ~np.isfinite(high)
    return np.where(endless, 1, counts).astype(np.int64)
