"""The solver: batches, single calls, two threads, tracking, all solutions, the first solve of a process, and seeds.

    python -m benchmarks.solver

Every rate counts only verified solutions. Each ratio compares two measurements taken in turn.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

import kinverse as kv
from kinverse.apps.benchmark.timing import compare
from kinverse.ik.seed_networks import shipped_network
from kinverse.learning.evaluation.seed_benchmark import benchmark_seeds

ARMS = ("panda", "iiwa14", "ur5", "nao-right", "planar3")
TARGETS = 10_000
ROUNDS = 9
TOLERANCE = 1e-6
SINGLE_CALLS = 3000


def unseen_targets(arm: kv.Arm, count: int, seed: int = 31) -> np.ndarray:
    """Targets not used in training: forward kinematics of uniform joint positions."""
    poses = arm.forward_kinematics(arm.sample(count, np.random.default_rng(seed)))
    return kv.Goal.default(arm).targets(poses)


def solver_of(name: str, network: bool, threads: int = 1) -> kv.Solver:
    arm = kv.load_arm(name)
    settings = {"position_tolerance": TOLERANCE, "rotation_tolerance": TOLERANCE, "threads": threads}
    return kv.Solver(arm, network="shipped" if network else None, **settings)


def batch_rows() -> None:
    """Verified solutions per second on one thread."""
    print("### Batches of 10,000 unseen targets, one thread, to 1e-6 m and 1e-6 rad\n")
    print("| arm | seeds | solutions/s (median) | min–max | µs per target | success % | iterations (mean) |")
    print("|---|---|---|---|---|---|---|")
    for name in ARMS:
        for network in (True, False):
            solver = solver_of(name, network)
            if network and solver.network is None:
                continue
            targets = unseen_targets(solver.arm, TARGETS)
            found = solver.solve(targets)
            rates = []
            for _ in range(ROUNDS):
                start = time.perf_counter()
                found = solver.solve(targets)
                rates.append(found.converged.sum() / (time.perf_counter() - start))
            rate = statistics.median(rates)
            print(
                f"| {name} | {'network' if network else 'stored samples'} | {rate:,.0f} | "
                f"{min(rates):,.0f}–{max(rates):,.0f} | {1e6 / rate:.2f} | {100 * found.converged.mean():.3f} | "
                f"{found.iterations.mean():.1f} |",
                flush=True,
            )


def large_batch() -> None:
    """Count the failures among a million targets."""
    solver = solver_of("panda", True, threads=2)  # the default for the Panda
    targets = unseen_targets(solver.arm, 1_000_000, 77)
    start = time.perf_counter()
    found = solver.solve(targets)
    print(
        f"\nA million targets of the Panda on two threads: {int((~found.converged).sum())} not solved, "
        f"{time.perf_counter() - start:.1f} s.\n"
    )


def thread_rows() -> None:
    print("### Two threads compared with one, batch of 100,000\n\n| arm | ratio (median) | min–max |\n|---|---|---|")
    for name in ARMS[:3]:
        one, two = (
            kv.Solver(name, position_tolerance=TOLERANCE, rotation_tolerance=TOLERANCE, threads=n) for n in (1, 2)
        )
        targets = unseen_targets(one.arm, 100_000)
        ratio = compare(lambda s=two, t=targets: s.solve(t), lambda s=one, t=targets: s.solve(t), ROUNDS).ratio
        print(f"| {name} | {ratio.median:.2f} | {ratio.lowest:.2f}–{ratio.highest:.2f} |", flush=True)


def single_rows() -> None:
    print(
        f"\n### One target at a time from Python, {SINGLE_CALLS} calls\n\n"
        "| arm | seeds | median µs | p95 | p99 | failures |\n|---|---|---|---|---|---|"
    )
    for name in ARMS:
        for network in (True, False):
            solver = solver_of(name, network)
            if network and solver.network is None:
                continue
            times, failures = [], 0
            targets = unseen_targets(solver.arm, SINGLE_CALLS + 200)
            for number, target in enumerate(targets):
                start = time.perf_counter()
                found = solver.solve(target)
                if number >= 200:
                    times.append(1e6 * (time.perf_counter() - start))
                    failures += not found.converged
            median, p95, p99 = np.percentile(times, [50, 95, 99])
            kind = "network" if network else "stored samples"
            print(f"| {name} | {kind} | {median:.1f} | {p95:.1f} | {p99:.1f} | {failures} |", flush=True)


def joint_path(arm: kv.Arm, count: int = 10_000) -> np.ndarray:
    """A smooth joint motion through the inner part of the limits."""
    rng = np.random.default_rng(0)
    lower, upper = arm.sampling_limits
    phase = np.linspace(0, 1, count)[:, None] * rng.uniform(0.3, 1.0, arm.dof) + rng.uniform(0, 1, arm.dof)
    return 0.5 * (lower + upper) + 0.15 * (upper - lower) * np.sin(2 * np.pi * phase)


def track_rows() -> None:
    print(
        "\n### Tracking 10,000 points of a smooth motion, from its first joint positions\n\n"
        "| arm | µs per point (median) | min–max | jumps | joint motion | joint motion of the original path |\n"
        "|---|---|---|---|---|---|"
    )
    for name in ARMS:
        solver = kv.Solver(name)
        q = joint_path(solver.arm)
        path = solver.goal.targets(solver.arm.forward_kinematics(q))
        track, times = solver.track(path, q[0]), []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            track = solver.track(path, q[0])
            times.append(1e6 * (time.perf_counter() - start) / len(path))
        motion = np.linalg.norm(np.diff(q, axis=0), axis=1).sum()
        print(
            f"| {name} | {statistics.median(times):.2f} | {min(times):.2f}–{max(times):.2f} | {len(track.jumps)} | "
            f"{track.motion:.2f} | {motion:.2f} |",
            flush=True,
        )


def branch_rows() -> None:
    """All branches of the UR5 compared with EAIK's closed form, on a thousand targets."""
    try:
        from eaik.IK_Homogeneous import HomogeneousRobot
    except ImportError:
        print("\nEAIK is not installed: pip install 'kinverse[bench]'")
        return
    solver = kv.Solver("ur5", threads=1)
    closed_form = HomogeneousRobot(solver.arm.link_poses(np.zeros(6)))
    missing = extra = 0
    counts: dict[int, int] = {}
    spent = 0.0
    for target in unseen_targets(solver.arm, 1000):
        answer = closed_form.IK(target)
        truth = np.asarray(answer.Q)[~np.asarray(answer.is_LS)]
        start = time.perf_counter()
        found = solver.all_solutions(target, limit=64)
        spent += time.perf_counter() - start
        gap = np.abs((truth[:, None] - found.q[None] + np.pi) % (2 * np.pi) - np.pi).max(axis=2)
        missing += int((gap.min(axis=1) > 1e-3).sum())
        extra += int((gap.min(axis=0) > 1e-3).sum())
        counts[len(found)] = counts.get(len(found), 0) + 1
    print(
        f"\n### All solutions of the UR5, 1000 targets, compared with EAIK's closed form\n\nmissing {missing}, "
        f"additional {extra}; branches: {dict(sorted(counts.items()))}; {spent:.2f} ms per target."
    )


