"""What a network buys: the same search from random seeds, from tables, from the network and from the answer itself."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from kinverse.errors import ConfigError, RunError
from kinverse.files import from_plain, to_plain
from kinverse.geometry import position_error, rotation_error
from kinverse.ik.config import SolverConfig, goal_of
from kinverse.ik.search import Search
from kinverse.ik.seeds import pack
from kinverse.ik.solutions import Solutions
from kinverse.learning.evaluation.metrics import Summary, summarise
from kinverse.network.compiled import CompiledNetwork
from kinverse.robot.arm import Arm
from kinverse.tables import Table

RANDOM, STORED, TREE, NETWORK, ORACLE = (
    "random restarts", "stored samples (the solver's own)", "nearest-neighbour table", "network", "oracle seed",
)  # fmt: skip
BYTES_PER_SAMPLE = 8
"""Of each number in a table: float64, as the tree and the solver hold them."""
LARGE_TABLE = 100_000
RESTARTS = 24


@dataclass(frozen=True)
class SeedingCost:
    """One way to begin a search, measured on fresh targets, on one thread.

    Attributes:
        name: of the way.
        memory: bytes that it keeps.
        rounds: microseconds per verified solution in all (making seeds, searching, verifying), of each round.
        seeding: the part of it that makes the seeds, median of the rounds.
        iterations: mean per target, over all attempts.
        median_iterations: of the targets.
        attempts: mean per target.
        success: share of targets that were reached.
    """

    name: str
    memory: int
    rounds: tuple[float, ...]
    seeding: float
    iterations: float
    median_iterations: float
    attempts: float
    success: float

    @property
    def per_solution(self) -> float:
        """Microseconds per verified solution, the median of the rounds."""
        return statistics.median(self.rounds)

    def times_as_fast_as(self, other: SeedingCost) -> float:
        """The median of the ratios of rounds that followed each other: what else the machine did hits both alike."""
        return statistics.median(theirs / ours for ours, theirs in zip(self.rounds, other.rounds, strict=True))


@dataclass(frozen=True)
class SeedBenchmark:
    """Does the network speed up the solver? The same search from every source of seeds, side by side.

    Attributes:
        arm: name of the arm.
        targets: how many were solved.
        tolerance: of position [m] and rotation [rad].
        rows: one for each source of seeds.
        position_mm: error of the network's best head at the tool; None without a network.
        rotation_deg: likewise; None without a rotation to reach.
        times_as_fast: how many times as fast the solver is with the network as with the best table; None without one.
        verdict: in words, whether the network is worth its memory.
    """

    arm: str
    targets: int
    tolerance: float
    rows: tuple[SeedingCost, ...]
    position_mm: Summary | None
    rotation_deg: Summary | None
    times_as_fast: float | None
    verdict: str

    @property
    def table(self) -> Table:
        """The search from every source of seeds, with its costs."""
        rows = [
            (
                row.name,
                f"{row.memory / 1e3:,.0f}",
                f"{row.per_solution:.2f}",
                f"{min(row.rounds):.2f}–{max(row.rounds):.2f}",
                f"{row.seeding:.2f}",
                f"{row.iterations:.1f}",
                f"{row.median_iterations:.0f}",
                f"{row.attempts:.2f}",
                f"{100.0 * row.success:.2f}",
            )
            for row in self.rows
        ]
        columns = (
            "seeds", "memory [kB]", "µs per solution", "min–max", "seeding [µs]", "iterations, mean", "median",
            "attempts", "solved [%]",
        )  # fmt: skip
        setup = f"{self.targets:,} fresh targets, one thread, to {self.tolerance:g} m and rad"
        return Table(f"Does the network speed up the solver? {setup}", columns, rows, self.verdict)

    def to_dict(self) -> dict[str, Any]:
        """`to_plain`, until callers have migrated."""
        return to_plain(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> SeedBenchmark:
        """`from_plain`, until callers have migrated."""
        return from_plain(data, cls, "benchmark of seeds", RunError)


Ablation = SeedBenchmark


def measure_ablation(
    arm: Arm, network: CompiledNetwork | None, targets: int = 10_000, rounds: int = 9, seed: int = 20_000
) -> SeedBenchmark:
    """Solve the same fresh targets from every kind of seed, in turn, several times.

    Args:
        arm: the arm.
        network: the seed network; None leaves its row out.
        targets: poses of joint positions drawn uniformly inside the limits.
        rounds: how often; the ways take turns, so that a busy moment hits all.
        seed: of the targets; not one that trainings use.

    Raises:
        ConfigError: no targets or no rounds.
    """
    if targets < 1 or rounds < 1:
        raise ConfigError(f"an ablation needs targets and rounds, got {targets} and {rounds}")
    tolerance = 1e-6
    search = _engine(arm, tolerance)
    q = arm.sample(targets, np.random.default_rng(seed))
    reached = arm.forward(q)
    packed = pack(arm.pose(q))
    ways = _ways(search, network, q, reached, packed)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    found: dict[str, Solutions] = {}
    for number in range(rounds + 1):
        for name, (_, seeds) in ways.items():
            began = time.perf_counter()
            starts, proposals = seeds()
            made = time.perf_counter()
            found[name] = _search(search, packed, starts, proposals)
            ended = time.perf_counter()
            if number > 0:  # the first round warms up
                times[name].append((1e6 * (ended - began) / targets, 1e6 * (made - began) / targets))
    rows = tuple(_row(name, ways[name][0], times[name], found[name]) for name in ways)
    position, rotation = (None, None) if network is None else _raw_errors(arm, network, reached)
    seeded = next((row for row in rows if row.name == NETWORK), None)
    ratio = None if seeded is None else seeded.times_as_fast_as(best_table(rows))
    verdict = _verdict(rows, position, rotation)
    return SeedBenchmark(arm.name, targets, tolerance, rows, position, rotation, ratio, verdict)


Seeds = tuple[Float[np.ndarray, "n k dof"] | None, Float[np.ndarray, "n heads dof"] | None]
Way = tuple[int, Callable[[], Seeds]]


def _ways(
    search: Search,
    network: CompiledNetwork | None,
    q: Float[np.ndarray, "n dof"],
    reached: Float[np.ndarray, "n ..."],
    packed: Float[np.ndarray, "n 12"],
) -> dict[str, Way]:
    """Memory and seeds of every way; the seeds are made anew at each call, as that is part of the cost."""
    arm, count = search.arm, len(q)
    stored = search.table.q.nbytes + search.table.features.nbytes
    restarts = arm.sample(count * RESTARTS, np.random.default_rng(1)).reshape(count, RESTARTS, arm.dof)
    ways: dict[str, Way] = {RANDOM: (0, lambda: (restarts, None)), STORED: (stored, lambda: (None, None))}
    per_sample = BYTES_PER_SAMPLE * (arm.dof + int((search.table.weights > 0.0).sum()))
    sizes = [LARGE_TABLE]
    if network is not None:
        sizes.insert(0, max(network.memory // per_sample, 8))
    for size in sizes:
        name = f"{TREE}, {size:,}"
        ways[name] = (size * per_sample, _tree(search, packed, size))
    if network is not None:
        ways[NETWORK] = (network.memory, lambda: (None, network.predict(network.spec.inputs_of(reached))))
    ways[ORACLE] = (0, lambda: (q[:, None], None))
    return ways


def _tree(search: Search, packed: Float[np.ndarray, "n 12"], size: int) -> Callable[[], Seeds]:
    """The eight nearest of so many samples, from a k-d tree over what a search minimises."""
    from scipy.spatial import cKDTree

    samples = search.arm.sample(size, np.random.default_rng(2))
    used = search.table.weights > 0.0
    weights = search.table.weights[used]
    tree = cKDTree(pack(search.arm.pose(samples))[:, used] * weights)

    def seeds() -> Seeds:
        _, rows = tree.query(packed[:, used] * weights, k=min(8, size))
        return samples[rows.reshape(len(packed), -1)], None

    return seeds


def _search(
    search: Search,
    packed: Float[np.ndarray, "n 12"],
    starts: Float[np.ndarray, "n k dof"] | None,
    proposals: Float[np.ndarray, "n heads dof"] | None,
) -> Solutions:
    """The search alone. Given starts are followed by spread samples, not by the nearest of the stored ones."""
    if starts is None:
        return search.solve(packed, None, proposals)
    return search.solve(packed, starts, look_up=False)


def _row(name: str, memory: int, times: list[tuple[float, float]], found: Solutions) -> SeedingCost:
    success = float(found.converged.mean())
    return SeedingCost(
        name=name,
        memory=memory,
        rounds=tuple(total / max(success, 1e-9) for total, _ in times),
        seeding=statistics.median(part for _, part in times),
        iterations=float(found.iterations.mean()),
        median_iterations=float(np.median(found.iterations)),
        attempts=float(found.attempts.mean()),
        success=success,
    )


def _raw_errors(
    arm: Arm, network: CompiledNetwork, targets: Float[np.ndarray, "n ..."]
) -> tuple[Summary, Summary | None]:
    """Errors at the tip of the head that forward kinematics put first."""
    proposals = network.predict(network.spec.inputs_of(targets))
    count, heads, dof = proposals.shape
    reached = arm.forward(proposals.reshape(-1, dof)).reshape(count, heads, *arm.task_shape)
    if arm.task != "pose":
        miss = np.linalg.norm(reached - targets[:, None], axis=2).min(axis=1)
        return summarise(1e3 * miss), None
    wanted = np.repeat(targets[:, None], heads, axis=1)
    miss, angle = position_error(reached, wanted), rotation_error(reached, wanted)
    length = _engine(arm).objective.length
    best = (miss**2 + (length * angle) ** 2).argmin(axis=1)
    rows = np.arange(count)
    return summarise(1e3 * miss[rows, best]), summarise(np.rad2deg(angle[rows, best]))


def best_table(rows: Sequence[SeedingCost]) -> SeedingCost:
    """The fastest way that looks seeds up, the solver's own stored samples among them."""
    tables = [row for row in rows if row.name == STORED or row.name.startswith(TREE)]
    return min(tables, key=lambda row: row.per_solution)


