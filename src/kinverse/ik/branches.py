"""All solutions of one target, or a spread-out sample if there are infinitely many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from kinverse.compiling import announce_compilation
from kinverse.ik.families import STEP, Family, family_through
from kinverse.ik.kernels.distinct import mark_new
from kinverse.ik.kernels.slide import slide_rows
from kinverse.ik.search import TURN, Search
from kinverse.ik.seeds import spread
from kinverse.ik.solutions import Solutions, joined, put

ROUND = 256
"""Seeds in one round of searches."""
MAX_QUIET_ROUNDS = 3
"""The search ends after this many rounds in a row without a new branch."""
MAX_ROUNDS = 24
SAME_BRANCH = 1e-3
"""Results that differ by less in every joint [rad or m] are one branch: near a singularity they scatter."""
MAX_TURNS = 8
POSTURE_SEEDS = 28
POSTURE_SCALES = (0.2, 2.5)
"""Smallest and largest standard deviation of the seeds around a posture [rad or m]."""
SLIDES = 2
"""Solutions nearest to a posture that a redundant arm slides towards it."""


@dataclass(frozen=True, eq=False)
class Branches:
    """Different joint positions for one target, or for each of many: `branches[i]` has those of target i.

    Attributes:
        solutions: k solutions, with angles nearest to zero. Those of a target are together: the isolated ones, sorted
            by distance from zero, then samples of families.
        equivalent: (k,) number of equivalent solutions inside the limits: the solution itself, and those that differ
            by whole turns; at most 2^62. More than 1 only if a joint can turn by more than 2π.
        dimension: (k,) dimension of the family that each solution is a sample of; 0: the solution is isolated. An arm
            with more joints than the target has coordinates has families at every pose, others at some singular poses.
        family: (k,) number of that family, counted for each target; −1: the solution is isolated.
        offsets: (n + 1,) the solutions of target i are those from offsets[i] to offsets[i + 1].

    Example:
        >>> branches = kv.Solver("ur5").all_solutions(targets)  # (n, 4, 4)
        >>> [len(found) for found in branches]
        [8, 8, 4]
    """

    solutions: Solutions
    equivalent: Int[np.ndarray, " k"]
    dimension: Int[np.ndarray, " k"]
    family: Int[np.ndarray, " k"]
    offsets: Int[np.ndarray, " targets"]

    @property
    def is_sample(self) -> bool:
        """Whether some solutions are samples of a continuous family, so that there are infinitely many."""
        return bool((self.dimension > 0).any())

    @property
    def q(self) -> Float[np.ndarray, "k dof"]:
        """The joint positions of `solutions`."""
        return self.solutions.q

    @property
    def targets(self) -> int:
        """Number of targets."""
        return len(self.offsets) - 1

    def __len__(self) -> int:
        """Number of solutions, of all targets."""
        return len(self.q)

    def __getitem__(self, target: int) -> Branches:
        """The solutions of one target."""
        if not -self.targets <= target < self.targets:
            raise IndexError(f"target {target} of {self.targets}")
        first, end = self.offsets[target % self.targets], self.offsets[target % self.targets + 1]
        part = slice(first, end)
        return Branches(
            self.solutions[part], self.equivalent[part], self.dimension[part], self.family[part],
            np.array([0, end - first]),
        )  # fmt: skip

    def __iter__(self) -> Iterator[Branches]:
        """The solutions of each target in turn."""
        return (self[target] for target in range(self.targets))

    @classmethod
    def of_many(cls, parts: Sequence[Branches], none: Solutions) -> Branches:
        """The branches of several targets as one; `none` is a set of no solutions."""
        solutions = none
        if parts:
            fields = Solutions.__dataclass_fields__
            solutions = Solutions(*(np.concatenate([getattr(part.solutions, n) for part in parts]) for n in fields))
        equivalent, dimension, family = (
            np.concatenate([np.empty(0, np.int64), *(getattr(part, name) for part in parts)])
            for name in ("equivalent", "dimension", "family")
        )
        return cls(solutions, equivalent, dimension, family, np.cumsum([0, *map(len, parts)]))


def find_branches(
    search: Search, packed: Float[np.ndarray, " 12"], predictions: Float[np.ndarray, "1 heads dof"] | None, limit: int
) -> Branches:
    """Search from many seeds and keep the results that differ.

    Args:
        search: the arm and the goal.
        packed: the target.
        predictions: further seeds, from a seed network.
        limit: largest number of solutions.
    """
    redundant = is_redundant(search)
    first = np.empty((0, search.arm.dof)) if predictions is None else predictions[0]
    found, families, quiet = search.solve(packed[None][:0]), _Families(search, packed), 0
    for number in range(MAX_ROUNDS):
        seeds = [spread(search.arm, ROUND, skip=number * ROUND)]
        if number == 0:
            seeds.append(np.clip(first, *search.limits))
        seeds.append(_reflections(search, found.q, number))
        new = _new(search, found, families.others(_ends(search, packed, np.vstack(seeds))))
        if not redundant:
            new = families.without_members(new)
        quiet = quiet + 1 if len(new.q) == 0 else 0
        found = joined(found, new)
        if quiet == MAX_QUIET_ROUNDS or (redundant and len(found) >= 8 * limit) or (number == 1 and len(found) == 0):
            break
    if redundant and len(found) > limit:
        found = found[_farthest(search, found.q, limit)]
    order = np.argsort(np.linalg.norm(found.q, axis=1), kind="stable")[:limit]
    found = found[order]
    members, numbers = families.samples(limit - len(found))
    dimension = np.concatenate([
        np.full(len(found.q), search.arm.dof - _constraints(search) if redundant else 0), np.ones(len(numbers), int)
    ])  # fmt: skip
    family = np.concatenate([np.full(len(found.q), 0 if redundant else -1), numbers])
    found = joined(found, members)
    return Branches(found, _equivalent(search, found.q), dimension, family, np.array([0, len(found.q)]))


class _Families:
    """The one-parameter families that were found, at a singular pose of an arm that is not redundant."""

    def __init__(self, search: Search, packed: Float[np.ndarray, " 12"]) -> None:
        self._search, self._packed = search, packed
        self._found: list[Family] = []

    def others(self, ends: Solutions) -> Solutions:
        """The ends that lie on no family."""
        for family in self._found:
            ends = ends[_is_new(self._search, family.q, ends.q, STEP)]
        return ends

    def without_members(self, new: Solutions) -> Solutions:
        """The isolated ones of new solutions; the family of each other one is walked once."""
        isolated = new[:0]
        while len(new.q):
            family = family_through(self._search, self._packed, new.q[0])
            if family is None:
                isolated = joined(isolated, new[:1])
                new = new[1:]
            else:
                self._found.append(family)
                new = self.others(new[1:])
                isolated = self.others(isolated)
        return isolated

    def samples(self, room: int) -> tuple[Solutions, Int[np.ndarray, " k"]]:
        """Evenly spread solutions of every family, `room` in all but at least one each, and their families."""
        count = max(1, room // max(len(self._found), 1))
        rows = [family.evenly(count) for family in self._found]
        numbers = np.repeat(np.arange(len(rows)), count)
        q = np.vstack([np.empty((0, self._search.arm.dof)), *rows])
        targets = np.tile(self._packed, (len(q), 1))
        solved = self._search.solve(targets, np.ascontiguousarray(q[:, None]), rules=self._search.rules.once())
        kept = np.asarray(solved.converged)
        return solved[kept], numbers[kept]


def with_equivalent(search: Search, q: Float[np.ndarray, "k dof"], limit: int) -> Float[np.ndarray, "c dof"]:
    """The rows of `q` and equivalent solutions, which differ by whole turns inside the limits: the nearest to zero.

    A joint with placeholder limits has any number of whole turns; those within `MAX_TURNS` are considered.

    Args:
        search: the arm.
        q: (k, dof) solutions.
        limit: largest number of rows.
    """
    rows = np.empty((len(q), 0))
    owner = np.arange(len(q))
    turns = np.arange(-MAX_TURNS, MAX_TURNS + 1)
    for joint in range(search.arm.dof):
        low, high = search.limits[:, joint]
        angles = q[owner, joint][:, None]
        if not search.arm.is_prismatic[joint] and np.isfinite(low) and np.isfinite(high):
            angles = np.mod(angles + np.pi, TURN) - np.pi + TURN * turns
            angles = np.where((angles >= low) & (angles <= high), angles, np.nan)
        parent, choice = np.nonzero(np.isfinite(angles))
        rows = np.column_stack([rows[parent], angles[parent, choice]])
        owner = owner[parent]
        # The squared norm is a sum over joints: the nearest rows of a solution continue its nearest ones so far.
        order = np.lexsort((np.linalg.norm(rows, axis=1), owner))
        rank = np.arange(len(order)) - np.searchsorted(owner[order], owner[order])
        nearest = order[rank < limit]
        rows, owner = rows[nearest], owner[nearest]
    return rows[np.argsort(np.linalg.norm(rows, axis=1), kind="stable")[:limit]]


def nearest_branch(
    search: Search,
    packed: Float[np.ndarray, "n 12"],
    predictions: Float[np.ndarray, "n heads dof"] | None,
    posture: Float[np.ndarray, "m dof"],
) -> Solutions:
    """For each target, the solution closest to a posture, out of those found from many seeds.

    A redundant arm then slides along its self-motion towards the posture as far as that brings it closer.

    Args:
        search: the arm and the goal.
        packed: (n, 12) targets.
        predictions: further seeds, from a seed network, or None.
        posture: (n or 1, dof) joint positions inside the limits.
    """
    count, dof = len(packed), search.arm.dof
    if count == 0:
        return search.solve(packed)
    posture = np.ascontiguousarray(np.broadcast_to(posture, (count, dof)))
    seeds = [posture[:, None], posture[:, None] + _around(search)]
    if predictions is not None:
        seeds.append(predictions)
    tried = np.clip(np.concatenate(seeds, axis=1), *search.limits)  # (n, k, dof)
    width = tried.shape[1]
    ends = search.solve(
        np.repeat(packed, width, axis=0),
        tried.reshape(-1, 1, dof),
        references=np.repeat(posture, width, axis=0),
        rules=search.rules.once(),
    )
    distance = np.linalg.norm(ends.q.reshape(count, width, dof) - posture[:, None], axis=2)
    distance[~ends.converged.reshape(count, width)] = np.inf
    nearest = np.argsort(distance, axis=1, kind="stable")[:, : SLIDES if is_redundant(search) else 1]
    chosen = ends[np.arange(count) * width + nearest[:, 0]]
    missed = ~np.asarray(chosen.converged)
    if is_redundant(search):
        chosen = _slide(search, packed, posture, ends, nearest + width * np.arange(count)[:, None])
    if missed.any():  # search as thoroughly as without a posture
        again = search.solve(
            packed[missed],
            posture[missed][:, None],
            None if predictions is None else predictions[missed],
            posture[missed],
        )
        chosen = put(chosen, missed, again)
    return chosen


def _around(search: Search) -> Float[np.ndarray, "k dof"]:
    """Normally distributed offsets from a posture, from near it to far away, the same in every call."""
    scales = np.geomspace(*POSTURE_SCALES, POSTURE_SEEDS)[:, None]
    return scales * np.random.default_rng(0).standard_normal((POSTURE_SEEDS, search.arm.dof))


def _slide(
    search: Search,
    packed: Float[np.ndarray, "n 12"],
    posture: Float[np.ndarray, "n dof"],
    ends: Solutions,
    numbers: Int[np.ndarray, "n k"],
) -> Solutions:
    """For each target, slide several ends towards the posture and keep the nearest, slid or not."""
    count, tries = numbers.shape
    q = np.ascontiguousarray(ends.q[numbers.ravel()])
    targets, postures = np.repeat(packed, tries, axis=0), np.repeat(posture, tries, axis=0)
    announce_compilation(slide_rows)
    slide_rows(search.chain, search.objective, targets, q, postures)
    slid = search.solve(targets, q[:, None], None, postures, search.rules.once())
    both = joined(ends[numbers.ravel()], slid)
    distance = np.linalg.norm(both.q - np.tile(postures, (2, 1)), axis=1)
    distance[~np.asarray(both.converged)] = np.inf
    best = distance.reshape(2, count, tries).swapaxes(0, 1).reshape(count, 2 * tries).argmin(axis=1)
    return both[(best // tries) * count * tries + np.arange(count) * tries + best % tries]


def _ends(search: Search, packed: Float[np.ndarray, " 12"], seeds: Float[np.ndarray, "s dof"]) -> Solutions:
    """The converged results of one attempt from each seed, for one target."""
    targets = np.tile(packed, (len(seeds), 1))
    ends = search.solve(targets, np.ascontiguousarray(seeds[:, None]), rules=search.rules.once())
    return ends[ends.converged]


def _reflections(search: Search, q: Float[np.ndarray, "k dof"], number: int) -> Float[np.ndarray, "s dof"]:
    """Seeds made from solutions: joints turned by half a turn or mirrored, as the branches of real arms differ."""
    if len(q) == 0 or len(q) > 64:
        return np.empty((0, search.arm.dof))
    generator = np.random.default_rng(number)
    rows = np.repeat(q, 8, axis=0)
    turn = np.where(search.arm.is_prismatic, 0.0, np.pi) * (generator.random(rows.shape) < 0.35)
    rows = np.where(generator.random(rows.shape) < 0.35, -rows, rows) + turn
    rows = np.where(search.arm.is_prismatic, rows, np.mod(rows + np.pi, TURN) - np.pi)
    return np.clip(rows, *search.limits)


def is_redundant(search: Search) -> bool:
    """Whether the arm has more joints than the goal has constraints, so that solutions form continuous families."""
    return search.arm.dof > _constraints(search)


def _constraints(search: Search) -> int:
    """Number of coordinates that the goal fixes."""
    goal = search.objective
    positions = int(goal.weights[: min(goal.rows, 3)].sum())
    return positions + (0 if goal.rows < 6 else 3 if goal.axis < 0 else 2)


def _gap(search: Search, a: Float[np.ndarray, "*batch dof"]) -> Float[np.ndarray, "*batch dof"]:
    """Absolute joint differences; those of revolute joints modulo 2π, so at most π."""
    return np.where(search.arm.is_prismatic, np.abs(a), np.abs(np.mod(a + np.pi, TURN) - np.pi))


def _new(search: Search, found: Solutions, ends: Solutions) -> Solutions:
    """The ends that differ from all found ones, and from each other, by more than `SAME_BRANCH`."""
    return ends[_is_new(search, found.q, ends.q, SAME_BRANCH, among_themselves=True)]


def _is_new(
    search: Search,
    known: Float[np.ndarray, "k dof"],
    q: Float[np.ndarray, "n dof"],
    tolerance: float,
    among_themselves: bool = False,
) -> Bool[np.ndarray, " n"]:
    """Which rows differ from known ones by more than a tolerance, and with `among_themselves` from new rows before."""
    is_new = np.empty(len(q), bool)
    announce_compilation(mark_new)
    mark_new(np.ascontiguousarray(q), known, search.arm.is_prismatic, tolerance, among_themselves, is_new)
    return is_new


def _farthest(search: Search, q: Float[np.ndarray, "k dof"], limit: int) -> Int[np.ndarray, " limit"]:
    """Rows far apart from each other: each the farthest from those before it (Gonzalez 1985)."""
    kept = [int(np.argmin(np.linalg.norm(q, axis=1)))]
    distance = np.linalg.norm(_gap(search, q - q[kept[0]]), axis=1)
    while len(kept) < limit:
        kept.append(int(distance.argmax()))
        distance = np.minimum(distance, np.linalg.norm(_gap(search, q - q[kept[-1]]), axis=1))
    return np.array(kept)


def _equivalent(search: Search, q: Float[np.ndarray, "k dof"]) -> Int[np.ndarray, " k"]:
    """Number of solutions inside the limits that differ from each by whole turns, itself included; at most 2^62."""
    low, high = search.limits
    counts = np.floor((high - q) / TURN + 1e-12) - np.ceil((low - q) / TURN - 1e-12) + 1
    unlimited = search.arm.is_prismatic | ~np.isfinite(low) | ~np.isfinite(high)
    with np.errstate(over="ignore"):
        product = np.where(unlimited, 1.0, np.maximum(counts, 1.0)).prod(axis=1)
    return np.where(product < 2.0**62, product, 2.0**62).astype(np.int64)
