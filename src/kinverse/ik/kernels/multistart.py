"""The compiled search: eight attempts at a time, each a Levenberg–Marquardt descent from a seed, over many targets.

A target is tried from its seeds in order. Its solution comes from the first seed, in this order, that converges; if
none does, from the seed that came closest. While there are more targets than lanes, every lane works on its own target;
then idle lanes try later seeds of the open targets in advance. A single target is thus tried from eight seeds at once,
and gets the same solution, bit for bit, as among a million others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kinverse.ik.kernels.lanes import WIDTH, any_lane, lane_bits, load, maximum, minimum, select, splat, store
from kinverse.ik.kernels.residual import aligned_workspace, compiled, evaluate, lay_out
from kinverse.ik.kernels.step import step


class Results(NamedTuple):
    """The output arrays of a search, with one row for each target."""

    q: np.ndarray  # (n, dof)
    converged: np.ndarray  # (n,) bool
    iterations: np.ndarray  # (n,) int64, over all attempts up to the one that counts
    attempts: np.ndarray  # (n,) int64, up to the one that counts


# The schedule: `WIDTH` targets are open ("slots"), and each lane makes an attempt for one of them. It is one array of
# (rows, WIDTH) integers, since every array in a tuple costs time in a compiled function. Its rows:
_TARGET = 0  # of each slot; −1: none
_NEXT = 1  # the first attempt of each slot that no lane has taken yet
_FOUND = 2  # the first attempt of each slot known to arrive; the limit for none
_CLOSEST = 3  # the attempt of each slot that came closest without arriving; −1: none yet
_SLOT = 4  # of each lane; −1: idle
_ATTEMPT = 5  # of each lane
_LIMIT = 6  # of each slot: the number of attempts
_USED = 7  # and from here on: the iterations of every attempt of each slot


@compiled
def _open(schedule, slot, target, attempts):  # type: ignore[no-untyped-def]
    """Open a slot for a target, if one is left; returns the number of the next target."""
    schedule[_TARGET, slot] = -1
    if target >= len(attempts):
        return target
    schedule[_TARGET, slot] = target
    schedule[_LIMIT, slot] = attempts[target]
    schedule[_NEXT, slot] = 0
    schedule[_FOUND, slot] = attempts[target]
    schedule[_CLOSEST, slot] = -1
    return target + 1


@compiled
def _choose(schedule, lane):  # type: ignore[no-untyped-def]
    """The next slot of an idle lane: its own, else the one with the fewest attempts taken; −1 for none."""
    if schedule[_TARGET, lane] >= 0 and schedule[_NEXT, lane] < schedule[_FOUND, lane]:
        return lane
    best = -1
    for slot in range(WIDTH):
        is_open = schedule[_TARGET, slot] >= 0 and schedule[_NEXT, slot] < schedule[_FOUND, slot]
        if is_open and (best < 0 or schedule[_NEXT, slot] < schedule[_NEXT, best]):
            best = slot
    return best


@compiled
def _take(work, rows, schedule, lane, targets, seeds, stored):  # type: ignore[no-untyped-def]
    """Give an idle lane the next attempt of a slot: target, seed and reset state. Returns whether there was one."""
    slot = _choose(schedule, lane)
    schedule[_SLOT, lane] = slot
    if slot < 0:
        return False
    target, attempt = schedule[_TARGET, slot], schedule[_NEXT, slot]
    schedule[_NEXT, slot] += 1
    schedule[_ATTEMPT, lane] = attempt
    for i in range(12):
        work[rows.target + i, lane] = targets[target, i]
    own = seeds.shape[1]
    for joint in range(seeds.shape[2]):
        q = seeds[target, attempt, joint] if attempt < own else stored[(attempt - own) % len(stored), joint]
        work[rows.trial + joint, lane] = q
        work[rows.kept + joint, lane] = q
    work[rows.cost, lane] = np.inf
    work[rows.fresh, lane] = 1.0
    work[rows.slow, lane] = 0.0
    work[rows.iteration, lane] = 0.0
    return True


@compiled
def _record(work, rows, schedule, lane, arrived, q):  # type: ignore[no-untyped-def]
    """Record the result of a lane's attempt; the lane is then idle."""
    slot, attempt = schedule[_SLOT, lane], schedule[_ATTEMPT, lane]
    schedule[_SLOT, lane] = -1
    schedule[_USED + attempt, slot] = np.int64(work[rows.iteration, lane]) - 1
    cost = work[rows.cost, lane]
    better = attempt < schedule[_FOUND, slot]
    if better and arrived:
        schedule[_FOUND, slot] = attempt
    elif better:
        first = schedule[_CLOSEST, slot] < 0
        ahead = attempt < schedule[_CLOSEST, slot]
        closer = first or cost < work[rows.closest, slot] or (cost == work[rows.closest, slot] and ahead)
        better = closer and schedule[_FOUND, slot] == schedule[_LIMIT, slot]
        if better:
            work[rows.closest, slot], schedule[_CLOSEST, slot] = cost, attempt
    if better:
        for joint in range(q.shape[1]):
            q[schedule[_TARGET, slot], joint] = work[rows.kept + joint, lane]


@compiled
def _is_decided(schedule, slot):  # type: ignore[no-untyped-def]
    """Whether the first converged attempt of a slot is known, or all have ended."""
    found = schedule[_FOUND, slot]
    if schedule[_NEXT, slot] < found:
        return False
    earlier = 0
    for lane in range(WIDTH):
        earlier += schedule[_SLOT, lane] == slot and schedule[_ATTEMPT, lane] < found
    return earlier == 0