def _verdict(rows: tuple[SeedingCost, ...], position: Summary | None, rotation: Summary | None) -> str:
    """Whether the network beats every table, and how far off it is by itself, in a sentence each."""
    network = next((row for row in rows if row.name == NETWORK), None)
    if network is None or position is None:
        return "No network: the search begins at stored samples."
    best = best_table(rows)
    random = next(row for row in rows if row.name == RANDOM)
    ratio, gain = network.times_as_fast_as(best), network.times_as_fast_as(random)
    beats = "beats" if ratio > 1.0 else "does not beat"
    turned = "" if rotation is None else f" and {rotation.median:.2f}°"
    p95 = "" if rotation is None else f" and {rotation.p95:.2f}°"
    return (
        f"The network {beats} the best table ({best.name}, {best.memory / 1e3:,.0f} kB against "
        f"{network.memory / 1e3:,.0f} kB): {ratio:.2f} times as fast, {gain:.2f} times as fast as random restarts. "
        f"By itself it is off by {position.median:.2f} mm{turned} (median), {position.p95:.2f} mm{p95} (95 %)."
    )


def _engine(arm: Arm, tolerance: float = 1e-9) -> Search:
    config = SolverConfig(position_tolerance=tolerance, rotation_tolerance=tolerance)
    return Search.of(arm, goal_of(arm, config), config.attempts)
