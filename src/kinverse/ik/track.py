"""Following a path of targets: every point is solved from the one before, so that the joints move little."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from kinverse.geometry import rotation_from_vector, vector_from_rotation
from kinverse.ik.branches import find_branches, is_redundant, nearest_branch, with_equivalent
from kinverse.ik.kernels.follow import follow
from kinverse.ik.kernels.inputs import Chain, StoppingRules
from kinverse.ik.kernels.lanes import WIDTH
from kinverse.ik.search import Search
from kinverse.ik.seeds import pack, spread
from kinverse.ik.solutions import Solutions
from kinverse.robot.kernels import announce_compilation

MAX_STEP = 0.2
"""If a joint moves by more than this [rad or m] between two points, the path between them is refined."""
SUBSTEPS = 64
"""Points of a refined path between two points."""
MAX_STARTS = 64


@dataclass(frozen=True, eq=False)
class Track:
    """A path as joint positions.

    Attributes:
        solutions: (n) one for each point. Joints without limits are not wrapped: they turn on.
        jumps: points that could not be reached from the one before by a continuous motion along the path.
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
    begin = None if start is None else nearest_branch(search, path[:1], predictions, start[None]).q
    legs = [guide.leg(0, guide.starts_at(0) if begin is None else begin, begin is None)]
    jumps: list[int] = []
    point = len(legs[0].q)
    while point < len(path):
        before = legs[-1].q[-1]
        onward = guide.bridge(point, before)
        if onward is None:
            jumps.append(point)
            legs.append(guide.leg(point, guide.starts_at(point), True, before))
        else:
            legs.append(guide.leg(point, onward[None], False))
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
    """A continuous part of the path: (k, dof) joint positions and (k,) iterations, k ≥ 1."""

    q: Float[np.ndarray, "k dof"]
    iterations: Int[np.ndarray, " k"]


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

    def starts_at(self, point: int, limit: int = WIDTH) -> Float[np.ndarray, "k dof"]:
        """Joint positions that reach a point, or the closest ones if none does."""
        found = find_branches(self.search, self.path[point], None, limit).q
        return found if len(found) else self.search.solve(self.path[point : point + 1]).q

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
        length = len(self.path) - point
        score, leg, start = self._best(point, starts, before)
        if score[0] < length and may_add_starts:
            more = self._more(point, starts)
            if len(more):
                score, leg, start = max((score, leg, start), self._best(point, more, before), key=lambda one: one[0])
        if score[0] < length and is_redundant(self.search):
            best = score, leg, start
            here = np.tile(start, (WIDTH, 1))
            best = max(best, self._best(point, here, before, self._variations(length)), key=lambda one: one[0])
            if best[0][0] < length and not may_add_starts:
                best = max(best, self._best(point, here, before, self._example(point, here)), key=lambda one: one[0])
            leg = best[1]
        return leg

    def bridge(self, point: int, q: Float[np.ndarray, " dof"]) -> Float[np.ndarray, " dof"] | None:
        """Move from joint positions at the previous point to `point`; None if that takes a jump."""
        between = _between(self.path[point - 1], self.path[point])
        rows, _, stopped = self._follow(between, q[None])
        if stopped[0] == len(between):
            return rows[0, -1]
        closest = self.search.solve(self.path[point : point + 1], q[None, None], None, q[None], self.rules, self.chain)
        if not closest[0].converged:
            anywhere = self.search.solve(self.path[point : point + 1], q[None, None], None, q[None])
            return None if anywhere[0].converged else anywhere.q[0]  # not reached: there is nowhere to jump to
        # An arm with few joints may not reach the poses in between. Halfway in the joints the tool must then be about
        # halfway between the targets.
        middle = pack(self.search.arm.forward_kinematics(0.5 * (q + closest.q)))
        weights = self.search.table.weights
        step = np.linalg.norm(weights * (self.path[point] - self.path[point - 1]))
        off = np.linalg.norm(weights * (middle[0] - 0.5 * (self.path[point] + self.path[point - 1])))
        return closest.q[0] if off <= 0.5 * step else None

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
    ) -> tuple[tuple[int, float], _Leg, Float[np.ndarray, " dof"]]:
        """The best walk from several starts: its score (length, negative motion), the walk, and its start."""
        best: tuple[tuple[int, float], _Leg, np.ndarray] | None = None
        path = self.path[point:]
        for first in range(0, len(starts), WIDTH):
            group = np.ascontiguousarray(starts[first : first + WIDTH])
            walks, iterations, stopped = self._follow(path, group, variations)
            for start, walk, spent, stop in zip(group, walks, iterations, stopped, strict=True):
                reached = max(1, int(stop))
                motion = np.linalg.norm(np.diff(walk[:reached], axis=0), axis=1).sum()
                motion += 0.0 if before is None else np.linalg.norm(start - before)
                if best is None or (reached, -motion) > best[0]:
                    best = (reached, -float(motion)), _Leg(walk[:reached], spent[:reached]), start
        assert best is not None
        return best

    def _more(self, point: int, q: Float[np.ndarray, "k dof"]) -> Float[np.ndarray, "c dof"]:
        """Further starts: whole turns away from the first ones, or more samples of a family."""
        more = with_equivalent(self.search, self.starts_at(point, MAX_STARTS))
        more = more[[np.abs(q - row).max(axis=1).min() > 1e-6 for row in more]]
        return more[np.argsort(np.linalg.norm(more, axis=1), kind="stable")][:MAX_STARTS]

    def _variations(self, length: int) -> _Variations:
        """Variations with which a redundant arm may avoid its limits on a walk of this length."""
        lower, upper = self.search.arm.sampling_limits
        middle = np.tile(0.5 * (lower + upper), (4, 1))
        pulls = np.vstack([middle, spread(self.search.arm, WIDTH - 4)])
        gains = np.minimum(np.array([0.0, 3.0, 10.0, 40.0, *[10.0] * (WIDTH - 4)]) / length, 0.05)
        return _Variations(pulls[:, None], gains, np.array([1.0] + [0.0] * (WIDTH - 1)))

    def _example(self, point: int, starts: Float[np.ndarray, "w dof"]) -> _Variations:
        """Pulls towards the best walk from another start, point by point."""
        others = self._more(point, starts)
        walk = starts[:1] if len(others) == 0 else self._best(point, others, None)[1].q
        gains = np.geomspace(3e-4, 0.2, WIDTH)
        return _Variations(np.tile(walk, (WIDTH, 1, 1)), gains, np.zeros(WIDTH))

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


def _between(a: Float[np.ndarray, " 12"], b: Float[np.ndarray, " 12"]) -> Float[np.ndarray, "k 12"]:
    """Targets from one to another in a straight line, turning about one axis; the first is left out."""
    share = np.linspace(0.0, 1.0, SUBSTEPS + 1)[1:, None]
    T = np.zeros((SUBSTEPS, 4, 4))
    T[:, :3, 3] = a[:3] + share * (b[:3] - a[:3])
    R_a, R_b = a[3:].reshape(3, 3).T, b[3:].reshape(3, 3).T
    T[:, :3, :3] = R_a @ rotation_from_vector(share * vector_from_rotation(R_a.T @ R_b))
    return pack(T)
