"""Does the network speed up the solver? The same search from random seeds, tables, the network and the solution."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from kinverse.errors import ConfigError
from kinverse.geometry import position_error, rotation_error
from kinverse.ik.config import SolverConfig
from kinverse.ik.goal import Goal
from kinverse.ik.search import Search
from kinverse.ik.seeds import pack
from kinverse.ik.solutions import Solutions
from kinverse.learning.evaluation.metrics import Summary, summarise
from kinverse.learning.evaluation.paired import PairedRatio, paired_ratio
from kinverse.network.compiled import CompiledNetwork
from kinverse.robot.arm import Arm
from kinverse.tables import Table

RANDOM, STORED, TREE, NETWORK, ORACLE = (
    "random restarts", "stored samples (the solver's own)", "nearest-neighbour table", "network", "oracle seed",
)  # fmt: skip
BYTES_PER_NUMBER = 8
"""Size of a number in a table: float64, as in the tree and the solver."""
LARGE_TABLE = 100_000
RESTARTS = 24
TOLERANCE = 1e-6
"""Position [m] and rotation [rad]."""


@dataclass(frozen=True)
class SeedSource:
    """One source of seeds, measured on fresh targets, on one thread.

    Attributes:
        name: name of the source.
        memory: size in memory [bytes].
        rounds: microseconds per verified solution in all (making seeds, searching, verifying), of each round.
        seeding: microseconds per target for the seeds, median of the rounds.
        iterations: mean number of iterations per target, over all attempts.
        median_iterations: median number of iterations per target.
        attempts: mean number of attempts per target.
        success: share of targets that were solved.
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

    def times_as_fast_as(self, other: SeedSource) -> PairedRatio:
        """Ratio of the speeds over paired rounds, so that other load on the machine affects both alike."""
        return paired_ratio(other.rounds, self.rounds)


@dataclass(frozen=True)
class SeedBenchmark:
    """Does the network speed up the solver? The same search from every source of seeds, side by side.

    Attributes:
        arm: name of the arm.
        targets: number of targets.
        tolerance: tolerance of position [m] and rotation [rad].
        rows: one for each source of seeds.
        position_mm: error of the network's best head at the tool; None without a network.
        rotation_deg: likewise; None if the goal has no rotation.
        times_as_fast: ratio of the solver's speed with the network to that with the best table; None without one.
        verdict: in words, whether the network is worth its memory.
    """

    arm: str
    targets: int
    tolerance: float
    rows: tuple[SeedSource, ...]
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


def benchmark_seeds(
    arm: Arm,
    network: CompiledNetwork | None,
    goal: Goal | None = None,
    *,
    targets: int = 10_000,
    rounds: int = 9,
    seed: int = 20_000,
) -> SeedBenchmark:
    """Solve the same fresh targets from every source of seeds, in turn, several times.

    Args:
        arm: the arm.
        network: the seed network; None leaves its row out.
        goal: the goal; default: `Goal.default(arm)`. The benchmark sets the tolerances.
        targets: number of targets, reached by joint positions drawn uniformly inside the limits.
        rounds: number of repetitions; the sources take turns, so that other load affects all of them.
        seed: seed of the targets; not one that trainings use.

    Raises:
        ConfigError: `targets` or `rounds` is below 1.
    """
    if targets < 1 or rounds < 1:
        raise ConfigError(f"a benchmark of seeds needs at least 1 target and 1 round, got {targets} and {rounds}")
    goal = replace(goal or Goal.default(arm), position_tolerance=TOLERANCE, rotation_tolerance=TOLERANCE)
    search = Search.of(arm, goal, SolverConfig().attempts)
    q = arm.sample(targets, np.random.default_rng(seed))
    poses = arm.forward_kinematics(q)
    packed = pack(poses)
    sources = _sources(search, network, q, goal.targets(poses), packed)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in sources}
    found: dict[str, Solutions] = {}
    for number in range(rounds + 1):
        for name, (_, seeds) in sources.items():
            began = time.perf_counter()
            starts, predictions = seeds()
            made = time.perf_counter()
            found[name] = _solve(search, packed, starts, predictions)
            ended = time.perf_counter()
            if number > 0:  # the first round warms up
                times[name].append((1e6 * (ended - began) / targets, 1e6 * (made - began) / targets))
    rows = tuple(_row(name, sources[name][0], times[name], found[name]) for name in sources)
    position, rotation = (None, None) if network is None else _network_errors(search, network, goal.targets(poses))
    own = next((row for row in rows if row.name == NETWORK), None)
    ratio = None if own is None else own.times_as_fast_as(best_table(rows)).ratio
    words = verdict(rows, position, rotation)
    return SeedBenchmark(arm.name, targets, TOLERANCE, rows, position, rotation, ratio, words)


Seeds = tuple[Float[np.ndarray, "n k dof"] | None, Float[np.ndarray, "n heads dof"] | None]
Source = tuple[int, Callable[[], Seeds]]


