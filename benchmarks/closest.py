"""The closest joint positions to targets out of reach: does a local optimiser come closer from there?

    python -m benchmarks.closest [--targets 2000] [--out FOLDER]

SciPy's L-BFGS-B starts from the solver's answer to every target that is not reached, inside the joint limits, with the
cost from plain forward kinematics and SciPy's rotations. At most 1e-7 m is allowed.
"""

from __future__ import annotations

import argparse
import csv
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

import kinverse as kv
from tests.support.closest import gain, hostile_targets

ARMS = ("panda", "ur5", "iiwa14", "nao-left", "nao-right")
WEIGHT = 0.3
"""Metres for a radian."""


def gains(name: str, count: int) -> tuple[str, int, int, list[float]]:
    """The arm, its targets, how many are proven to be out of reach, and the gain for each that is not solved."""
    goal = kv.Goal.pose(rotation_weight=WEIGHT)
    solver = kv.Solver(name, goal, threads=1)
    T = hostile_targets(solver.arm, count)
    found = solver.solve(T)
    missed = np.flatnonzero(~found.converged)
    values = [gain(solver.arm, goal, WEIGHT, T[row], found.q[row]) for row in missed]
    return name, count, int(found.unreachable.sum()), values


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", type=int, default=2000)
    parser.add_argument("--out", type=Path, default=None)
    arguments = parser.parse_args()
    rows: list[tuple[object, ...]] = [
        ("arm", "targets", "not solved", "proven unreachable", "median gain [m]", "largest gain [m]")
    ]
    with ProcessPoolExecutor(2) as pool:
        for name, count, proven, values in pool.map(gains, ARMS, [arguments.targets] * len(ARMS)):
            rows.append((name, count, len(values), proven, f"{np.median(values):.2g}", f"{max(values):.2g}"))
    if arguments.out is not None:
        arguments.out.mkdir(parents=True, exist_ok=True)
        with (arguments.out / "closest.csv").open("w", newline="") as file:
            csv.writer(file).writerows(rows)
    csv.writer(sys.stdout).writerows(rows)


if __name__ == "__main__":
    main()
