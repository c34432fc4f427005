"""Measure kinverse's solver and the installed libraries in turn, on the same targets and one core."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from jaxtyping import Float

from kinverse.apps.benchmark.adapters.kinverse import Kinverse
from kinverse.apps.benchmark.peer import Peer, Robot
from kinverse.apps.benchmark.registry import LeftOut, chosen, one_line, open_peer, version_of
from kinverse.apps.benchmark.robots import robot_for
from kinverse.apps.benchmark.timing import Ratio, one_core, seconds, undisturbed
from kinverse.apps.benchmark.verify import STRICT, Verification, Verifier
from kinverse.errors import ConfigError

ARMS = ("panda", "ur5", "iiwa14")
MAX_TARGETS = 100_000
STREAM = 7
"""Second part of the targets' random seed, so that they differ from any sample drawn with a plain seed."""


@dataclass(frozen=True)
class Effort:
    """The amount of measurement.

    Attributes:
        targets: number of poses per arm; a slow library gets only those that fit its time.
        seconds: time for each library and arm [s].
        rounds: number of pairs measured in turn.
        seed: random seed of the targets.
    """

    targets: int = 1000
    seconds: float = 4.0
    rounds: int = 15
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.targets <= MAX_TARGETS:
            raise ConfigError(f"targets must be from 1 to {MAX_TARGETS}, got {self.targets}")
        if self.seed < 0:
            raise ConfigError(f"seed must be a whole number ≥ 0, got {self.seed}")

    @classmethod
    def of(cls, targets: int | None = None, seed: int = 0, quick: bool = False) -> Effort:
        """The default effort, or a few seconds with `quick`; `targets` overrides the number of targets."""
        effort = cls(100, 0.15, 3, seed) if quick else cls(seed=seed)
        return effort if targets is None else replace(effort, targets=targets)


@dataclass(frozen=True)
class Measured:
    """The measurement of one solver on one arm.

    Attributes:
        name: name of the peer, or "kinverse".
        version: version of its library.
        kind: "analytic", "numerical" or "batched".
        method: short description of the call.
        targets: number of targets.
        solved: share of targets solved within 1e-4 m, 1e-3 rad and the limits, verified by Pinocchio [%].
        solved_strictly: the same within 1e-6 m and 1e-6 rad [%].
        batch_ms: time per target in a batch [ms], or in a loop if the library has no batch call.
        single_ms: time per target in single calls [ms].
        batch_size: number of targets in a batch.
        batch: time relative to kinverse's batch call on the same targets; None for kinverse.
        single: time relative to kinverse's single calls on the same targets; None for kinverse.
    """

    name: str
    version: str | None
    kind: str
    method: str
    targets: int
    solved: float
    solved_strictly: float
    batch_ms: float
    single_ms: float
    batch_size: int
    batch: Ratio | None = None
    single: Ratio | None = None