def _sources(
    search: Search,
    network: CompiledNetwork | None,
    q: Float[np.ndarray, "n dof"],
    targets: Float[np.ndarray, "n ..."],
    packed: Float[np.ndarray, "n 12"],
) -> dict[str, Source]:
    """Memory and seeds of every source; the seeds are made at each call, as that is part of the cost."""
    arm, count = search.arm, len(q)
    stored = search.table.q.nbytes + search.table.features.nbytes
    restarts = arm.sample(count * RESTARTS, np.random.default_rng(1)).reshape(count, RESTARTS, arm.dof)
    sources: dict[str, Source] = {RANDOM: (0, lambda: (restarts, None)), STORED: (stored, lambda: (None, None))}
    per_sample = BYTES_PER_NUMBER * (arm.dof + int((search.table.weights > 0.0).sum()))
    sizes = [LARGE_TABLE]
    if network is not None:
        sizes.insert(0, max(network.memory // per_sample, 8))
    for size in sizes:
        sources[f"{TREE}, {size:,}"] = (size * per_sample, _tree(search, packed, size))
    if network is not None:
        sources[NETWORK] = (network.memory, lambda: (None, network.predict(network.spec.inputs_of(targets))))
    sources[ORACLE] = (0, lambda: (q[:, None], None))
    return sources


def _tree(search: Search, packed: Float[np.ndarray, "n 12"], size: int) -> Callable[[], Seeds]:
    """Return a function that gives the eight nearest of `size` samples, by a k-d tree over weighted poses."""
    from scipy.spatial import cKDTree

    samples = search.arm.sample(size, np.random.default_rng(2))
    used = search.table.weights > 0.0
    weights = search.table.weights[used]
    tree = cKDTree(pack(search.arm.forward_kinematics(samples))[:, used] * weights)

    def seeds() -> Seeds:
        _, rows = tree.query(packed[:, used] * weights, k=min(8, size))
        return samples[rows.reshape(len(packed), -1)], None

    return seeds


def _solve(
    search: Search,
    packed: Float[np.ndarray, "n 12"],
    starts: Float[np.ndarray, "n k dof"] | None,
    predictions: Float[np.ndarray, "n heads dof"] | None,
) -> Solutions:
    """Only the search. Given starts are followed by spread samples, not by the nearest stored ones."""
    if starts is None:
        return search.solve(packed, None, predictions)
    return search.solve(packed, starts, look_up=False)


def _row(name: str, memory: int, times: list[tuple[float, float]], found: Solutions) -> SeedSource:
    success = float(found.converged.mean())
    return SeedSource(
        name=name,
        memory=memory,
        rounds=tuple(total / max(success, 1e-9) for total, _ in times),
        seeding=statistics.median(part for _, part in times),
        iterations=float(found.iterations.mean()),
        median_iterations=float(np.median(found.iterations)),
        attempts=float(found.attempts.mean()),
        success=success,
    )


def _network_errors(
    search: Search, network: CompiledNetwork, targets: Float[np.ndarray, "n ..."]
) -> tuple[Summary, Summary | None]:
    """Position [mm] and rotation errors [degrees] at the tool, of each target's best head."""
    reached = search.arm.forward_kinematics(network.predict(network.spec.inputs_of(targets)))  # (n, heads, 4, 4)
    if targets.ndim == 2:
        miss = np.linalg.norm(reached[..., : targets.shape[1], 3] - targets[:, None], axis=2).min(axis=1)
        return summarise(1e3 * miss), None
    wanted = np.broadcast_to(targets[:, None], reached.shape)
    miss, angle = position_error(reached, wanted), rotation_error(reached, wanted)
    best = (miss**2 + (search.objective.length * angle) ** 2).argmin(axis=1)
    rows = np.arange(len(targets))
    return summarise(1e3 * miss[rows, best]), summarise(np.rad2deg(angle[rows, best]))


def best_table(rows: Sequence[SeedSource]) -> SeedSource:
    """The fastest source that looks seeds up, the solver's own stored samples among them."""
    tables = [row for row in rows if row.name == STORED or row.name.startswith(TREE)]
    return min(tables, key=lambda row: row.per_solution)


def verdict(rows: tuple[SeedSource, ...], position: Summary | None, rotation: Summary | None) -> str:
    """Two sentences: whether the network is clearly faster than every table, and its errors without the solver.

    It "beats the table", or does not, only where the 95 % interval of the paired rounds' ratio excludes 1.
    """
    network = next((row for row in rows if row.name == NETWORK), None)
    if network is None or position is None:
        return "No network: the search begins at stored samples."
    best = best_table(rows)
    random = next(row for row in rows if row.name == RANDOM)
    ratio, gain = network.times_as_fast_as(best), network.times_as_fast_as(random)
    table = f"the best table ({best.name}, {best.memory / 1e3:,.0f} kB, compared with {network.memory / 1e3:,.0f} kB)"
    beats = f"The network beats {table}"
    if not ratio.is_clear:
        beats = f"No clear difference between the network and {table}"
    elif ratio.ratio < 1.0:
        beats = f"The network does not beat {table}"
    turned = "" if rotation is None else f" and {rotation.median:.2f}°"
    p95 = "" if rotation is None else f" and {rotation.p95:.2f}°"
    return (
        f"{beats}: {ratio} times as fast, {gain} times as fast as random restarts (95 % intervals of paired rounds). "
        f"By itself it is off by {position.median:.2f} mm{turned} (median), {position.p95:.2f} mm{p95} (95 %)."
    )