def start_rows() -> None:
    """Time from the import to the first solution in a new process, with and without compile caches."""
    script = (
        "import time; start = time.perf_counter(); import kinverse as kv; s = kv.Solver('panda'); "
        "s.solve(s.arm.forward_kinematics([0.1, 0.2, 0.3, -1.0, 0.1, 1.2, 0.4])); print(time.perf_counter() - start)"
    )

    def first_solution(**environment: str) -> float:
        done = subprocess.run(
            [sys.executable, "-c", script], check=True, capture_output=True, env={**os.environ, **environment}
        )
        return float(done.stdout)

    first_solution()
    warm = [first_solution() for _ in range(15)]
    with tempfile.TemporaryDirectory() as cache:
        cold = first_solution(NUMBA_CACHE_DIR=cache)
    print(
        f"\n### The first solve of a process\n\nFrom `import kinverse` to the first solution of the Panda with its "
        f"network: {statistics.median(warm):.2f} s ({min(warm):.2f}–{max(warm):.2f}); without compile "
        f"caches, as on a new machine: {cold:.1f} s."
    )


def seed_rows() -> None:
    """Compare the seeds of the network with other seeds, on every arm with a network."""
    for name in ARMS[:4]:
        arm = kv.load_arm(name)
        result = benchmark_seeds(arm, shipped_network(arm, even_if_slower=True))
        print(f"\n### Seeds of the {name}\n")
        table = result.table
        print(f"| {' | '.join(table.columns)} |\n|{'---|' * len(table.columns)}")
        for row in table.rows:
            print(f"| {' | '.join(map(str, row))} |")
        print(f"\n{result.verdict}", flush=True)


def main() -> None:
    """Print all tables."""
    batch_rows()
    large_batch()
    thread_rows()
    single_rows()
    track_rows()
    branch_rows()
    start_rows()
    seed_rows()


if __name__ == "__main__":
    main()
