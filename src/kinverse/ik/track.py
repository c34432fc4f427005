"""Following a path of targets: every point is solved from the one before, so that the joints move little."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Bool, Float, Int

from kinverse.compiling import announce_compilation
from kinverse.geometry import rotation_from_vector, vector_from_rotation
from kinverse.ik.branches import find_branches, is_redundant, nearest_branch, with_equivalent
from kinverse.ik.kernels.descend import follow_closest
from kinverse.ik.kernels.follow import follow
from kinverse.ik.kernels.inputs import Chain, StoppingRules
from kinverse.ik.kernels.lanes import WIDTH
from kinverse.ik.kernels.shell import unreachable_targets
from kinverse.ik.search import HOPELESS, Search
from kinverse.ik.seeds import pack, spread
from kinverse.ik.solutions import Solutions

MAX_STEP = 0.2
"""If a joint moves by more than this [rad or m] between two points, the path between them is refined."""
SUBSTEPS = 64
"""Points of a refined path between two points."""
MAX_STARTS = 64
AROUND = 15
"""Seeds around the joints before a large step, besides these joints themselves."""
MAX_EXAMPLES = 3
"""Walks from other starts that a redundant arm tries to follow."""
MAX_CLOSEST = 256
"""Points out of reach that are followed before it is checked whether the arm could jump to one of them."""


@dataclass(frozen=True, eq=False)
class Track:
    """A path as joint positions.

    Attributes:
        solutions: (n) one for each point. Joints without limits are not wrapped: they turn on. A point out of reach has
            the closest joint positions that the arm gets to by a continuous motion.
        jumps: every point to which no continuous motion along the path was found from the one before.
    """

    solutions: Solutions
    jumps: Int[np.ndarray, " j"]

    @property
    def q(self) -> Float[np.ndarray, "n dof"]:
        """The joint positions [rad or m]."""
        return self.solutions.q

    @property
    def motion(self) -> float:
        """Total joint motion: the sum of |q_i − q_{i−1}| [rad or m]."""
        return float(np.linalg.norm(np.diff(self.q, axis=0), axis=1).sum())

    @property
    def largest_step(self) -> float:
        """The largest motion of one joint between two points [rad or m], jumps excluded."""
        steps = np.abs(np.diff(self.q, axis=0)).max(axis=1, initial=0.0)
        steps[self.jumps - 1] = 0.0
        return float(steps.max(initial=0.0))

    def __repr__(self) -> str:
        count = len(self.jumps)
        jumps = "no jump" if count == 0 else f"{count} jump{'s' * (count > 1)} at {self.jumps[:8].tolist()}"
        return f"Track({self.solutions!r}, {jumps}, joints move by {self.motion:.4g} in all)"


def follow_path(
    search: Search,
    path: Float[np.ndarray, "n 12"],
    start: Float[np.ndarray, " dof"] | None,
    predictions: Float[np.ndarray, "1 heads dof"] | None,
) -> Track:
    """Follow a path from a start, or from the start that gets farthest.

    If the joints would have to move far at once, the path between the two points is followed in small steps. If there
    is no continuous motion, the arm jumps to the solution from which the path can be followed farthest.

    Args:
        search: the arm and the goal.
        path: (n, 12) packed targets.
        start: (dof,) current joint positions, or None.
        predictions: seeds for the first point, from a seed network, or None.
    """
    guide = _Guide(search, path)
    if len(path) == 0:
        return Track(search.solve(path), np.empty(0, np.int64))
    begin = guide.starts_at(0) if start is None else nearest_branch(search, path[:1], predictions, start[None])
    if np.all(begin.converged):
        legs = [guide.leg(0, begin.q, may_add_starts=start is None)]
    else:
        legs = [_Leg(begin.q[:1], np.ravel(begin.iterations)[:1])]
    jumps: list[int] = []
    point = len(legs[0].q)
    while point < len(path):
        before = legs[-1].q[-1]
        onward = guide.bridge(point, before)
        if onward is not None:
            legs.append(guide.leg(point, onward[None], False))
        elif guide.is_reachable(point, before):
            jumps.append(point)
            legs.append(guide.leg(point, guide.starts_at(point).q, True, before))
        else:
            leg, is_continuous = guide.closest(point, before)
            legs.append(leg)
            if not is_continuous:
                jumps.append(point)
        point += len(legs[-1].q)
    found = guide.verified(np.vstack([leg.q for leg in legs]))
    spent = np.concatenate([leg.iterations for leg in legs])
    return Track(replace(found, iterations=spent), np.array(jumps, dtype=np.int64))


class _Variations(NamedTuple):
    """Inputs of `follow` for each start: pulls (w, 1 or n, dof), gains (w,) and momenta (w,)."""

    pulls: Float[np.ndarray, "w points dof"]
    gains: Float[np.ndarray, " w"]
    momenta: Float[np.ndarray, " w"]


@dataclass(frozen=True, eq=False)
class _Leg:
    """A continuous part of the path: (k, dof) joint positions and (k,) iterations."""

    q: Float[np.ndarray, "k dof"]
    iterations: Int[np.ndarray, " k"]

    def __getitem__(self, points: slice) -> _Leg:
        return _Leg(self.q[points], self.iterations[points])


_Walk: TypeAlias = tuple[tuple[int, float], _Leg, np.ndarray]
"""A walk with its score (length, negative motion) and its start."""


@dataclass(frozen=True, eq=False)
class _Guide:
    """Finds continuous motions along one path."""

    search: Search
    path: Float[np.ndarray, "n 12"]

    @cached_property
    def chain(self) -> Chain:
        """The arm without wrapping joints: a wrap would be a jump."""
        low, high = self.search.limits
        return self.search.chain._replace(lower=low, upper=high, wraps=np.zeros(self.search.arm.dof, bool))

    @cached_property
    def rules(self) -> StoppingRules:
        return self.search.rules.once()._replace(iterations=60, patience=8)

    @cached_property
    def out_of_reach(self) -> Bool[np.ndarray, " n"]:
        """The points that are proven to be out of reach."""
        announce_compilation(unreachable_targets)
        return np.asarray(unreachable_targets(self.search.objective, self.path))

    @cached_property
    def ends(self) -> Int[np.ndarray, " n"]:
        """For every point, the next one that is proven to be out of reach: no walk gets past it."""
        points = np.where(self.out_of_reach, np.arange(len(self.path)), len(self.path))
        return np.minimum.accumulate(points[::-1])[::-1]

    def starts_at(self, point: int, limit: int = WIDTH) -> Solutions:
        """Solutions of a point; the closest result if there is none."""
        found = find_branches(self.search, self.path[point], None, limit).solutions
        return found if len(found.q) else self.search.solve(self.path[point : point + 1])

    def is_reachable(self, point: int, q: Float[np.ndarray, " dof"]) -> bool:
        """Whether the search reaches a point, from these joint positions or from anywhere."""
        return bool(np.all(self.search.solve(self.path[point : point + 1], q[None, None], None, q[None]).converged))

    def leg(
        self,
        point: int,
        starts: Float[np.ndarray, "k dof"],
        may_add_starts: bool,
        before: Float[np.ndarray, " dof"] | None = None,
    ) -> _Leg:
        """The longest walk from a point on; among walks of equal length, the one with the least motion.

        Args:
            point: first point of the walk.
            starts: joint positions at that point.
            may_add_starts: try further starts if none of these gets to the end.
            before: joint positions before the jump to the start, or None.
        """
        length = int(self.ends[point]) - point
        score, leg, start = self._best(point, starts, before)
        if score[0] < length and may_add_starts:
            more = self._more(point, starts)
            if len(more):
                score, leg, start = max((score, leg, start), self._best(point, more, before), key=lambda one: one[0])
        if score[0] < length and is_redundant(self.search):
            best = score, leg, start
            here = np.tile(start, (WIDTH, 1))
            best = max(best, self._best(point, here, before, self._variations(length)), key=lambda one: one[0])
            for example in [] if may_add_starts else self._examples(point, here):
                if best[0][0] < length:
                    best = max(best, self._best(point, here, before, example), key=lambda one: one[0])
            leg = best[1]
        return leg

    def bridge(self, point: int, q: Float[np.ndarray, " dof"]) -> Float[np.ndarray, " dof"] | None:
        """Move from joint positions at the previous point to `point`; None if that takes a jump."""
        between = _between(self.path[point - 1], self.path[point])
        rows, _, stopped = self._follow(between, q[None])
        if stopped[0] == len(between):
            return rows[0, -1]
        # An arm with few joints may not reach the poses in between. Halfway in the joints the tool must then be about
        # halfway between the targets.
        lower, upper = self.search.arm.sampling_limits
        around = (spread(self.search.arm, AROUND) - 0.5 * (lower + upper)) / np.maximum(upper - lower, 1e-9)
        seeds = np.clip(q + np.vstack([np.zeros(len(q)), around]), *self.search.limits)
        targets = np.tile(self.path[point], (len(seeds), 1))
        ends = self.search.solve(targets, seeds[:, None], None, q[None], self.rules, self.chain)
        middles = pack(self.search.arm.forward_kinematics(0.5 * (q + ends.q)))
        weights = self.search.table.weights
        step = np.linalg.norm(weights * (self.path[point] - self.path[point - 1]))
        off = np.linalg.norm(weights * (middles - 0.5 * (self.path[point] + self.path[point - 1])), axis=1)
        motion = np.where(ends.converged & (off <= 0.5 * step), np.linalg.norm(ends.q - q, axis=1), np.inf)
        return ends.q[motion.argmin()] if np.isfinite(motion).any() else None

    def closest(self, point: int, q: Float[np.ndarray, " dof"]) -> tuple[_Leg, bool]:
        """Follow points out of reach at their closest joint positions, from those at the previous point.

        The walk ends at a point that the arm reaches again, before one that it can only reach by a jump, before one
        that takes a large step, and after `MAX_CLOSEST` points.

        Returns:
            The walk, and whether the motion to its first point is continuous.
        """
        path = self.path[point : point + MAX_CLOSEST]
        is_continuous = True
        leg, is_reached = self._follow_closest(path, q, MAX_STEP)
        if len(leg.q) == 0:
            # At a singularity the joints move with the square root of the way.
            between = _between(self.path[point - 1], self.path[point], 4 * SUBSTEPS)
            finer, is_reached = self._follow_closest(between, q, MAX_STEP, until_reached=False)
            is_continuous = len(finer.q) == len(between)
            first = finer[-1:]
            if not is_continuous:
                first, is_reached = self._follow_closest(path[:1], q, np.inf)
            rest, is_reached = (first[:0], True) if is_reached else self._follow_closest(path[1:], first.q[0], MAX_STEP)
            leg = _Leg(np.vstack([first.q, rest.q]), np.concatenate([first.iterations, rest.iterations]))
        unsure = np.flatnonzero(~self.out_of_reach[point : point + len(leg.q) - is_reached])
        rules = self.search.rules._replace(attempts=HOPELESS, closing=0)
        reachable = unsure[np.asarray(self.search.solve(path[unsure], rules=rules).converged)]
        reachable = reachable[reachable > 0]  # the first point is known not to be
        return leg[: reachable[0]] if len(reachable) else leg, is_continuous

    def _follow_closest(
        self,
        path: Float[np.ndarray, "n 12"],
        q: Float[np.ndarray, " dof"],
        largest_step: float,
        until_reached: bool = True,
    ) -> tuple[_Leg, bool]:
        """Call `follow_closest`: the walk, and whether its last point is reached."""
        rows, iterations = np.empty((len(path), len(q))), np.zeros(len(path), np.int64)
        announce_compilation(follow_closest)
        steps = self.search.rules.closing
        count, is_reached = follow_closest(
            self.chain, self.search.objective, path, q, steps, largest_step, until_reached, rows, iterations
        )
        return _Leg(rows[:count], iterations[:count]), is_reached

    def verified(self, q: Float[np.ndarray, "n dof"]) -> Solutions:
        """Errors of given joint positions, and whether they are within tolerance."""
        only_verify = self.search.rules.only_verify()
        return self.search.solve(self.path, np.ascontiguousarray(q[:, None]), None, q, only_verify)

    def _best(
        self,
        point: int,
        starts: Float[np.ndarray, "k dof"],
        before: Float[np.ndarray, " dof"] | None,
        variations: _Variations | None = None,
    ) -> _Walk:
        """The best walk from several starts."""
        return max(self._walks(point, starts, before, variations), key=lambda walk: walk[0])

    def _walks(
        self,
        point: int,
        starts: Float[np.ndarray, "k dof"],
        before: Float[np.ndarray, " dof"] | None,
        variations: _Variations | None = None,
    ) -> list[_Walk]:
        """The walk from each start."""
        found: list[_Walk] = []
        path = self.path[point : self.ends[point]]
        for first in range(0, len(starts), WIDTH):
            group = np.ascontiguousarray(starts[first : first + WIDTH])
            walks, iterations, stopped = self._follow(path, group, variations)
            for start, walk, spent, stop in zip(group, walks, iterations, stopped, strict=True):
                reached = max(1, int(stop))
                motion = np.linalg.norm(np.diff(walk[:reached], axis=0), axis=1).sum()
                motion += 0.0 if before is None else np.linalg.norm(start - before)
                found.append(((reached, -float(motion)), _Leg(walk[:reached], spent[:reached]), start))
        return found

    def _more(self, point: int, q: Float[np.ndarray, "k dof"]) -> Float[np.ndarray, "c dof"]:
        """Further starts: whole turns away from the first ones, or more samples of a family."""
        more = with_equivalent(self.search, self.starts_at(point, MAX_STARTS).q, MAX_STARTS)
        return more[[np.abs(q - row).max(axis=1).min() > 1e-6 for row in more]]

    def _variations(self, length: int) -> _Variations:
        """Variations with which a redundant arm may avoid its limits on a walk of this length."""
        lower, upper = self.search.arm.sampling_limits
        middle = np.tile(0.5 * (lower + upper), (4, 1))
        pulls = np.vstack([middle, spread(self.search.arm, WIDTH - 4)])
        gains = np.minimum(np.array([0.0, 3.0, 10.0, 40.0, *[10.0] * (WIDTH - 4)]) / length, 0.05)
        return _Variations(pulls[:, None], gains, np.array([1.0] + [0.0] * (WIDTH - 1)))

    def _examples(self, point: int, starts: Float[np.ndarray, "w dof"]) -> Iterator[_Variations]:
        """Pulls towards the best walks from other starts, point by point."""
        others = self._more(point, starts)
        gains = np.geomspace(3e-4, 0.2, WIDTH)
        walks = self._walks(point, others, None)
        for _, leg, _ in sorted(walks, key=lambda walk: walk[0], reverse=True)[:MAX_EXAMPLES]:
            yield _Variations(np.tile(leg.q, (WIDTH, 1, 1)), gains, np.zeros(WIDTH))

    def _follow(
        self, path: Float[np.ndarray, "n 12"], starts: Float[np.ndarray, "w dof"], variations: _Variations | None = None
    ) -> tuple[Float[np.ndarray, "w n dof"], Int[np.ndarray, "w n"], Int[np.ndarray, " w"]]:
        """Call `follow`. Returns joint positions, iterations, and the first point not reached by each walk."""
        count, (width, dof) = len(path), starts.shape
        q, iterations = np.zeros((width, count, dof)), np.zeros((width, count), np.int64)
        if variations is None:
            # A redundant arm moves least without momentum; for other arms momentum saves iterations.
            momentum = 0.0 if is_redundant(self.search) else 1.0
            variations = _Variations(starts[:, None], np.zeros(width), np.full(width, momentum))
        announce_compilation(follow)
        stopped = follow(
            self.chain, self.search.objective, self.rules, path, starts, *variations, MAX_STEP, q, iterations
        )
        return q, iterations, stopped


def _between(
    a: Float[np.ndarray, " 12"], b: Float[np.ndarray, " 12"], count: int = SUBSTEPS
) -> Float[np.ndarray, "k 12"]:
    """Targets from one to another in a straight line, turning about one axis; the first is left out."""
    share = np.linspace(0.0, 1.0, count + 1)[1:, None]
    T = np.zeros((count, 4, 4))
    T[:, :3, 3] = a[:3] + share * (b[:3] - a[:3])
    R_a, R_b = a[3:].reshape(3, 3).T, b[3:].reshape(3, 3).T
    T[:, :3, :3] = R_a @ rotation_from_vector(share * vector_from_rotation(R_a.T @ R_b))
    return pack(T)
