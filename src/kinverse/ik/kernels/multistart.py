"""The compiled search: eight attempts at a time, each a Levenberg–Marquardt descent from a seed, over many targets.

A target is tried from its seeds in order. Its answer is that of the first seed, in this order, that arrives; where none
does, that of the seed that came closest. While there are more targets than lanes every lane works on a target of its
own; then the lanes that fall free try the later seeds of those still open, ahead of their turn. A single target is so
tried from eight seeds at once, and gets the very same answer, bit for bit, as it gets among a million others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kinverse.ik.kernels.lanes import WIDTH, any_lane, lane_bits, load, maximum, minimum, select, splat, store
from kinverse.ik.kernels.residual import compiled, evaluate, lay_out
from kinverse.ik.kernels.step import step


class Answers(NamedTuple):
    """What a search writes: one row for each target."""

    q: np.ndarray  # (n, dof)
    converged: np.ndarray  # (n,) bool
    iterations: np.ndarray  # (n,) int64, over all attempts up to the one that counts
    attempts: np.ndarray  # (n,) int64, up to the one that counts


# Who works on what: `WIDTH` targets are open ("slots"), and each lane makes an attempt for one of them. One array of
# (rows, WIDTH) integers, since a compiled function pays for every array that it takes out of a tuple.
_TARGET = 0  # of each slot; −1: none
_NEXT = 1  # the first attempt of each slot that no lane has taken yet
_FOUND = 2  # the first attempt of each slot known to arrive; the number of attempts for none
_CLOSEST = 3  # the attempt of each slot that came closest without arriving
_SLOT = 4  # of each lane; −1: idle
_ATTEMPT = 5  # of each lane
_USED = 6  # and from here on: the iterations of every attempt of each slot


@compiled
def _open(desk, slot, target, count, attempts):  # type: ignore[no-untyped-def]
    """Put a target on a slot, if there is one more; the number of the next."""
    desk[_TARGET, slot] = -1
    if target >= count:
        return target
    desk[_TARGET, slot] = target
    desk[_NEXT, slot] = 0
    desk[_FOUND, slot] = attempts
    desk[_CLOSEST, slot] = attempts
    return target + 1


@compiled
def _choose(desk, lane):  # type: ignore[no-untyped-def]
    """The slot that an idle lane works on next: its own, else the one with the fewest attempts taken; −1 for none."""
    if desk[_TARGET, lane] >= 0 and desk[_NEXT, lane] < desk[_FOUND, lane]:
        return lane
    best = -1
    for slot in range(WIDTH):
        is_open = desk[_TARGET, slot] >= 0 and desk[_NEXT, slot] < desk[_FOUND, slot]
        if is_open and (best < 0 or desk[_NEXT, slot] < desk[_NEXT, best]):
            best = slot
    return best


@compiled
def _take(work, rows, desk, lane, targets, seeds, spare):  # type: ignore[no-untyped-def]
    """Give an idle lane the next attempt of a slot: target, seed, and a fresh start. Whether there was one."""
    slot = _choose(desk, lane)
    desk[_SLOT, lane] = slot
    if slot < 0:
        return False
    target, attempt = desk[_TARGET, slot], desk[_NEXT, slot]
    desk[_NEXT, slot] += 1
    desk[_ATTEMPT, lane] = attempt
    for i in range(12):
        work[rows.target + i, lane] = targets[target, i]
    own = seeds.shape[1]
    for joint in range(seeds.shape[2]):
        q = seeds[target, attempt, joint] if attempt < own else spare[(attempt - own) % len(spare), joint]
        work[rows.trial + joint, lane] = q
        work[rows.kept + joint, lane] = q
    work[rows.cost, lane] = np.inf
    work[rows.fresh, lane] = 1.0
    work[rows.slow, lane] = 0.0
    work[rows.iteration, lane] = 0.0
    return True


@compiled
def _record(work, rows, desk, lane, arrived, attempts, q):  # type: ignore[no-untyped-def]
    """Note how the attempt of a lane ended; the lane is idle then."""
    slot, attempt = desk[_SLOT, lane], desk[_ATTEMPT, lane]
    desk[_SLOT, lane] = -1
    desk[_USED + attempt, slot] = np.int64(work[rows.iteration, lane]) - 1
    cost = work[rows.cost, lane]
    better = attempt < desk[_FOUND, slot]
    if better and arrived:
        desk[_FOUND, slot] = attempt
    elif better:
        first = desk[_CLOSEST, slot] == attempts
        ahead = attempt < desk[_CLOSEST, slot]
        closer = first or cost < work[rows.closest, slot] or (cost == work[rows.closest, slot] and ahead)
        better = closer and desk[_FOUND, slot] == attempts
        if better:
            work[rows.closest, slot], desk[_CLOSEST, slot] = cost, attempt
    if better:
        for joint in range(q.shape[1]):
            q[desk[_TARGET, slot], joint] = work[rows.kept + joint, lane]


@compiled
def _is_decided(desk, slot):  # type: ignore[no-untyped-def]
    """Whether the first arriving attempt of a slot is known, or all have ended."""
    found = desk[_FOUND, slot]
    if desk[_NEXT, slot] < found:
        return False
    earlier = 0
    for lane in range(WIDTH):
        earlier += desk[_SLOT, lane] == slot and desk[_ATTEMPT, lane] < found
    return earlier == 0


@compiled
def _close(desk, slot, attempts, converged, iterations, tried):  # type: ignore[no-untyped-def]
    """Write the counts of a decided slot; attempts behind the one that counts are dropped."""
    for lane in range(WIDTH):
        if desk[_SLOT, lane] == slot:
            desk[_SLOT, lane] = -1
    target, found = desk[_TARGET, slot], desk[_FOUND, slot]
    converged[target] = found < attempts
    tried[target] = min(found + 1, attempts)
    iterations[target] = 0
    for attempt in range(tried[target]):
        iterations[target] += desk[_USED + attempt, slot]


@compiled
def judge(work, rows, goal, rules, position, rotation, jacobians, residuals, dof):  # type: ignore[no-untyped-def]
    """Keep the trials that are better, adapt the damping; the lanes whose attempt has ended, and which of them arrived.

    The damping follows Nielsen, "Damping parameter in Marquardt's method" (IMM, DTU 1999), with its cube.
    """
    old = load(work, rows.cost)
    cost = position + rotation * (goal.length * goal.length)
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
def search(chain, goal, rules, targets, seeds, spare, answers):  # type: ignore[no-untyped-def]
    """Find joint positions for every target.

    Args:
        chain: the arm.
        goal: what reaching means.
        rules: when to stop.
        targets: (n, 12) position [m], then the x, y and z axis of the rotation.
        seeds: (n, k, dof) where the first k attempts of each target start, inside the limits.
        spare: (s, dof) where the later ones start, s ≥ 1; used in turn.
        answers: arrays to write into.
    """
    dof, count, attempts = len(chain.prismatic), len(targets), rules.attempts
    q, converged, iterations, tried = answers
    rows = lay_out(dof, goal.rows)
    work = np.zeros((rows.end, WIDTH))
    desk = np.zeros((_USED + attempts, WIDTH), np.int64)
    jacobian, trial_jacobian = rows.jacobian, rows.jacobian + 6 * dof
    residual, trial_residual = rows.residual, rows.residual + 6
    target = 0
    for slot in range(WIDTH):
        desk[_SLOT, slot] = -1
        target = _open(desk, slot, target, count, attempts)
    busy = False
    for lane in range(WIDTH):
        busy |= _take(work, rows, desk, lane, targets, seeds, spare)
    while busy:
        position, rotation = evaluate(work, rows, chain, goal, trial_jacobian, trial_residual)
        ended, arrived = judge(
            work, rows, goal, rules, position, rotation, (jacobian, trial_jacobian), (residual, trial_residual), dof
        )
        jacobian, trial_jacobian = trial_jacobian, jacobian
        residual, trial_residual = trial_residual, residual
        if ended:
            for lane in range(WIDTH):
                slot = desk[_SLOT, lane]
                if slot >= 0 and (ended >> lane) & 1:
                    _record(work, rows, desk, lane, (arrived >> lane) & 1 == 1, attempts, q)
                    if _is_decided(desk, slot):
                        _close(desk, slot, attempts, converged, iterations, tried)
                        target = _open(desk, slot, target, count, attempts)
            busy = False
            for lane in range(WIDTH):
                busy |= desk[_SLOT, lane] >= 0 or _take(work, rows, desk, lane, targets, seeds, spare)
        step(work, rows, chain, goal, jacobian, residual)