@dataclass(frozen=True)
class ArmResult:
    """The measurements of kinverse and its peers on one arm, and the libraries that were skipped."""

    arm: str
    fingerprint: str
    dof: int
    ours: Measured
    peers: tuple[Measured, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class BenchResult:
    """The results of a whole run; `duration` is its time [s]."""

    arms: tuple[ArmResult, ...]
    effort: Effort
    duration: float


def run_bench(
    names: Sequence[str] = ARMS,
    peers: tuple[str, ...] | None = None,
    effort: Effort | None = None,
    *,
    base: str | None = None,
    tool: str | None = None,
    watch: Callable[[str, float], None] = lambda doing, share: None,
    ours: type[Peer] | None = None,
) -> BenchResult:
    """Benchmark every library on every arm.

    Args:
        names: catalog arms with a URDF file, or paths of URDF files.
        peers: names of peers; None: all.
        effort: amount of measurement; None: the default.
        base: base link of a URDF file.
        tool: tool link of a URDF file.
        watch: called with the current step and the completed share [0, 1].
        ours: the reference solver; None: kinverse's.

    Raises:
        MissingExtraError: Pinocchio, which verifies the solutions, is not installed.
        UnknownNameError: no such arm or peer.
        ConfigError: an arm has no URDF file.
    """
    effort, start = effort or Effort(), time.monotonic()
    wanted = chosen(peers)
    results = []
    with one_core():
        for number, name in enumerate(names):

            def report(doing: str, share: float, name: str = name, number: int = number) -> None:
                watch(f"{name}: {doing}", (number + share) / len(names))

            with robot_for(name, base, tool) as (robot, urdf):
                results.append(_run_arm(robot, Verifier(urdf, robot.arm), wanted, effort, report, ours or Kinverse))
                gc.collect()  # some bindings report uncollected robots at exit
    return BenchResult(tuple(results), effort, time.monotonic() - start)


def require_benchable(
    names: Sequence[str] = ARMS, peers: tuple[str, ...] | None = None, base: str | None = None, tool: str | None = None
) -> None:
    """Raise the errors that `run_bench` would raise for these arms and peers, without measuring."""
    chosen(peers)
    for name in names:
        with robot_for(name, base, tool) as (robot, urdf):
            Verifier(urdf, robot.arm)


def _run_arm(
    robot: Robot,
    verifier: Verifier,
    wanted: Sequence[type[Peer]],
    effort: Effort,
    watch: Callable[[str, float], None],
    kind_of_ours: type[Peer],
) -> ArmResult:
    arm = robot.arm
    targets = arm.forward_kinematics(arm.sample(effort.targets, np.random.default_rng((effort.seed, STREAM))))
    watch("kinverse", 0.0)
    ours = kind_of_ours(robot)
    with undisturbed():
        own = _measure(ours, ours, targets, verifier, effort)
    measured, left_out = [], []
    for done, kind in enumerate(wanted, start=1):
        watch(kind.name, done / (len(wanted) + 1))
        with undisturbed():
            peer = open_peer(kind, robot)
            if isinstance(peer, LeftOut):
                left_out.append(peer)
                continue
            try:
                measured.append(_measure(peer, ours, targets, verifier, effort))
            except Exception as problem:  # an error of one library must not end the run
                left_out.append(LeftOut(kind.name, f"stopped while solving ({one_line(problem)})"))
    return ArmResult(arm.name, arm.fingerprint, arm.dof, own, tuple(measured), tuple(left_out))


def _measure(
    peer: Peer, ours: Peer, targets: Float[np.ndarray, "n 4 4"], verifier: Verifier, effort: Effort
) -> Measured:
    """Measure both solvers in turn, each round on the next part of the targets, and verify every solution."""
    share = effort.seconds / effort.rounds / (2.0 if peer.takes_batches else 1.0)
    largest = -(-len(targets) // effort.rounds)
    alone = _about(partial(_one_by_one, peer), targets[:8])
    few = int(np.clip(share / alone, 1, largest))
    size = int(np.clip(share / _about(peer.solve_all, targets[:64]), 1, largest)) if peer.takes_batches else few
    times: dict[str, list[float]] = {name: [] for name in ("our batch", "batch", "our single", "single")}
    verified = []
    for start in range(0, min(size * effort.rounds, len(targets)), size):
        part = targets[start : start + size]
        some = part[:few]
        times["our batch"].append(seconds(partial(ours.solve_all, part))[0] / len(part))
        if peer.takes_batches:
            spent, batch = seconds(partial(peer.solve_all, part))
            times["batch"].append(spent / len(part))
        times["our single"].append(seconds(partial(_one_by_one, ours, some))[0] / len(some))
        spent, singles = seconds(partial(_one_by_one, peer, some))
        times["single"].append(spent / len(some))
        verified.append(verifier.verify(np.array(batch if peer.takes_batches else singles, dtype=np.float64), part))
    return _summary(peer, ours, times, verified, size)


def _summary(
    peer: Peer, ours: Peer, times: dict[str, list[float]], verified: list[Verification], size: int
) -> Measured:
    reached = np.concatenate([part.reached() for part in verified])
    strictly = np.concatenate([part.reached(STRICT, STRICT) for part in verified])
    batch = times["batch"] or times["single"]
    return Measured(
        name=peer.name,
        version=version_of(type(peer)),
        kind=peer.kind,
        method=peer.method,
        targets=len(reached),
        solved=100.0 * float(reached.mean()),
        solved_strictly=100.0 * float(strictly.mean()),
        batch_ms=1e3 * float(np.median(batch)),
        single_ms=1e3 * float(np.median(times["single"])),
        batch_size=size if peer.takes_batches else 1,
        batch=None if peer is ours else Ratio.of(times["our batch"], batch),
        single=None if peer is ours else Ratio.of(times["our single"], times["single"]),
    )


def _one_by_one(peer: Peer, targets: Float[np.ndarray, "n 4 4"]) -> list[Float[np.ndarray, " dof"]]:
    return [peer.solve_one(T) for T in targets]


def _about(solve: Callable[[Float[np.ndarray, "n 4 4"]], object], targets: Float[np.ndarray, "n 4 4"]) -> float:
    """Approximate time per target [s], without the first call, which may load and compile."""
    solve(targets[:1])
    return seconds(partial(solve, targets))[0] / len(targets)