@compiled
def _close(schedule, slot, converged, iterations, tried):  # type: ignore[no-untyped-def]
    """Write the counts of a decided slot; attempts after the one that counts are dropped."""
    for lane in range(WIDTH):
        if schedule[_SLOT, lane] == slot:
            schedule[_SLOT, lane] = -1
    target, found, attempts = schedule[_TARGET, slot], schedule[_FOUND, slot], schedule[_LIMIT, slot]
    converged[target] = found < attempts
    tried[target] = min(found + 1, attempts)
    iterations[target] = 0
    for attempt in range(tried[target]):
        iterations[target] += schedule[_USED + attempt, slot]


@compiled
def accept_or_reject(work, rows, goal, rules, errors, jacobians, residuals, dof):  # type: ignore[no-untyped-def]
    """Keep the trials that are better and adapt the damping. Returns the lanes that ended, and those that converged.

    The damping follows Nielsen, "Damping parameter in Marquardt's method" (IMM, DTU 1999), with its cube.
    """
    old = load(work, rows.cost)
    position, rotation, cost = errors
    better = cost < old
    worse = ~better
    (jacobian, trial_jacobian), (residual, trial_residual) = jacobians, residuals
    if any_lane(worse):
        for i in range(6 * dof):
            store(work, trial_jacobian + i, select(worse, load(work, jacobian + i), load(work, trial_jacobian + i)))
        for i in range(6):
            store(work, trial_residual + i, select(worse, load(work, residual + i), load(work, trial_residual + i)))
    for joint in range(dof):
        kept = select(worse, load(work, rows.kept + joint), load(work, rows.trial + joint))
        store(work, rows.kept + joint, kept)
    fresh = load(work, rows.fresh) > 0.5
    damping, growth = load(work, rows.damping), load(work, rows.growth)
    deviation = 2.0 * (old - cost) / load(work, rows.predicted) - 1.0
    factor = minimum(maximum(1.0 - deviation * deviation * deviation, 0.1), 2.0)
    damping = select(fresh, rules.damping * cost, damping * select(better, factor, growth))
    store(work, rows.damping, minimum(maximum(damping, 1e-200), 1e200))
    store(work, rows.growth, select(better, 2.0, minimum(2.0 * growth, 1e6)))
    is_slow = ~(cost <= old * rules.slow) & ~fresh
    slow = select(is_slow, load(work, rows.slow) + 1.0, 0.0)
    iteration = load(work, rows.iteration) + 1.0
    store(work, rows.slow, slow)
    store(work, rows.iteration, iteration)
    store(work, rows.cost, minimum(cost, old))
    store(work, rows.fresh, splat(0.0))
    close = (position <= goal.position_tolerance**2) & (rotation <= goal.rotation_tolerance**2)
    arrived = close & better
    ended = arrived | (iteration > float(rules.iterations)) | (slow >= float(rules.patience))
    return lane_bits(ended), lane_bits(arrived)


@compiled
def search(chain, goal, rules, targets, seeds, stored, attempts, results):  # type: ignore[no-untyped-def]
    """Find joint positions for every target.

    Args:
        chain: the arm.
        goal: the objective and its tolerances.
        rules: stopping rules.
        targets: (n, 12) position [m], then the x, y and z axis of the rotation.
        seeds: (n, k, dof) seeds of the first k attempts of each target, inside the limits.
        stored: (s, dof) stored samples, s ≥ 1: the seeds of later attempts, in turn.
        attempts: (n,) largest number of attempts at each target, at most `rules.attempts`.
        results: output.
    """
    dof = len(chain.prismatic)
    q, converged, iterations, tried = results
    rows = lay_out(dof, goal.rows)
    work = aligned_workspace(rows)
    schedule = np.zeros((_USED + rules.attempts, WIDTH), np.int64)
    jacobian, trial_jacobian = rows.jacobian, rows.jacobian + 6 * dof
    residual, trial_residual = rows.residual, rows.residual + 6
    target = 0
    for slot in range(WIDTH):
        schedule[_SLOT, slot] = -1
        target = _open(schedule, slot, target, attempts)
    busy = False
    for lane in range(WIDTH):
        busy |= _take(work, rows, schedule, lane, targets, seeds, stored)
    while busy:
        errors = evaluate(work, rows, chain, goal, trial_jacobian, trial_residual)
        ended, arrived = accept_or_reject(
            work, rows, goal, rules, errors, (jacobian, trial_jacobian), (residual, trial_residual), dof
        )
        jacobian, trial_jacobian = trial_jacobian, jacobian
        residual, trial_residual = trial_residual, residual
        if ended:
            for lane in range(WIDTH):
                slot = schedule[_SLOT, lane]
                if slot >= 0 and (ended >> lane) & 1:
                    _record(work, rows, schedule, lane, (arrived >> lane) & 1 == 1, q)
                    if _is_decided(schedule, slot):
                        _close(schedule, slot, converged, iterations, tried)
                        target = _open(schedule, slot, target, attempts)
            busy = False
            for lane in range(WIDTH):
                busy |= schedule[_SLOT, lane] >= 0 or _take(work, rows, schedule, lane, targets, seeds, stored)
        step(work, rows, chain, goal, jacobian, residual)
